/* SPDX-License-Identifier: Apache-2.0 */
#include "base/der.h"

#include <stdio.h>

/* An item longer than this is refused: a CRL of two million entries fits. */
#define LENGTH_MAX ((size_t)1 << 28)

/* Reads tag and length at the start of cursor; *header becomes how many octets they take. */
static bool read_header(auth_bytes cursor, size_t *header, size_t *len)
{
    if (cursor.len < 2 || (cursor.data[0] & 0x1fU) == 0x1fU)
        return false;
    uint8_t first = cursor.data[1];
    *header = 2;
    *len = first;
    if (first < 0x80)
        return true;
    size_t octets = first & 0x7fU;
    if (octets == 0 || octets > 4 || cursor.len < 2 + octets)
        return false;
    *len = 0;
    for (size_t i = 0; i < octets; i++)
        *len = *len << 8 | cursor.data[2 + i];
    *header = 2 + octets;
    /* X.690 10.1: as few length octets as can be. */
    bool is_minimal = octets == 1 ? *len >= 0x80 : *len >> (8 * (octets - 1)) != 0;
    return is_minimal && *len <= LENGTH_MAX;
}

bool der_next(auth_bytes *cursor, der_item *out)
{
    size_t header = 0;
    size_t len = 0;
    if (!read_header(*cursor, &header, &len) || cursor->len - header < len)
        return false;
    out->tag = cursor->data[0];
    out->content = (auth_bytes){cursor->data + header, len};
    out->whole = (auth_bytes){cursor->data, header + len};
    cursor->data += header + len;
    cursor->len -= header + len;
    return true;
}

bool der_peek(auth_bytes cursor, uint8_t tag) { return cursor.len > 0 && cursor.data[0] == tag; }

bool der_take_item(auth_bytes *cursor, uint8_t tag, der_item *out)
{
    return der_peek(*cursor, tag) && der_next(cursor, out);
}

bool der_take(auth_bytes *cursor, uint8_t tag, auth_bytes *content)
{
    der_item item;
    if (!der_take_item(cursor, tag, &item))
        return false;
    *content = item.content;
    return true;
}

bool der_take_optional(auth_bytes *cursor, uint8_t tag, auth_bytes *content)
{
    if (der_peek(*cursor, tag))
        return der_take(cursor, tag, content);
    *content = (auth_bytes){NULL, 0};
    return true;
}

bool der_only(auth_bytes der, uint8_t tag, auth_bytes *content)
{
    auth_bytes found;
    if (!der_take(&der, tag, &found) || der.len != 0)
        return false;
    *content = found;
    return true;
}

bool der_is_integer(auth_bytes content)
{
    if (content.len == 0)
        return false;
    if (content.len == 1)
        return true;
    bool has_spare_zero = content.data[0] == 0x00 && content.data[1] < 0x80;
    bool has_spare_ones = content.data[0] == 0xff && content.data[1] >= 0x80;
    return !has_spare_zero && !has_spare_ones;
}

bool der_take_integer(auth_bytes *cursor, auth_bytes *content)
{
    auth_bytes at = *cursor;
    auth_bytes found;
    if (!der_take(&at, DER_INTEGER, &found) || !der_is_integer(found))
        return false;
    *cursor = at;
    *content = found;
    return true;
}

bool der_take_uint(auth_bytes *cursor, uint64_t max, uint64_t *out)
{
    auth_bytes at = *cursor;
    auth_bytes content;
    if (!der_take_integer(&at, &content) || content.data[0] >= 0x80 || content.len > 9 ||
        (content.len == 9 && content.data[0] != 0))
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < content.len; i++)
        value = value << 8 | content.data[i];
    if (value > max)
        return false;
    *cursor = at;
    *out = value;
    return true;
}

bool der_take_bool(auth_bytes *cursor, bool *out)
{
    auth_bytes at = *cursor;
    auth_bytes content;
    if (!der_take(&at, DER_BOOLEAN, &content) || content.len != 1 ||
        (content.data[0] != 0x00 && content.data[0] != 0xff))
        return false;
    *cursor = at;
    *out = content.data[0] == 0xff;
    return true;
}

bool der_take_enumerated(auth_bytes *cursor, uint8_t *out)
{
    auth_bytes at = *cursor;
    auth_bytes content;
    if (!der_take(&at, DER_ENUMERATED, &content) || content.len != 1 || content.data[0] >= 0x80)
        return false;
    *cursor = at;
    *out = content.data[0];
    return true;
}

/* X.690 8.19.2: arcs end in an octet below 0x80 and none begins with 0x80. */
bool der_is_oid(auth_bytes content)
{
    if (content.len == 0 || content.data[content.len - 1] >= 0x80)
        return false;
    bool is_arc_start = true;
    for (size_t i = 0; i < content.len; i++) {
        if (is_arc_start && content.data[i] == 0x80)
            return false;
        is_arc_start = content.data[i] < 0x80;
    }
    return true;
}

bool der_take_oid(auth_bytes *cursor, auth_bytes *content)
{
    auth_bytes at = *cursor;
    auth_bytes found;
    if (!der_take(&at, DER_OID, &found) || !der_is_oid(found))
        return false;
    *cursor = at;
    *content = found;
    return true;
}

bool der_take_bits(auth_bytes *cursor, auth_bytes *octets, uint8_t *unused_bits)
{
    auth_bytes at = *cursor;
    auth_bytes content;
    if (!der_take(&at, DER_BIT_STRING, &content) || content.len == 0)
        return false;
    uint8_t unused = content.data[0];
    if (unused > 7 || (unused > 0 && content.len == 1))
        return false;
    uint8_t last = content.data[content.len - 1];
    if (unused > 0 && (last & ((1U << unused) - 1U)) != 0)
        return false;
    *cursor = at;
    *octets = (auth_bytes){content.data + 1, content.len - 1};
    *unused_bits = unused;
    return true;
}

bool der_take_bit_octets(auth_bytes *cursor, auth_bytes *octets)
{
    auth_bytes at = *cursor;
    auth_bytes found;
    uint8_t unused = 0;
    if (!der_take_bits(&at, &found, &unused) || unused != 0)
        return false;
    *cursor = at;
    *octets = found;
    return true;
}

bool der_take_time(auth_bytes *cursor, auth_time *out, auth_error *err)
{
    auth_bytes at = *cursor;
    der_item item;
    if (!der_next(&at, &item)) {
        (void)auth_error_set(err, AUTH_STATUS_MALFORMED, "time: not DER (X.690)");
        return false;
    }
    if (auth_time_parse_asn1(item.tag, item.content, out, err) != AUTH_STATUS_OK)
        return false;
    *cursor = at;
    return true;
}

/* Reads one arc and moves on; false when it does not fit 64 bits. */
static bool next_arc(auth_bytes *content, uint64_t *out)
{
    uint64_t arc = 0;
    while (content->len > 0) {
        uint8_t octet = content->data[0];
        if (arc >> 57 != 0)
            return false;
        arc = arc << 7 | (octet & 0x7fU);
        content->data++;
        content->len--;
        if (octet < 0x80) {
            *out = arc;
            return true;
        }
    }
    return false;
}

bool der_oid_text(auth_bytes content, char *out, size_t size)
{
    uint64_t arc = 0;
    if (!der_is_oid(content) || !next_arc(&content, &arc))
        return false;
    /* X.690 8.19.4: the first two arcs share one number. */
    uint64_t first = arc < 80 ? arc / 40 : 2;
    int n = snprintf(out, size, "%llu.%llu", (unsigned long long)first,
                     (unsigned long long)(arc - first * 40));
    size_t len = (size_t)n;
    while (content.len > 0) {
        if (n < 0 || len >= size || !next_arc(&content, &arc))
            return false;
        n = snprintf(out + len, size - len, ".%llu", (unsigned long long)arc);
        len += (size_t)n;
    }
    return n >= 0 && len < size;
}
