/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/name.h"
#include "x509/text.h"

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
