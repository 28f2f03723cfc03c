/* SPDX-License-Identifier: Apache-2.0 */
#include "key/digest.h"
#include "x509/name.h"
#include "x509/text.h"

#include <stdlib.h>
#include <string.h>

/* Attributes of one RDN are compared each with each; more than a handful is no name. */
#define RDN_ATTRIBUTES_MAX 16

x509_name_cursor x509_name_start(auth_bytes name)
{
    x509_name_cursor cursor = {0};
    cursor.is_malformed = !der_only(name, DER_SEQUENCE, &cursor.rdns);
    return cursor;
}

static bool take_attribute(auth_bytes *set, x509_attribute *out)
{
    auth_bytes attribute;
    der_item value;
    if (!der_take(set, DER_SEQUENCE, &attribute) || !der_take_oid(&attribute, &out->type) ||
        !der_next(&attribute, &value) || attribute.len > 0)
        return false;
    out->id = oid_find(out->type);
    out->tag = value.tag;
    out->value = value.content;
    out->whole = value.whole;
    return true;
}

bool x509_name_next(x509_name_cursor *cursor, x509_attribute *out)
{
    if (cursor->is_malformed)
        return false;
    bool starts_rdn = cursor->set.len == 0;
    if (starts_rdn && cursor->rdns.len == 0)
        return false;
    x509_attribute found;
    if ((starts_rdn && !der_take(&cursor->rdns, DER_SET, &cursor->set)) ||
        !take_attribute(&cursor->set, &found)) {
        cursor->is_malformed = true;
        return false;
    }
    found.starts_rdn = starts_rdn;
    *out = found;
    return true;
}

static bool is_space(uint32_t code) { return code == ' ' || (code >= 0x09 && code <= 0x0d); }

/* A string's characters as RFC 5280 7.1 compares them. */
typedef struct folded_text {
    uint8_t tag;
    auth_bytes rest;
    bool has_begun;
    bool has_held; /* a character read behind spaces waits its turn */
    uint32_t held;
} folded_text;

/* Takes the next folded character; 0 at the end, since NUL has no place in a text compared here. */
static uint32_t next_folded(folded_text *text)
{
    uint32_t code = 0;
    if (text->has_held) {
        text->has_held = false;
        return text->held;
    }
    bool has_space = false;
    while (x509_next_character(text->tag, &text->rest, &code)) {
        if (is_space(code)) {
            has_space = true;
            continue;
        }
        if (code >= 'A' && code <= 'Z')
            code += 'a' - 'A';
        bool is_inner = has_space && text->has_begun;
        text->has_begun = true;
        if (!is_inner)
            return code;
        text->held = code;
        text->has_held = true;
        return ' ';
    }
    return 0;
}

/* Tells whether a value is text that can be folded: all of it characters, none of them NUL. */
static bool is_foldable(const x509_attribute *attribute)
{
    auth_bytes rest = attribute->value;
    uint32_t code = 0;
    while (x509_next_character(attribute->tag, &rest, &code)) {
        if (code == 0)
            return false;
    }
    return rest.len == 0 && x509_is_text(attribute->tag);
}

static bool is_same_attribute(const x509_attribute *a, const x509_attribute *b)
{
    if (!auth_bytes_equal(a->type, b->type))
        return false;
    if (auth_bytes_equal(a->whole, b->whole))
        return true;
    if (!is_foldable(a) || !is_foldable(b))
        return false;
    folded_text left = {.tag = a->tag, .rest = a->value};
    folded_text right = {.tag = b->tag, .rest = b->value};
    for (;;) {
        uint32_t code = next_folded(&left);
        if (code != next_folded(&right))
            return false;
        if (code == 0)
            return true;
    }
}

/* Reads the next RDN; 0: the end, or malformed, or too many attributes. */
static size_t next_rdn(x509_name_cursor *cursor, x509_attribute out[RDN_ATTRIBUTES_MAX])
{
    size_t count = 0;
    do {
        if (count == RDN_ATTRIBUTES_MAX || !x509_name_next(cursor, &out[count])) {
            cursor->is_malformed = cursor->is_malformed || count > 0;
            return 0;
        }
        count++;
    } while (cursor->set.len > 0);
    return count;
}

/* Each attribute of a has its own partner in b. */
static bool is_same_rdn(const x509_attribute *a, const x509_attribute *b, size_t count)
{
    bool is_taken[RDN_ATTRIBUTES_MAX] = {false};
    for (size_t i = 0; i < count; i++) {
        size_t partner = 0;
        while (partner < count && (is_taken[partner] || !is_same_attribute(&a[i], &b[partner])))
            partner++;
        if (partner == count)
            return false;
        is_taken[partner] = true;
    }
    return true;
}

bool x509_name_equal(auth_bytes a, auth_bytes b)
{
    if (auth_bytes_equal(a, b))
        return true;
    x509_name_cursor left = x509_name_start(a);
    x509_name_cursor right = x509_name_start(b);
    for (;;) {
        x509_attribute left_rdn[RDN_ATTRIBUTES_MAX];
        x509_attribute right_rdn[RDN_ATTRIBUTES_MAX];
        size_t count = next_rdn(&left, left_rdn);
        if (count != next_rdn(&right, right_rdn) || left.is_malformed || right.is_malformed)
            return false;
        if (count == 0)
            return true;
        if (!is_same_rdn(left_rdn, right_rdn, count))
            return false;
    }
}

/* Writes an attribute in the one spelling of all that is_same_attribute takes for the same. */
static void put_folded(der_writer *writer, const x509_attribute *attribute)
{
    size_t sequence = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, attribute->type);
    if (is_foldable(attribute)) {
        folded_text text = {.tag = attribute->tag, .rest = attribute->value};
        size_t string = der_open(writer, DER_UTF8_STRING);
        for (uint32_t code = next_folded(&text); code != 0; code = next_folded(&text)) {
            uint8_t octets[4];
            der_put(writer, (auth_bytes){octets, x509_put_utf8(code, octets)});
        }
        der_close(writer, string);
    } else {
        der_put(writer, attribute->whole);
    }
    der_close(writer, sequence);
}

static int compare_octets(const void *left, const void *right)
{
    const auth_bytes *a = left;
    const auth_bytes *b = right;
    int order = memcmp(a->data, b->data, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* Writes an RDN, its attributes in the order of their octets; scratch has room for them. */
static void put_folded_rdn(der_writer *writer, der_writer scratch, const x509_attribute *rdn,
                           size_t count)
{
    auth_bytes sorted[RDN_ATTRIBUTES_MAX] = {{NULL, 0}};
    for (size_t i = 0; i < count; i++) {
        size_t start = scratch.len;
        put_folded(&scratch, &rdn[i]);
        sorted[i] = (auth_bytes){scratch.room + start, scratch.len - start};
    }
    qsort(sorted, count, sizeof sorted[0], compare_octets);
    size_t set = der_open(writer, DER_SET);
    for (size_t i = 0; i < count; i++)
        der_put(writer, sorted[i]);
    der_close(writer, set);
    writer->has_failed = writer->has_failed || scratch.has_failed;
}

/* False for a Name that is the same as an identical one only. */
static bool put_folded_name(der_writer *writer, der_writer scratch, auth_bytes name)
{
    x509_attribute rdn[RDN_ATTRIBUTES_MAX];
    x509_name_cursor cursor = x509_name_start(name);
    size_t sequence = der_open(writer, DER_SEQUENCE);
    for (size_t count = next_rdn(&cursor, rdn); count > 0; count = next_rdn(&cursor, rdn))
        put_folded_rdn(writer, scratch, rdn, count);
    der_close(writer, sequence);
    return !cursor.is_malformed;
}

auth_status x509_name_digest(auth_bytes name, x509_digest_of_name *out, auth_error *err)
{
    /* An octet of TeletexString becomes two at most, and no header more than doubles. */
    size_t size = 2 * name.len;
    uint8_t *room = malloc(2 * size + 1);
    if (room == NULL)
        return auth_error_memory(err);
    der_writer writer = der_writer_on(room, size);
    bool is_folded = put_folded_name(&writer, der_writer_on(room + size, size), name);
    auth_status status =
        digest(DIGEST_SHA256, is_folded ? der_written(&writer) : name, out->octets, err);
    free(room);
    return status;
}

bool x509_name_digest_equal(const x509_digest_of_name *a, const x509_digest_of_name *b)
{
    return memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}
