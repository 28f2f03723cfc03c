/* SPDX-License-Identifier: Apache-2.0 */
/* What extensions say, for people, one line each. */
#include "x509/extension.h"
#include "x509/mask.h"
#include "x509/name.h"
#include "x509/part.h"

#include <auth/codec.h>
#include <stdio.h>
#include <string.h>

bool x509_extension_at(const x509_extensions *extensions, size_t index, auth_extension *out)
{
    if (index >= extensions->count)
        return false;
    const x509_extension *row = &extensions->rows[index];
    x509_oid_text(row->type, out->oid);
    out->name = oid_name(row->id);
    out->is_critical = row->is_critical;
    out->value = row->value;
    return true;
}

void auth_algorithm_text(auth_bytes algorithm, char out[AUTH_OID_TEXT_SIZE])
{
    auth_bytes content;
    auth_bytes type;
    const char *name = "unknown";
    if (der_only(algorithm, DER_SEQUENCE, &content) && der_take_oid(&content, &type)) {
        x509_oid_text(type, out);
        name = oid_name(oid_find(type));
    }
    if (name[0] != '\0')
        (void)snprintf(out, AUTH_OID_TEXT_SIZE, "%s", name);
}

/* Text under construction; it keeps the first failure and is asked once at the end. */
typedef struct printer {
    auth_buf *out;
    auth_error *err;
    auth_status status;
    bool is_masked;
    bool has_item; /* the next item of a list needs a comma */
} printer;

static void print(printer *to, const char *text)
{
    if (to->status == AUTH_STATUS_OK)
        to->status = auth_buf_append(to->out, auth_bytes_from_text(text), to->err);
}

static void print_number(printer *to, unsigned long long number)
{
    if (to->status == AUTH_STATUS_OK)
        to->status = auth_buf_printf(to->out, to->err, "%llu", number);
}

static void print_hex(printer *to, auth_bytes octets)
{
    if (to->status == AUTH_STATUS_OK)
        to->status = auth_codec_encode(AUTH_CODEC_HEX, octets, to->out, to->err);
}

static void print_text(printer *to, auth_bytes text)
{
    if (to->status == AUTH_STATUS_OK)
        to->status = x509_show_text(DER_IA5_STRING, text, to->is_masked, to->out, to->err);
}

/*
 * A URI of the authority's own: where its CRL or its responder is. Addresses, shards and the hex of
 * a key identifier, which is longer, stay to be seen; a word that may be a person number does not.
 */
static void print_public_text(printer *to, auth_bytes text)
{
    if (to->status == AUTH_STATUS_OK)
        to->status = x509_show_uri(text, to->is_masked, to->out, to->err);
}

static void begin_item(printer *to)
{
    if (to->has_item)
        print(to, ", ");
    to->has_item = true;
}

static void print_oid(printer *to, auth_bytes type)
{
    char dotted[X509_OID_TEXT_SIZE];
    oid id = oid_find(type);
    x509_oid_text(type, dotted);
    print(to, id == OID_UNKNOWN ? dotted : oid_name(id));
}

/* Octets that are not decoded. Hex would show a number to who can read it, a hash to who can guess.
 */
static void print_opaque(printer *to, auth_bytes octets)
{
    if (!to->is_masked) {
        print_hex(to, octets);
        return;
    }
    print_number(to, octets.len);
    print(to, octets.len == 1 ? " octet, hidden" : " octets, hidden");
}

/* Key identifiers are hashes; one that spells a row of digits is something else. */
static bool spells_number(auth_bytes octets)
{
    size_t digits = 0;
    for (size_t i = 0; i < octets.len && digits < 12; i++)
        digits = octets.data[i] >= '0' && octets.data[i] <= '9' ? digits + 1 : 0;
    return digits == 12;
}

static void print_id(printer *to, auth_bytes octets)
{
    if (spells_number(octets))
        print_opaque(to, octets);
    else
        print_hex(to, octets);
}

static void print_name(printer *to, auth_bytes name)
{
    if (to->status != AUTH_STATUS_OK)
        return;
    auth_error inner;
    auth_status status = to->is_masked ? x509_name_text_masked(name, to->out, &inner)
                                       : x509_name_text(name, to->out, &inner);
    if (status == AUTH_STATUS_MALFORMED || status == AUTH_STATUS_UNSUPPORTED)
        print(to, "(a name that cannot be shown)");
    else if (status != AUTH_STATUS_OK)
        to->status = auth_error_set(to->err, status, "%s", inner.text);
}

/* An address, or an address and its mask as in name constraints (RFC 5280 4.2.1.10). */
static void print_ipv4(printer *to, auth_bytes octets)
{
    static const char *const before[] = {"", ".", ".", ".", "/", ".", ".", "."};
    for (size_t i = 0; i < octets.len; i++) {
        print(to, before[i]);
        print_number(to, octets.data[i]);
    }
}

static void print_address(printer *to, auth_bytes octets)
{
    if (octets.len == 4 || octets.len == 8)
        print_ipv4(to, octets);
    else if (octets.len == 16 || octets.len == 32)
        print_id(to, octets);
    else
        print_opaque(to, octets);
}

static void print_general_name(printer *to, const der_item *name)
{
    static const struct {
        uint8_t tag;
        const char *label;
    } text_names[] = {
        {DER_CONTEXT(1), "email:"},
        {DER_CONTEXT(2), "DNS:"},
        {DER_CONTEXT(6), "URI:"},
    };
    for (size_t i = 0; i < sizeof text_names / sizeof text_names[0]; i++) {
        if (name->tag == text_names[i].tag) {
            print(to, text_names[i].label);
            print_text(to, name->content);
            return;
        }
    }
    auth_bytes type;
    auth_bytes value;
    if (name->tag == DER_CONTEXT_CONSTRUCTED(4)) {
        print(to, "dirName:");
        print_name(to, name->content);
    } else if (name->tag == DER_CONTEXT(7)) {
        print(to, "IP:");
        print_address(to, name->content);
    } else if (name->tag == DER_CONTEXT(8)) {
        print(to, "RID:");
        print_oid(to, name->content);
    } else if (name->tag == DER_CONTEXT_CONSTRUCTED(0) &&
               x509_read_other_name(name->content, &type, &value)) {
        print(to, "otherName:");
        print_oid(to, type);
        print(to, ":");
        print_opaque(to, value);
    } else {
        print_opaque(to, name->whole);
    }
}

/* Prints GeneralNames, content octets; false when they are not of their form. */
static bool print_general_names(printer *to, auth_bytes names)
{
    der_item name;
    while (x509_next_general_name(&names, &name)) {
        begin_item(to);
        print_general_name(to, &name);
    }
    return names.len == 0;
}

static bool print_alt_name(printer *to, auth_bytes value)
{
    auth_bytes names;
    return der_only(value, DER_SEQUENCE, &names) && print_general_names(to, names);
}

static bool print_basic_constraints(printer *to, auth_bytes value)
{
    x509_basic_constraints constraints;
    if (!x509_read_basic_constraints(value, &constraints))
        return false;
    print(to, constraints.is_ca ? "an authority" : "not an authority");
    if (constraints.has_path_len) {
        print(to, ", path length ");
        print_number(to, constraints.path_len);
    }
    return true;
}

static bool print_key_usage(printer *to, auth_bytes value)
{
    static const char *const names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                        "dataEncipherment", "keyAgreement",   "keyCertSign",
                                        "cRLSign",          "encipherOnly",   "decipherOnly"};
    uint32_t bits = 0;
    if (!x509_read_key_usage(value, &bits))
        return false;
    for (unsigned bit = 0; bit < 32; bit++) {
        if ((bits >> bit & 1U) == 0)
            continue;
        begin_item(to);
        if (bit < sizeof names / sizeof names[0]) {
            print(to, names[bit]);
        } else {
            print(to, "bit ");
            print_number(to, bit);
        }
    }
    return true;
}

static bool print_purpose(void *context, auth_bytes type)
{
    begin_item(context);
    print_oid(context, type);
    return true;
}

static bool print_purposes(printer *to, auth_bytes value)
{
    return x509_read_extended_key_usage(value, print_purpose, to);
}

static bool print_key_id(printer *to, auth_bytes value)
{
    auth_bytes key_id;
    if (!x509_read_key_identifier(value, &key_id))
        return false;
    print_id(to, key_id);
    return true;
}

static bool print_authority_key(printer *to, auth_bytes value)
{
    x509_authority_key key;
    if (!x509_read_authority_key(value, &key))
        return false;
    if (key.key_id.data != NULL) {
        begin_item(to);
        print_id(to, key.key_id);
    }
    if (key.issuer.data == NULL)
        return true;
    print_general_names(to, key.issuer);
    print(to, ", serial ");
    print_id(to, key.serial);
    return true;
}

static void print_uris(printer *to, auth_bytes names)
{
    der_item name;
    while (x509_next_general_name(&names, &name)) {
        begin_item(to);
        if (name.tag == DER_CONTEXT(6))
            print_public_text(to, name.content);
        else
            print_general_name(to, &name);
    }
}

static bool print_distribution_points(printer *to, auth_bytes value)
{
    auth_bytes points;
    if (!der_only(value, DER_SEQUENCE, &points) || points.len == 0)
        return false;
    x509_distribution_point point;
    while (x509_next_distribution_point(&points, &point)) {
        print_uris(to, point.full_name);
        if (point.relative_name.data != NULL) {
            begin_item(to);
            print(to, "a name relative to the CRL issuer");
        }
        if (point.reasons.data != NULL)
            print(to, " (some reasons only)");
        if (point.crl_issuer.data != NULL) {
            begin_item(to);
            print(to, "CRL issuer: ");
            to->has_item = false;
            print_general_names(to, point.crl_issuer);
            to->has_item = true;
        }
    }
    return points.len == 0;
}

static bool print_accesses(printer *to, auth_bytes value)
{
    auth_bytes descriptions;
    if (!der_only(value, DER_SEQUENCE, &descriptions) || descriptions.len == 0)
        return false;
    x509_access access;
    while (x509_next_access(&descriptions, &access)) {
        begin_item(to);
        print_oid(to, access.type);
        print(to, " ");
        to->has_item = false;
        print_uris(to, access.location.whole);
        to->has_item = true;
    }
    return descriptions.len == 0;
}

/* PolicyQualifierInfo: a CPS pointer is shown, a notice is only named. */
static bool print_qualifiers(printer *to, auth_bytes qualifiers)
{
    while (qualifiers.len > 0) {
        auth_bytes qualifier;
        auth_bytes type;
        auth_bytes uri;
        if (!der_take(&qualifiers, DER_SEQUENCE, &qualifier) || !der_take_oid(&qualifier, &type))
            return false;
        print(to, " ");
        print_oid(to, type);
        if (oid_find(type) == OID_CPS && der_only(qualifier, DER_IA5_STRING, &uri)) {
            print(to, " ");
            print_public_text(to, uri);
        }
    }
    return true;
}

static bool print_policies(printer *to, auth_bytes value)
{
    auth_bytes policies;
    if (!der_only(value, DER_SEQUENCE, &policies) || policies.len == 0)
        return false;
    while (policies.len > 0) {
        auth_bytes policy;
        auth_bytes type;
        auth_bytes qualifiers = {NULL, 0};
        if (!der_take(&policies, DER_SEQUENCE, &policy) || !der_take_oid(&policy, &type) ||
            (policy.len > 0 && !der_only(policy, DER_SEQUENCE, &qualifiers)))
            return false;
        begin_item(to);
        print_oid(to, type);
        if (!print_qualifiers(to, qualifiers))
            return false;
    }
    return true;
}

static bool print_mappings(printer *to, auth_bytes value)
{
    auth_bytes mappings;
    if (!der_only(value, DER_SEQUENCE, &mappings) || mappings.len == 0)
        return false;
    while (mappings.len > 0) {
        auth_bytes mapping;
        auth_bytes from;
        auth_bytes to_type;
        if (!der_take(&mappings, DER_SEQUENCE, &mapping) || !der_take_oid(&mapping, &from) ||
            !der_take_oid(&mapping, &to_type) || mapping.len > 0)
            return false;
        begin_item(to);
        print_oid(to, from);
        print(to, " is ");
        print_oid(to, to_type);
    }
    return true;
}

/* SkipCerts, IMPLICIT INTEGER: an item of its own is read by giving it back its tag. */
static bool print_skip(printer *to, auth_bytes *content, uint8_t tag, const char *label)
{
    auth_bytes number;
    uint8_t room[16];
    uint64_t skip = 0;
    if (!der_take_optional(content, tag, &number))
        return false;
    if (number.data == NULL)
        return true;
    der_writer writer = der_writer_on(room, sizeof room);
    der_put_item(&writer, DER_INTEGER, number);
    auth_bytes integer = der_written(&writer);
    if (integer.data == NULL || !der_take_uint(&integer, UINT64_MAX, &skip))
        return false;
    begin_item(to);
    print(to, label);
    print_number(to, skip);
    return true;
}

static bool print_policy_constraints(printer *to, auth_bytes value)
{
    auth_bytes content;
    return der_only(value, DER_SEQUENCE, &content) &&
           print_skip(to, &content, DER_CONTEXT(0), "explicit policy required after ") &&
           print_skip(to, &content, DER_CONTEXT(1), "mapping inhibited after ") && content.len == 0;
}

static bool print_uint(printer *to, auth_bytes value)
{
    uint64_t number = 0;
    if (!der_take_uint(&value, UINT64_MAX, &number) || value.len > 0)
        return false;
    print_number(to, number);
    return true;
}

/* GeneralSubtrees: SEQUENCE OF SEQUENCE { base GeneralName, ... }. */
static bool print_subtrees(printer *to, auth_bytes subtrees, const char *label)
{
    while (subtrees.len > 0) {
        auth_bytes subtree;
        der_item base;
        if (!der_take(&subtrees, DER_SEQUENCE, &subtree) ||
            !x509_next_general_name(&subtree, &base))
            return false;
        begin_item(to);
        print(to, label);
        print_general_name(to, &base);
    }
    return true;
}

static bool print_name_constraints(printer *to, auth_bytes value)
{
    auth_bytes content;
    auth_bytes permitted;
    auth_bytes excluded;
    return der_only(value, DER_SEQUENCE, &content) &&
           der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(0), &permitted) &&
           der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(1), &excluded) && content.len == 0 &&
           print_subtrees(to, permitted, "permitted ") && print_subtrees(to, excluded, "excluded ");
}

static bool print_presence(printer *to, auth_bytes value)
{
    auth_bytes nothing;
    print(to, "yes");
    return der_only(value, DER_NULL, &nothing) && nothing.len == 0;
}

static bool print_statements(printer *to, auth_bytes value)
{
    auth_bytes statements;
    if (!der_only(value, DER_SEQUENCE, &statements) || statements.len == 0)
        return false;
    while (statements.len > 0) {
        auth_bytes statement;
        auth_bytes type;
        if (!der_take(&statements, DER_SEQUENCE, &statement) || !der_take_oid(&statement, &type))
            return false;
        begin_item(to);
        print_oid(to, type);
    }
    return true;
}

typedef struct print_row {
    oid id;
    bool (*print)(printer *to, auth_bytes value);
} print_row;

static const print_row rows[] = {
    {OID_BASIC_CONSTRAINTS, print_basic_constraints},
    {OID_KEY_USAGE, print_key_usage},
    {OID_EXTENDED_KEY_USAGE, print_purposes},
    {OID_SUBJECT_KEY_IDENTIFIER, print_key_id},
    {OID_AUTHORITY_KEY_IDENTIFIER, print_authority_key},
    {OID_SUBJECT_ALT_NAME, print_alt_name},
    {OID_ISSUER_ALT_NAME, print_alt_name},
    {OID_CRL_DISTRIBUTION_POINTS, print_distribution_points},
    {OID_FRESHEST_CRL, print_distribution_points},
    {OID_AUTHORITY_INFO_ACCESS, print_accesses},
    {OID_SUBJECT_INFO_ACCESS, print_accesses},
    {OID_CERTIFICATE_POLICIES, print_policies},
    {OID_POLICY_MAPPINGS, print_mappings},
    {OID_POLICY_CONSTRAINTS, print_policy_constraints},
    {OID_INHIBIT_ANY_POLICY, print_uint},
    {OID_NAME_CONSTRAINTS, print_name_constraints},
    {OID_OCSP_NO_CHECK, print_presence},
    {OID_QC_STATEMENTS, print_statements},
};

static const print_row *find_row(oid id)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].id == id)
            return &rows[i];
    }
    return NULL;
}

auth_status auth_extension_text(const auth_extension *extension, auth_reveal reveal, auth_buf *out,
                                auth_error *err)
{
    printer to = {.out = out, .err = err, .is_masked = reveal != AUTH_REVEALED};
    size_t start = auth_buf_bytes(out).len;
    const print_row *row = find_row(oid_named(extension->oid));
    if (row == NULL) {
        print_opaque(&to, extension->value);
    } else if (!row->print(&to, extension->value) && to.status == AUTH_STATUS_OK) {
        auth_buf_truncate(out, start);
        print(&to, "not of its form: ");
        print_opaque(&to, extension->value);
    }
    if (to.status != AUTH_STATUS_OK)
        auth_buf_truncate(out, start);
    return to.status;
}
