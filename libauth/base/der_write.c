/* SPDX-License-Identifier: Apache-2.0 */
#include "base/der.h"

#include <string.h>

der_writer der_writer_on(uint8_t *room, size_t size)
{
    return (der_writer){.room = room, .size = size};
}

auth_bytes der_written(const der_writer *writer)
{
    if (writer->has_failed)
        return (auth_bytes){NULL, 0};
    return (auth_bytes){writer->room, writer->len};
}

void der_put(der_writer *writer, auth_bytes der)
{
    if (writer->has_failed || der.len > writer->size - writer->len) {
        writer->has_failed = true;
        return;
    }
    if (der.len > 0)
        memcpy(writer->room + writer->len, der.data, der.len);
    writer->len += der.len;
}

static void put_octet(der_writer *writer, uint8_t octet)
{
    der_put(writer, (auth_bytes){&octet, 1});
}

static size_t length_octets(size_t content_len)
{
    size_t octets = 0;
    for (size_t rest = content_len; rest != 0; rest >>= 8)
        octets++;
    return octets;
}

size_t der_header_len(size_t content_len)
{
    return content_len < 0x80 ? 2 : 2 + length_octets(content_len);
}

void der_put_header(der_writer *writer, uint8_t tag, size_t content_len)
{
    put_octet(writer, tag);
    if (content_len < 0x80) {
        put_octet(writer, (uint8_t)content_len);
        return;
    }
    size_t octets = length_octets(content_len);
    put_octet(writer, (uint8_t)(0x80U | octets));
    for (size_t i = octets; i > 0; i--)
        put_octet(writer, (uint8_t)(content_len >> (8 * (i - 1))));
}

void der_put_item(der_writer *writer, uint8_t tag, auth_bytes content)
{
    der_put_header(writer, tag, content.len);
    der_put(writer, content);
}

/* One length octet is kept free; der_close moves the content when it takes more. */
size_t der_open(der_writer *writer, uint8_t tag)
{
    put_octet(writer, tag);
    put_octet(writer, 0);
    return writer->len;
}

void der_close(der_writer *writer, size_t mark)
{
    if (writer->has_failed)
        return;
    size_t content_len = writer->len - mark;
    size_t more = der_header_len(content_len) - 2;
    if (more > writer->size - writer->len) {
        writer->has_failed = true;
        return;
    }
    if (more > 0)
        memmove(writer->room + mark + more, writer->room + mark, content_len);
    uint8_t tag = writer->room[mark - 2];
    writer->len = mark - 2;
    der_put_header(writer, tag, content_len);
    writer->len += content_len;
}

void der_put_bool(der_writer *writer, bool value)
{
    uint8_t content = value ? 0xff : 0x00;
    der_put_item(writer, DER_BOOLEAN, (auth_bytes){&content, 1});
}

void der_put_unsigned(der_writer *writer, auth_bytes big_endian)
{
    while (big_endian.len > 1 && big_endian.data[0] == 0) {
        big_endian.data++;
        big_endian.len--;
    }
    bool needs_sign = big_endian.len == 0 || big_endian.data[0] >= 0x80;
    der_put_header(writer, DER_INTEGER, big_endian.len + (needs_sign ? 1 : 0));
    if (needs_sign)
        put_octet(writer, 0);
    der_put(writer, big_endian);
}

void der_put_uint(der_writer *writer, uint64_t value)
{
    uint8_t big_endian[8];
    for (size_t i = 0; i < sizeof big_endian; i++)
        big_endian[i] = (uint8_t)(value >> (8 * (7 - i)));
    der_put_unsigned(writer, (auth_bytes){big_endian, sizeof big_endian});
}

void der_put_enumerated(der_writer *writer, uint8_t value)
{
    der_put_item(writer, DER_ENUMERATED, (auth_bytes){&value, 1});
}

void der_put_null(der_writer *writer) { der_put_header(writer, DER_NULL, 0); }

void der_put_oid(der_writer *writer, auth_bytes content) { der_put_item(writer, DER_OID, content); }

void der_put_bit_octets(der_writer *writer, auth_bytes octets)
{
    der_put_header(writer, DER_BIT_STRING, octets.len + 1);
    put_octet(writer, 0);
    der_put(writer, octets);
}

void der_put_named_bits(der_writer *writer, uint8_t tag, uint32_t bits)
{
    uint8_t content[5] = {0};
    size_t len = 1;
    for (unsigned bit = 0; bit < 32; bit++) {
        if ((bits >> bit & 1U) == 0)
            continue;
        content[1 + bit / 8] = (uint8_t)(content[1 + bit / 8] | 0x80U >> bit % 8);
        len = 2 + bit / 8;
        content[0] = (uint8_t)(7 - bit % 8);
    }
    der_put_item(writer, tag, (auth_bytes){content, len});
}

void der_put_time(der_writer *writer, auth_time time)
{
    char text[AUTH_TIME_TEXT_SIZE];
    uint8_t tag = auth_time_format_asn1(time, text);
    der_put_item(writer, tag, auth_bytes_from_text(text));
}

void der_put_generalized_time(der_writer *writer, auth_time time)
{
    char text[AUTH_TIME_TEXT_SIZE];
    uint8_t tag = auth_time_format_asn1(time, text);
    if (tag == AUTH_ASN1_GENERALIZED_TIME) {
        der_put_item(writer, tag, auth_bytes_from_text(text));
        return;
    }
    /* UTCTime's two-digit year stands for 1950 to 2049 (RFC 5280 4.1.2.5.1). */
    der_put_header(writer, AUTH_ASN1_GENERALIZED_TIME, strlen(text) + 2);
    der_put(writer, auth_bytes_from_text(text[0] >= '5' ? "19" : "20"));
    der_put(writer, auth_bytes_from_text(text));
}

/* Reads a decimal arc without leading zeros and moves on. */
static bool parse_arc(const char **text, uint64_t *out)
{
    const char *at = *text;
    if (*at < '0' || *at > '9' || (*at == '0' && at[1] >= '0' && at[1] <= '9'))
        return false;
    uint64_t arc = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (arc > (UINT64_MAX - digit) / 10)
            return false;
        arc = arc * 10 + digit;
    }
    *text = at;
    *out = arc;
    return true;
}

static void put_arc(der_writer *writer, uint64_t arc)
{
    unsigned shift = 0;
    for (uint64_t rest = arc >> 7; rest != 0; rest >>= 7)
        shift += 7;
    for (; shift > 0; shift -= 7)
        put_octet(writer, (uint8_t)(0x80U | (arc >> shift & 0x7fU)));
    put_octet(writer, (uint8_t)(arc & 0x7fU));
}

bool der_oid_parse(const char *text, uint8_t *out, size_t size, size_t *len)
{
    der_writer writer = der_writer_on(out, size);
    uint64_t first = 0;
    uint64_t second = 0;
    if (!parse_arc(&text, &first) || first > 2 || *text++ != '.' || !parse_arc(&text, &second) ||
        (first < 2 && second > 39) || second > UINT64_MAX - 80)
        return false;
    put_arc(&writer, first * 40 + second);
    while (*text == '.') {
        uint64_t arc = 0;
        text++;
        if (!parse_arc(&text, &arc))
            return false;
        put_arc(&writer, arc);
    }
    if (*text != '\0' || writer.has_failed)
        return false;
    *len = writer.len;
    return true;
}
