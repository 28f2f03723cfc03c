/* SPDX-License-Identifier: Apache-2.0 */
/* Is a certificate, a request or a CRL read as it stands, and refused when any part of it is not of
 * its form? Each case changes one part of an object that is good. */
#include "harness/harness.h"
#include "unit/der_notation.h"
#include "x509/view.h"

#include <stdlib.h>
#include <string.h>

#define PARTS_MAX 12

/* Parts in the notation of der_notation.h, in their order. */
#define ECDSA "30{06{2a8648ce3d040302}}"
#define NAME_A "30{31{30{06{550403}0c{41}}}}"
#define NAME_B "30{31{30{06{550403}0c{42}}}}"
#define TIME_1 "17{3236303130313030303030305a}"
#define TIME_2 "18{32303530303130313030303030305a}"
#define TIME_BAD "17{3236313330313030303030305a}" /* month 13 */
#define SPKI "30{30{06{2b6570}}03{00010203}}"
#define KEY_USAGE "30{06{551d0f}04{0500}}"
#define CONSTRAINTS "30{06{551d13}01{ff}04{3000}}"
#define UNKNOWN "30{06{5501}04{}}" /* 2.5.1 is in no row */
#define SIGNATURE "03{0055}"

/* What is put together: SEQUENCE { SEQUENCE { body parts }, outer parts }. */
typedef struct object_parts {
    const char *body[PARTS_MAX];
    const char *outer[4];
} object_parts;

enum { VERSION, SERIAL, ALGORITHM, ISSUER, VALIDITY, SUBJECT, KEY, IDS, EXTENSIONS };

static const object_parts good_cert = {
    {"a0{020102}", "02{0080}", ECDSA, NAME_A, "30{" TIME_1 TIME_2 "}", NAME_B, SPKI, "",
     "a3{30{" KEY_USAGE CONSTRAINTS "}}"},
    {ECDSA, SIGNATURE},
};

enum { CSR_VERSION, CSR_SUBJECT, CSR_KEY, CSR_ATTRIBUTES };

#define PASSWORD "30{06{2a864886f70d010907}31{13{616263}}}"
#define REQUEST(values) "30{06{2a864886f70d01090e}31{" values "}}"

static const object_parts good_csr = {
    {"020100", NAME_A, SPKI, "a0{" PASSWORD REQUEST("30{30{06{551d0f}01{ff}04{03020405}}}") "}"},
    {ECDSA, SIGNATURE},
};

enum { CRL_VERSION, CRL_ALGORITHM, CRL_ISSUER, CRL_THIS, CRL_NEXT, CRL_ENTRIES, CRL_EXTENSIONS };

#define REASON_1 "30{06{551d15}04{0a0101}}"
#define ENTRY(extensions) "30{020101" TIME_1 "30{" extensions "}}"

static const object_parts good_crl = {
    {"020101", ECDSA, NAME_A, TIME_1, TIME_2,
     "30{30{020101" TIME_1 "}30{02{0080}" TIME_1 "30{" REASON_1 "}}}",
     "a0{30{30{06{551d14}04{020105}}}}"},
    {ECDSA, SIGNATURE},
};

static auth_bytes put_together(const object_parts *parts, uint8_t room[DER_NOTATION_MAX])
{
    der_writer writer = der_writer_on(room, DER_NOTATION_MAX);
    size_t outer = der_open(&writer, DER_SEQUENCE);
    size_t body = der_open(&writer, DER_SEQUENCE);
    for (size_t i = 0; i < PARTS_MAX; i++)
        der_notation_put(&writer, parts->body[i]);
    der_close(&writer, body);
    for (size_t i = 0; i < 4; i++)
        der_notation_put(&writer, parts->outer[i]);
    der_close(&writer, outer);
    auth_bytes der = der_written(&writer);
    ck_assert_ptr_nonnull(der.data);
    return der;
}

START_TEST(a_certificate_is_read_as_it_stands)
{
    uint8_t room[DER_NOTATION_MAX];
    uint8_t expected[DER_NOTATION_MAX];
    auth_bytes der = put_together(&good_cert, room);
    x509_cert_view view;
    auth_error err;
    assert_ok(x509_cert_view_parse(der, &view, &err), &err);
    ck_assert_ptr_eq(view.der.data, der.data);
    ck_assert_uint_eq(view.der.len, der.len);
    ck_assert_uint_eq(view.version, 3);
    assert_bytes(view.serial, BYTES("\x00\x80"));
    assert_bytes(view.tbs_algorithm, der_notation(ECDSA, expected));
    assert_bytes(view.algorithm, der_notation(ECDSA, expected));
    ck_assert_ptr_ne(view.algorithm.data, view.tbs_algorithm.data);
    assert_bytes(view.issuer, der_notation(NAME_A, expected));
    assert_bytes(view.subject, der_notation(NAME_B, expected));
    assert_bytes(view.spki, der_notation(SPKI, expected));
    assert_bytes(view.signature, BYTES("\x55"));
    ck_assert_int_eq(view.not_before, 1767225600);
    ck_assert_int_eq(view.not_after, 2524608000);
    ck_assert(!view.not_before_is_generalized && view.not_after_is_generalized);
    auth_bytes content;
    ck_assert(der_only(der, DER_SEQUENCE, &content));
    ck_assert_ptr_eq(view.tbs.data, content.data);
    ck_assert_ptr_eq(view.tbs.data + view.tbs.len, view.algorithm.data);
    ck_assert_uint_eq(view.extensions.count, 2);
    const x509_extension *constraints = x509_find(&view.extensions, OID_BASIC_CONSTRAINTS);
    ck_assert_ptr_eq(constraints, &view.extensions.rows[1]);
    ck_assert(constraints->is_critical && !view.extensions.rows[0].is_critical);
    assert_bytes(constraints->value, BYTES("\x30\x00"));
    ck_assert_ptr_null(x509_find(&view.extensions, OID_EXTENDED_KEY_USAGE));
    ck_assert_ptr_null(x509_find(&view.extensions, OID_UNKNOWN));
    ck_assert_ptr_eq(x509_find_type(&view.extensions, BYTES("\x55\x1d\x0f")),
                     &view.extensions.rows[0]);
}

/* One part changed. */
typedef struct changed_part {
    bool is_outer;
    unsigned part;
    const char *hex;
    auth_status status;
    const char *says;
} changed_part;

static auth_bytes put_changed(const object_parts *good, const changed_part *change,
                              uint8_t room[DER_NOTATION_MAX])
{
    object_parts parts = *good;
    if (change->is_outer)
        parts.outer[change->part] = change->hex;
    else
        parts.body[change->part] = change->hex;
    return put_together(&parts, room);
}

#define MALFORMED AUTH_STATUS_MALFORMED
#define INVALID AUTH_STATUS_INVALID
#define OK AUTH_STATUS_OK

static const changed_part cert_changes[] = {
    {false, VERSION, "a0{020100}", MALFORMED, "version"}, /* the default, written */
    {false, VERSION, "a0{020103}", MALFORMED, "version"},
    {false, VERSION, "a0{0201ff}", MALFORMED, "version"},
    {false, VERSION, "a0{02020002}", MALFORMED, "version"},
    {false, VERSION, "a0{020102020102}", MALFORMED, "version"},
    {false, VERSION, "020102", MALFORMED, "signature"}, /* read as the serial number */
    {false, VERSION, "a0{020101}", MALFORMED, "version 3"},
    {false, VERSION, "", MALFORMED, "version 3"},
    {false, SERIAL, "0200", MALFORMED, "serialNumber"},
    {false, SERIAL, "02{0001}", MALFORMED, "serialNumber"},
    {false, SERIAL, "02{ff80}", MALFORMED, "serialNumber"},
    {false, SERIAL, "0a{01}", MALFORMED, "serialNumber"},
    {false, SERIAL, "", MALFORMED, "serialNumber"},
    /* Zero, negative and long serial numbers have the form; they are for lint to refuse. */
    {false, SERIAL, "02{00}", OK, NULL},
    {false, SERIAL, "02{ff}", OK, NULL},
    {false, SERIAL, "02{010203040506070809101112131415161718192021}", OK, NULL},
    {false, ALGORITHM, "3000", MALFORMED, "signature"},
    {false, ALGORITHM, "30{06{2a8648ce3d040302}0500}", OK, NULL},
    {false, ALGORITHM, "30{06{2a8648ce3d040302}05000500}", MALFORMED, "signature"},
    {false, ALGORITHM, "30{06{2a8648ce3d040302}05}", MALFORMED, "signature"},
    {false, ALGORITHM, "30{06{2a8648ce3d040382}}", MALFORMED, "signature"},
    {false, ALGORITHM, "31{06{2a8648ce3d040302}}", MALFORMED, "signature"},
    {false, ISSUER, "3000", OK, NULL}, /* an empty name has the form of a Name */
    {false, ISSUER, "3100", MALFORMED, "issuer"},
    {false, ISSUER, "30{3100}", MALFORMED, "issuer"},
    {false, ISSUER, "30{31{30{06{550403}}}}", MALFORMED, "issuer"},
    {false, ISSUER, "30{31{30{06{550403}0c{41}0500}}}", MALFORMED, "issuer"},
    {false, ISSUER, "30{31{30{06{550403}0c{41}}0500}}", MALFORMED, "issuer"},
    {false, ISSUER, "30{31{30{06{550403}0c{41}}30{06{550404}0c{41}}}}", OK, NULL},
    {false, SUBJECT, "30{3000}", MALFORMED, "subject"},
    {false, SUBJECT, "30{31{30{06{550483}0c{41}}}}", MALFORMED, "subject"},
    {false, VALIDITY, "3000", MALFORMED, "notBefore"},
    {false, VALIDITY, "30{" TIME_1 "}", MALFORMED, "notAfter"},
    {false, VALIDITY, "30{" TIME_1 TIME_1 TIME_2 "}", MALFORMED, "validity"},
    {false, VALIDITY, "30{" TIME_1 TIME_BAD "}", INVALID, "notAfter"},
    {false, VALIDITY, "30{" TIME_BAD TIME_1 "}", INVALID, "notBefore"},
    {false, VALIDITY, "30{17{323630323033303030305a}" TIME_1 "}", MALFORMED, "notBefore"},
    {false, VALIDITY, "30{18{32303236303130313030303030302e355a}" TIME_1 "}", MALFORMED,
     "notBefore"},
    {false, VALIDITY, "31{" TIME_1 TIME_1 "}", MALFORMED, "validity"},
    {false, KEY, "3000", MALFORMED, "subjectPublicKeyInfo"},
    {false, KEY, "30{30{06{2b6570}}03{0102}}", MALFORMED, "subjectPublicKeyInfo"},
    {false, KEY, "30{30{06{2b6570}}03{0001}0500}", MALFORMED, "subjectPublicKeyInfo"},
    {false, IDS, "81{0055}", OK, NULL},
    {false, IDS, "82{0055}", OK, NULL},
    {false, IDS, "81{0055}82{0055}", OK, NULL},
    {false, IDS, "82{0055}81{0055}", MALFORMED, "follows"},
    {false, IDS, "81{0055}81{0055}", MALFORMED, "follows"},
    {false, IDS, "8100", MALFORMED, "unique identifier"},
    {false, IDS, "81{0855}", MALFORMED, "unique identifier"},
    {false, EXTENSIONS, "", OK, NULL},
    {false, EXTENSIONS, "a300", MALFORMED, "extensions"},
    {false, EXTENSIONS, "a3{3000}", MALFORMED, "empty"},
    {false, EXTENSIONS, "a3{30{" UNKNOWN "}0500}", MALFORMED, "extensions"},
    {false, EXTENSIONS, "a3{30{" UNKNOWN "}}0500", MALFORMED, "follows"},
    {false, EXTENSIONS, "a3{30{" UNKNOWN "}}a3{30{" KEY_USAGE "}}", MALFORMED, "follows"},
    {false, EXTENSIONS, "a3{30{" KEY_USAGE KEY_USAGE "}}", INVALID, "2.5.29.15 occurs twice"},
    {false, EXTENSIONS, "a3{30{" UNKNOWN KEY_USAGE UNKNOWN "}}", INVALID, "2.5.1 occurs twice"},
    {false, EXTENSIONS, "a3{30{" UNKNOWN "}}", OK, NULL},
    {false, EXTENSIONS, "a3{30{30{06{5501}01{00}0400}}}", OK, NULL}, /* FALSE, written */
    {false, EXTENSIONS, "a3{30{30{06{5501}01{01}0400}}}", MALFORMED, "extension 1"},
    {false, EXTENSIONS, "a3{30{" UNKNOWN "30{06{5502}}}}", MALFORMED, "extension 2"},
    {false, EXTENSIONS, "a3{30{30{06{5501}04000500}}}", MALFORMED, "extension 1"},
    {false, EXTENSIONS, "a3{30{30{06{5501}0300}}}", MALFORMED, "extension 1"},
    {false, EXTENSIONS, "a3{30{0500}}", MALFORMED, "extension 1"},
    {true, 0, "3000", MALFORMED, "signatureAlgorithm"},
    {true, 0, "30{06{2b6570}}", OK, NULL}, /* another than inside: for lint to refuse */
    {true, 1, "03{0180}", MALFORMED, "signatureValue"},
    {true, 1, "04{0055}", MALFORMED, "signatureValue"},
    {true, 1, "", MALFORMED, "signatureValue"},
    {true, 1, "03{00}", OK, NULL},
    {true, 2, "0500", MALFORMED, "after signatureValue"},
};

START_TEST(a_changed_certificate_is_judged_by_its_form)
{
    const changed_part *change = &cert_changes[_i];
    uint8_t room[DER_NOTATION_MAX];
    auth_bytes der = put_changed(&good_cert, change, room);
    x509_cert_view view;
    x509_cert_view before;
    memset(&view, 0x5a, sizeof view);
    before = view;
    auth_error err;
    if (change->status == AUTH_STATUS_OK) {
        assert_ok(x509_cert_view_parse(der, &view, &err), &err);
        return;
    }
    assert_fails(x509_cert_view_parse(der, &view, &err), change->status, &err);
    ck_assert_msg(strncmp(err.text, "certificate: ", 13) == 0, "%s", err.text);
    ck_assert_msg(strstr(err.text, change->says) != NULL, "%s", err.text);
    ck_assert_mem_eq(&view, &before, sizeof view);
    ck_assert_int_eq((int)x509_cert_view_parse(der, &view, NULL), (int)change->status);
}

START_TEST(an_old_certificate_has_no_extensions)
{
    static const struct {
        const char *version;
        const char *ids;
        bool is_accepted;
        unsigned number;
    } rows[] = {
        {"", "", true, 1},
        {"", "81020055", false, 1},
        {"a003020101", "", true, 2},
        {"a003020101", "8102005582020055", true, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        object_parts parts = good_cert;
        parts.body[VERSION] = rows[i].version;
        parts.body[IDS] = rows[i].ids;
        parts.body[EXTENSIONS] = "";
        uint8_t room[DER_NOTATION_MAX];
        x509_cert_view view;
        auth_error err;
        auth_status status = x509_cert_view_parse(put_together(&parts, room), &view, &err);
        ck_assert_int_eq(status == AUTH_STATUS_OK, rows[i].is_accepted);
        if (rows[i].is_accepted)
            ck_assert(view.version == rows[i].number && view.extensions.count == 0);
    }
}

/* Extensions 2.5.1.0 to 2.5.1.count-1. */
static void put_many_extensions(der_writer *writer, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        size_t extension = der_open(writer, DER_SEQUENCE);
        uint8_t type[] = {0x55, 0x01, (uint8_t)i};
        der_put_oid(writer, (auth_bytes){type, sizeof type});
        der_put_item(writer, DER_OCTET_STRING, (auth_bytes){NULL, 0});
        der_close(writer, extension);
    }
}

START_TEST(extensions_are_bounded)
{
    for (unsigned more = 0; more < 2; more++) {
        uint8_t room[DER_NOTATION_MAX];
        der_writer writer = der_writer_on(room, sizeof room);
        put_many_extensions(&writer, X509_EXTENSIONS_MAX + more);
        x509_extensions extensions;
        auth_error err;
        if (more == 0) {
            assert_ok(x509_extensions_parse(der_written(&writer), &extensions, &err), &err);
            ck_assert_uint_eq(extensions.count, X509_EXTENSIONS_MAX);
        } else {
            assert_fails(x509_extensions_parse(der_written(&writer), &extensions, &err),
                         AUTH_STATUS_LIMIT, &err);
        }
    }
}

START_TEST(a_cut_or_lengthened_object_is_refused)
{
    const object_parts *const all[] = {&good_cert, &good_csr, &good_crl};
    uint8_t room[DER_NOTATION_MAX];
    auth_bytes whole = put_together(all[_i], room);
    for (size_t len = 0; len <= whole.len + 1; len++) {
        uint8_t *copy = malloc(len + 1); /* so that the sanitizer sees an octet too many read */
        ck_assert_ptr_nonnull(copy);
        memset(copy, 0, len + 1);
        memcpy(copy, whole.data, len < whole.len ? len : whole.len);
        auth_bytes der = {copy, len};
        x509_cert_view cert;
        x509_csr_view csr;
        x509_crl_view crl;
        auth_error err;
        auth_status status = _i == 0   ? x509_cert_view_parse(der, &cert, &err)
                             : _i == 1 ? x509_csr_view_parse(der, &csr, &err)
                                       : x509_crl_view_parse(der, &crl, &err);
        ck_assert_int_eq((int)status, (int)(len == whole.len ? AUTH_STATUS_OK : MALFORMED));
        free(copy);
    }
}

START_TEST(a_request_is_read_as_it_stands)
{
    uint8_t room[DER_NOTATION_MAX];
    uint8_t expected[DER_NOTATION_MAX];
    auth_bytes der = put_together(&good_csr, room);
    x509_csr_view view;
    auth_error err;
    assert_ok(x509_csr_view_parse(der, &view, &err), &err);
    assert_bytes(view.subject, der_notation(NAME_A, expected));
    assert_bytes(view.spki, der_notation(SPKI, expected));
    assert_bytes(view.algorithm, der_notation(ECDSA, expected));
    assert_bytes(view.signature, BYTES("\x55"));
    ck_assert_ptr_eq(view.info.data + view.info.len, view.algorithm.data);
    ck_assert_uint_eq(view.extensions.count, 1);
    ck_assert(x509_find(&view.extensions, OID_KEY_USAGE)->is_critical);
}

static const changed_part csr_changes[] = {
    {false, CSR_VERSION, "020101", MALFORMED, "version"},
    {false, CSR_VERSION, "", MALFORMED, "version"},
    {false, CSR_SUBJECT, "3000", OK, NULL},
    {false, CSR_SUBJECT, "30{3100}", MALFORMED, "subject"},
    {false, CSR_KEY, "3000", MALFORMED, "subjectPKInfo"},
    {false, CSR_ATTRIBUTES, "", MALFORMED, "attributes"},
    {false, CSR_ATTRIBUTES, "a000", OK, NULL},
    {false, CSR_ATTRIBUTES, "a000a000", MALFORMED, "attributes"},
    {false, CSR_ATTRIBUTES, "a1{" PASSWORD "}", MALFORMED, "attributes"},
    {false, CSR_ATTRIBUTES, "a0{0500}", MALFORMED, "attribute"},
    {false, CSR_ATTRIBUTES, "a0{30{06{5504}3100}}", MALFORMED, "attribute"},
    {false, CSR_ATTRIBUTES, "a0{30{06{5504}31{0500}}}", OK, NULL},
    {false, CSR_ATTRIBUTES, "a0{30{06{5504}31{05000500}}}", OK, NULL},
    {false, CSR_ATTRIBUTES, "a0{30{06{5504}31{050005}}}", MALFORMED, "attribute"},
    {false, CSR_ATTRIBUTES, "a0{30{06{5504}31{0500}0500}}", MALFORMED, "attribute"},
    {false, CSR_ATTRIBUTES, "a0{30{06{5504}30{0500}}}", MALFORMED, "attribute"},
    {false, CSR_ATTRIBUTES, "a0{" REQUEST("") "}", MALFORMED, "attribute"},
    {false, CSR_ATTRIBUTES, "a0{" REQUEST("0500") "}", MALFORMED, "exactly one"},
    {false, CSR_ATTRIBUTES, "a0{" REQUEST("3000") "}", MALFORMED, "empty"},
    {false, CSR_ATTRIBUTES, "a0{" REQUEST("30{" UNKNOWN "}30{" UNKNOWN "}") "}", MALFORMED,
     "exactly one"},
    {false, CSR_ATTRIBUTES, "a0{" REQUEST("30{" UNKNOWN "}") REQUEST("30{" KEY_USAGE "}") "}",
     INVALID, "extensionRequest occurs twice"},
    {false, CSR_ATTRIBUTES, "a0{" REQUEST("30{" UNKNOWN UNKNOWN "}") "}", INVALID,
     "2.5.1 occurs twice"},
    {true, 2, "0500", MALFORMED, "after signatureValue"},
};

START_TEST(a_changed_request_is_judged_by_its_form)
{
    const changed_part *change = &csr_changes[_i];
    uint8_t room[DER_NOTATION_MAX];
    auth_bytes der = put_changed(&good_csr, change, room);
    x509_csr_view view;
    auth_error err;
    if (change->status == AUTH_STATUS_OK) {
        assert_ok(x509_csr_view_parse(der, &view, &err), &err);
        ck_assert_uint_eq(view.extensions.count, change->part == CSR_ATTRIBUTES ? 0 : 1);
        return;
    }
    assert_fails(x509_csr_view_parse(der, &view, &err), change->status, &err);
    ck_assert_msg(strncmp(err.text, "certificate request: ", 21) == 0, "%s", err.text);
    ck_assert_msg(strstr(err.text, change->says) != NULL, "%s", err.text);
}

START_TEST(the_attributes_of_a_request_are_bounded)
{
    for (size_t more = 0; more < 2; more++) {
        static uint8_t room[2 * X509_CSR_ATTRIBUTES_MAX];
        static const uint8_t filling[X509_CSR_ATTRIBUTES_MAX] = {0};
        der_writer writer = der_writer_on(room, sizeof room);
        size_t outer = der_open(&writer, DER_SEQUENCE);
        size_t info = der_open(&writer, DER_SEQUENCE);
        der_notation_put(&writer, "020100" NAME_A SPKI);
        size_t attributes = der_open(&writer, DER_CONTEXT_CONSTRUCTED(0));
        size_t attribute = der_open(&writer, DER_SEQUENCE);
        der_notation_put(&writer, "06{5504}");
        size_t values = der_open(&writer, DER_SET);
        /* 16 octets: three headers of four and the type. */
        der_put_item(&writer, DER_OCTET_STRING,
                     (auth_bytes){filling, X509_CSR_ATTRIBUTES_MAX - 16 + more});
        der_close(&writer, values);
        der_close(&writer, attribute);
        size_t before = writer.len;
        der_close(&writer, attributes);
        ck_assert_uint_eq(before - attributes, X509_CSR_ATTRIBUTES_MAX + more);
        der_close(&writer, info);
        der_notation_put(&writer, ECDSA SIGNATURE);
        der_close(&writer, outer);
        x509_csr_view view;
        auth_error err;
        auth_bytes der = der_written(&writer);
        if (more == 0)
            assert_ok(x509_csr_view_parse(der, &view, &err), &err);
        else
            assert_fails(x509_csr_view_parse(der, &view, &err), AUTH_STATUS_LIMIT, &err);
    }
}

START_TEST(a_crl_is_read_as_it_stands)
{
    uint8_t room[DER_NOTATION_MAX];
    uint8_t expected[DER_NOTATION_MAX];
    auth_bytes der = put_together(&good_crl, room);
    x509_crl_view view;
    auth_error err;
    assert_ok(x509_crl_view_parse(der, &view, &err), &err);
    ck_assert_uint_eq(view.version, 2);
    assert_bytes(view.issuer, der_notation(NAME_A, expected));
    ck_assert_int_eq(view.this_update, 1767225600);
    ck_assert(view.has_next_update && view.next_update == 2524608000);
    ck_assert(!view.this_update_is_generalized && view.next_update_is_generalized);
    ck_assert_ptr_nonnull(x509_find(&view.extensions, OID_CRL_NUMBER));

    auth_bytes entries = view.entries;
    x509_crl_entry entry;
    auth_status status = AUTH_STATUS_INTERNAL;
    ck_assert(x509_crl_next(&entries, &entry, &status, &err));
    assert_bytes(entry.serial, BYTES("\x01"));
    ck_assert(!entry.has_reason && !entry.has_extensions && entry.reason == 0);
    ck_assert_int_eq(entry.revoked, 1767225600);
    ck_assert(x509_crl_next(&entries, &entry, &status, &err));
    assert_bytes(entry.serial, BYTES("\x00\x80"));
    ck_assert(entry.has_reason && entry.has_extensions && entry.reason == 1);
    ck_assert(!x509_crl_next(&entries, &entry, &status, &err));
    ck_assert_int_eq((int)status, (int)AUTH_STATUS_OK);
}

static const changed_part crl_changes[] = {
    {false, CRL_VERSION, "020100", MALFORMED, "version"},
    {false, CRL_VERSION, "020102", MALFORMED, "version"},
    {false, CRL_VERSION, "0201ff", MALFORMED, "version"},
    {false, CRL_VERSION, "", MALFORMED, "version 2"}, /* extensions in version 1 */
    {false, CRL_ALGORITHM, "3000", MALFORMED, "signature"},
    {false, CRL_ISSUER, "30{3100}", MALFORMED, "issuer"},
    {false, CRL_THIS, "", OK, NULL}, /* nextUpdate is taken for it */
    {false, CRL_THIS, "0500", MALFORMED, "thisUpdate"},
    {false, CRL_THIS, TIME_BAD, INVALID, "thisUpdate"},
    {false, CRL_NEXT, "", OK, NULL},
    {false, CRL_NEXT, TIME_BAD, INVALID, "nextUpdate"},
    {false, CRL_NEXT, TIME_1 TIME_2, MALFORMED, "follows"},
    {false, CRL_ENTRIES, "", OK, NULL},
    {false, CRL_ENTRIES, "3000", OK, NULL},
    {false, CRL_ENTRIES, "3100", MALFORMED, "follows"},
    {false, CRL_EXTENSIONS, "", OK, NULL},
    {false, CRL_EXTENSIONS, "a0{3000}", MALFORMED, "empty"},
    {false, CRL_EXTENSIONS, "a000", MALFORMED, "crlExtensions"},
    {false, CRL_EXTENSIONS, "a300", MALFORMED, "follows"},
    {true, 1, "030101", MALFORMED, "signatureValue"},
};

START_TEST(a_changed_crl_is_judged_by_its_form)
{
    const changed_part *change = &crl_changes[_i];
    uint8_t room[DER_NOTATION_MAX];
    auth_bytes der = put_changed(&good_crl, change, room);
    x509_crl_view view;
    auth_error err;
    if (change->status == AUTH_STATUS_OK) {
        assert_ok(x509_crl_view_parse(der, &view, &err), &err);
        if (change->part == CRL_NEXT)
            ck_assert(!view.has_next_update && view.next_update == 0);
        if (change->part == CRL_ENTRIES)
            ck_assert_uint_eq(view.entries.len, 0);
        return;
    }
    assert_fails(x509_crl_view_parse(der, &view, &err), change->status, &err);
    ck_assert_msg(strncmp(err.text, "CRL: ", 5) == 0, "%s", err.text);
    ck_assert_msg(strstr(err.text, change->says) != NULL, "%s", err.text);
}

typedef struct entry_case {
    const char *hex;
    auth_status status;
    const char *says;
} entry_case;

static const entry_case entry_cases[] = {
    {"0500", MALFORMED, "not a SEQUENCE"},
    {"3000", MALFORMED, "userCertificate"},
    {"30{020101}", MALFORMED, "revocationDate"},
    {"30{02{0001}" TIME_1 "}", MALFORMED, "userCertificate"},
    {"30{020101" TIME_BAD "}", INVALID, "revocationDate"},
    {"30{020101" TIME_1 "0500}", MALFORMED, "three parts"},
    {"30{020101" TIME_1 "3000}", MALFORMED, "empty"},
    {"30{020101" TIME_1 "30{" REASON_1 "}0500}", MALFORMED, "three parts"},
    {ENTRY("0500"), MALFORMED, "not of its form"},
    {ENTRY(REASON_1), OK, NULL},
    {ENTRY("30{06{551d15}04{020101}}"), MALFORMED, "reasonCode"},
    {ENTRY("30{06{551d15}04{0a01ff}}"), MALFORMED, "reasonCode"},
    {ENTRY("30{06{551d15}04{0a01010500}}"), MALFORMED, "reasonCode"},
    {ENTRY(REASON_1 REASON_1), INVALID, "twice"},
    {ENTRY(UNKNOWN REASON_1 UNKNOWN), INVALID, "twice"},
    {ENTRY("30{06{551d18}04{" TIME_2 "}}"), OK, NULL},
    {ENTRY("30{06{551d18}04{" TIME_1 "}}"), MALFORMED, "invalidityDate"},
    {ENTRY("30{06{551d18}04{" TIME_2 "0500}}"), MALFORMED, "invalidityDate"},
    {ENTRY("30{06{551d18}04{0500}}"), MALFORMED, "invalidityDate"},
    {ENTRY("30{06{551d1d}04{3000}}"), MALFORMED, "certificateIssuer"},
    {ENTRY("30{06{551d1d}04{0500}}"), MALFORMED, "certificateIssuer"},
    {ENTRY("30{06{551d1d}01{ff}04{30{82{61}}}}"), OK, NULL},
    {ENTRY(UNKNOWN), OK, NULL},
};

START_TEST(a_crl_entry_is_judged_by_its_form)
{
    const entry_case *row = &entry_cases[_i];
    uint8_t room[DER_NOTATION_MAX];
    auth_bytes entries = der_notation(row->hex, room);
    x509_crl_entry entry;
    auth_status status = AUTH_STATUS_INTERNAL;
    auth_error err = {AUTH_STATUS_OK, ""};
    bool is_taken = x509_crl_next(&entries, &entry, &status, &err);
    ck_assert_msg(status == row->status, "%s: %s", row->hex, err.text);
    ck_assert_int_eq(is_taken, row->status == AUTH_STATUS_OK);
    if (!is_taken)
        ck_assert_msg(strstr(err.text, row->says) != NULL, "%s", err.text);
}

START_TEST(an_unknown_critical_entry_extension_is_told)
{
    static const struct {
        const char *hex;
        bool is_unknown_critical;
    } rows[] = {
        {ENTRY("30{06{5501}01{ff}0400}"), true},
        {ENTRY(UNKNOWN), false},
        {ENTRY("30{06{551d15}01{ff}04{0a0101}}"), false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t room[DER_NOTATION_MAX];
        auth_bytes entries = der_notation(rows[i].hex, room);
        x509_crl_entry entry;
        auth_status status = AUTH_STATUS_OK;
        auth_error err = {AUTH_STATUS_OK, ""};
        ck_assert_msg(x509_crl_next(&entries, &entry, &status, &err), "%zu: %s", i, err.text);
        ck_assert_int_eq(entry.has_unknown_critical, rows[i].is_unknown_critical);
    }
}

START_TEST(the_extensions_of_an_entry_are_bounded)
{
    for (unsigned more = 0; more < 2; more++) {
        uint8_t room[DER_NOTATION_MAX];
        der_writer writer = der_writer_on(room, sizeof room);
        size_t entry_mark = der_open(&writer, DER_SEQUENCE);
        der_notation_put(&writer, "020101" TIME_1);
        size_t extensions = der_open(&writer, DER_SEQUENCE);
        put_many_extensions(&writer, X509_ENTRY_EXTENSIONS_MAX + more);
        der_close(&writer, extensions);
        der_close(&writer, entry_mark);
        auth_bytes entries = der_written(&writer);
        x509_crl_entry entry;
        auth_status status = AUTH_STATUS_OK;
        auth_error err;
        ck_assert_int_eq(x509_crl_next(&entries, &entry, &status, &err), more == 0);
        ck_assert_int_eq((int)status, (int)(more == 0 ? AUTH_STATUS_OK : AUTH_STATUS_LIMIT));
    }
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

SUITE("x509_view", TEST(a_certificate_is_read_as_it_stands),
      TEST_EACH(a_changed_certificate_is_judged_by_its_form, COUNT(cert_changes)),
      TEST(an_old_certificate_has_no_extensions), TEST(extensions_are_bounded),
      TEST_EACH(a_cut_or_lengthened_object_is_refused, 3), TEST(a_request_is_read_as_it_stands),
      TEST_EACH(a_changed_request_is_judged_by_its_form, COUNT(csr_changes)),
      TEST(the_attributes_of_a_request_are_bounded), TEST(a_crl_is_read_as_it_stands),
      TEST_EACH(a_changed_crl_is_judged_by_its_form, COUNT(crl_changes)),
      TEST_EACH(a_crl_entry_is_judged_by_its_form, COUNT(entry_cases)),
      TEST(an_unknown_critical_entry_extension_is_told),
      TEST(the_extensions_of_an_entry_are_bounded))
