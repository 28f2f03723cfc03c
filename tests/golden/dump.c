/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/dump.h"

#include "base/der.h"
#include "base/oid.h"
#include "harness/data.h"

#define DEPTH_MAX 24
#define LINE_OCTETS 32

static const struct {
    uint8_t tag;
    const char *name;
} names[] = {
    {DER_BOOLEAN, "BOOLEAN"},
    {DER_INTEGER, "INTEGER"},
    {DER_BIT_STRING, "BIT STRING"},
    {DER_OCTET_STRING, "OCTET STRING"},
    {DER_NULL, "NULL"},
    {DER_ENUMERATED, "ENUMERATED"},
    {DER_OID, "OBJECT IDENTIFIER"},
    {DER_UTF8_STRING, "UTF8String"},
    {DER_PRINTABLE_STRING, "PrintableString"},
    {DER_IA5_STRING, "IA5String"},
    {AUTH_ASN1_UTC_TIME, "UTCTime"},
    {AUTH_ASN1_GENERALIZED_TIME, "GeneralizedTime"},
    {DER_SEQUENCE, "SEQUENCE"},
    {DER_SET, "SET"},
};

static void say(auth_buf *out, const char *text)
{
    auth_error err;
    if (auth_buf_append(out, auth_bytes_from_text(text), &err) != AUTH_STATUS_OK)
        harness_die("dump: %s", err.text);
}

static void say_number(auth_buf *out, const char *before, unsigned number, const char *after)
{
    auth_error err;
    if (auth_buf_printf(out, &err, "%s%u%s", before, number, after) != AUTH_STATUS_OK)
        harness_die("dump: %s", err.text);
}

static void indent(auth_buf *out, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        say(out, "  ");
}

static void say_tag(auth_buf *out, uint8_t tag)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].tag == tag) {
            say(out, names[i].name);
            return;
        }
    }
    say_number(out, "[", tag & 0x1fU, (tag & 0x20U) != 0 ? "]" : "] primitive");
}

static void say_hex(auth_buf *out, auth_bytes octets, size_t depth)
{
    auth_error err;
    for (size_t i = 0; i < octets.len; i++) {
        if (i > 0 && i % LINE_OCTETS == 0) {
            say(out, "\n");
            indent(out, depth + 1);
        }
        if (auth_buf_printf(out, &err, "%s%02x", i == 0 ? " " : "", octets.data[i]) !=
            AUTH_STATUS_OK)
            harness_die("dump: %s", err.text);
    }
}

static bool is_text(uint8_t tag)
{
    return tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING || tag == DER_IA5_STRING ||
           tag == AUTH_ASN1_UTC_TIME || tag == AUTH_ASN1_GENERALIZED_TIME ||
           tag == DER_CONTEXT(2) || tag == DER_CONTEXT(6);
}

/* Text as it is, other octets as hex; the checks of names keep control characters out. */
static void say_text(auth_buf *out, auth_bytes text)
{
    auth_error err;
    say(out, " '");
    if (auth_buf_append(out, text, &err) != AUTH_STATUS_OK)
        harness_die("dump: %s", err.text);
    say(out, "'");
}

static void say_oid(auth_buf *out, auth_bytes content)
{
    char dotted[128];
    oid id = oid_find(content);
    say(out, " ");
    if (!der_oid_text(content, dotted, sizeof dotted))
        say(out, "malformed");
    else
        say(out, dotted);
    if (id != OID_UNKNOWN) {
        say(out, " ");
        say(out, oid_name(id));
    }
}

static bool is_der(auth_bytes octets)
{
    der_item item;
    bool has_item = octets.len > 0;
    while (octets.len > 0) {
        if (!der_next(&octets, &item))
            return false;
    }
    return has_item;
}

static void dump(auth_bytes der, size_t depth, auth_buf *out);

static void dump_item(const der_item *item, size_t depth, auth_buf *out)
{
    bool is_constructed = (item->tag & 0x20U) != 0;
    bool wraps = item->tag == DER_OCTET_STRING && is_der(item->content);
    indent(out, depth);
    say_tag(out, item->tag);
    if (item->tag == DER_OID)
        say_oid(out, item->content);
    else if (is_text(item->tag))
        say_text(out, item->content);
    else if (!is_constructed && !wraps)
        say_hex(out, item->content, depth);
    say(out, wraps ? " wraps\n" : "\n");
    if (is_constructed || wraps)
        dump(item->content, depth + 1, out);
}

static void dump(auth_bytes der, size_t depth, auth_buf *out)
{
    der_item item;
    if (depth > DEPTH_MAX)
        harness_die("dump: deeper than %d", DEPTH_MAX);
    while (der.len > 0) {
        if (!der_next(&der, &item))
            harness_die("dump: not DER");
        dump_item(&item, depth, out);
    }
}

void golden_dump(auth_bytes der, auth_buf *out) { dump(der, 0, out); }
