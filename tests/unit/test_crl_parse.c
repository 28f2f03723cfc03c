/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is every CRL that cannot be understood whole refused, and is a certificate found in one that can,
 * however its entries are sorted?
 */
#include "harness/harness.h"
#include "harness/raw_cert.h"

#include <auth/crl.h>
#include <stdlib.h>
#include <string.h>

#define THIS_UPDATE ((auth_time)1767225600) /* 2026-01-01T00:00:00Z */
#define ROOM 16384

/* A CRL as DER pieces, so that each can be wrong. */
typedef struct raw_crl {
    auth_bytes version;    /* whole INTEGER */
    auth_bytes entries;    /* content of revokedCertificates; data NULL: left out */
    auth_bytes extensions; /* content of Extensions; data NULL: left out */
    auth_bytes behind;     /* octets after all */
} raw_crl;

static auth_signer *signer;
static uint8_t room[ROOM];

static auth_bytes make(const raw_crl *crl)
{
    uint8_t tbs_room[ROOM];
    raw_bytes issuer = raw_name("A");
    if (signer == NULL)
        signer = raw_signer_load("ed25519");
    der_writer tbs = der_writer_on(tbs_room, sizeof tbs_room);
    size_t mark = der_open(&tbs, DER_SEQUENCE);
    der_put(&tbs, crl->version.data == NULL ? BYTES("\x02\x01\x01") : crl->version);
    der_put(&tbs, auth_signer_algorithm(signer));
    der_put(&tbs, RAW(issuer));
    der_put_time(&tbs, THIS_UPDATE);
    der_put_time(&tbs, THIS_UPDATE + 60);
    if (crl->entries.data != NULL)
        der_put_item(&tbs, DER_SEQUENCE, crl->entries);
    if (crl->extensions.data != NULL) {
        size_t tagged = der_open(&tbs, DER_CONTEXT_CONSTRUCTED(0));
        der_put_item(&tbs, DER_SEQUENCE, crl->extensions);
        der_close(&tbs, tagged);
    }
    der_close(&tbs, mark);
    der_writer writer = der_writer_on(room, sizeof room);
    raw_put_signed(&writer, der_written(&tbs), signer);
    der_put(&writer, crl->behind);
    ck_assert(!writer.has_failed);
    return der_written(&writer);
}

static void put_entry(der_writer *writer, auth_bytes serial, auth_bytes extensions)
{
    size_t entry = der_open(writer, DER_SEQUENCE);
    der_put_item(writer, DER_INTEGER, serial);
    der_put_time(writer, THIS_UPDATE - 60);
    if (extensions.len > 0)
        der_put_item(writer, DER_SEQUENCE, extensions);
    der_close(writer, entry);
}

static auth_crl *parsed(const raw_crl *raw)
{
    auth_error err;
    auth_crl *crl = NULL;
    assert_ok(auth_crl_parse(make(raw), &crl, &err), &err);
    return crl;
}

static auth_bytes issuer_of(const char *common_name, raw_bytes *name)
{
    *name = raw_name(common_name);
    return RAW(*name);
}

/* Looking up */

#define REASON(number) "\x30\x0a\x06\x03\x55\x1d\x15\x04\x03\x0a\x01" number

START_TEST(unsorted_entries_are_found)
{
    enum { COUNT = 251 };
    uint8_t entries_room[ROOM];
    der_writer entries = der_writer_on(entries_room, sizeof entries_room);
    for (unsigned i = 0; i < COUNT; i++) {
        /* Every number below 251 once, in disorder; half of the serials have two octets. */
        uint8_t serial[2] = {(uint8_t)(i * 101 % COUNT % 127 + 1), (uint8_t)(i * 101 % COUNT)};
        put_entry(&entries, (auth_bytes){serial, 2}, (auth_bytes){NULL, 0});
    }
    raw_crl raw = {.entries = der_written(&entries)};
    AUTH_AUTO(auth_crl) *crl = parsed(&raw);
    ck_assert_uint_eq(auth_crl_count(crl), COUNT);
    auth_error err;
    auth_crl_entry entry;
    for (unsigned i = 0; i < COUNT; i++) {
        uint8_t serial[2] = {(uint8_t)(i % 127 + 1), (uint8_t)i};
        assert_ok(auth_crl_find(crl, (auth_bytes){NULL, 0}, (auth_bytes){serial, 2}, &entry, &err),
                  &err);
        assert_bytes(entry.serial, ((auth_bytes){serial, 2}));
        serial[0] = 0x7f;
        serial[1] = 0xff;
        assert_fails(auth_crl_find(crl, (auth_bytes){NULL, 0}, (auth_bytes){serial, 2}, &entry,
                                   &err),
                     AUTH_STATUS_NOT_FOUND, &err);
    }
    /* Entries are given in the order of serial numbers. */
    auth_crl_entry before;
    ck_assert(auth_crl_entry_at(crl, 0, &before));
    for (size_t i = 1; auth_crl_entry_at(crl, i, &entry); i++) {
        ck_assert_int_lt(auth_bytes_compare(before.serial, entry.serial), 0);
        before = entry;
    }
    ck_assert(!auth_crl_entry_at(crl, COUNT, &entry));
}

START_TEST(a_serial_is_never_taken_for_another)
{
    /* 01, 0080 and ff (which is -1) differ as content octets. */
    uint8_t entries_room[256];
    der_writer entries = der_writer_on(entries_room, sizeof entries_room);
    put_entry(&entries, BYTES("\xff"), (auth_bytes){NULL, 0});
    put_entry(&entries, BYTES("\x00\x80"), (auth_bytes){NULL, 0});
    raw_crl raw = {.entries = der_written(&entries)};
    AUTH_AUTO(auth_crl) *crl = parsed(&raw);
    auth_error err;
    auth_crl_entry entry;
    auth_bytes own = {NULL, 0};
    assert_ok(auth_crl_find(crl, own, BYTES("\xff"), &entry, &err), &err);
    assert_ok(auth_crl_find(crl, own, BYTES("\x00\x80"), &entry, &err), &err);
    assert_fails(auth_crl_find(crl, own, BYTES("\x80"), &entry, &err), AUTH_STATUS_NOT_FOUND, &err);
    assert_fails(auth_crl_find(crl, own, BYTES("\x00\xff"), &entry, &err), AUTH_STATUS_NOT_FOUND,
                 &err);
    assert_fails(auth_crl_find(crl, own, (auth_bytes){NULL, 0}, &entry, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
}

START_TEST(another_issuer_s_certificate_is_not_found)
{
    uint8_t entries_room[256];
    raw_bytes name;
    der_writer entries = der_writer_on(entries_room, sizeof entries_room);
    put_entry(&entries, BYTES("\x01"), (auth_bytes){NULL, 0});
    raw_crl raw = {.entries = der_written(&entries)};
    AUTH_AUTO(auth_crl) *crl = parsed(&raw);
    auth_error err;
    auth_crl_entry entry;
    assert_ok(auth_crl_find(crl, issuer_of("a", &name), BYTES("\x01"), &entry, &err), &err);
    assert_fails(auth_crl_find(crl, issuer_of("B", &name), BYTES("\x01"), &entry, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
}

/* certificateIssuer { directoryName CN=common_name }, critical. */
static raw_bytes certificate_issuer(const char *common_name)
{
    raw_bytes out;
    raw_bytes name = raw_name(common_name);
    uint8_t value_room[256];
    der_writer value = der_writer_on(value_room, sizeof value_room);
    size_t names = der_open(&value, DER_SEQUENCE);
    der_put_item(&value, DER_CONTEXT_CONSTRUCTED(4), RAW(name));
    der_close(&value, names);
    der_writer writer = der_writer_on(out.octets, sizeof out.octets);
    raw_put_extension(&writer, OID_CERTIFICATE_ISSUER, true, der_written(&value));
    out.len = writer.len;
    return out;
}

/* issuingDistributionPoint { indirectCRL TRUE } */
#define INDIRECT "\x30\x0f\x06\x03\x55\x1d\x1c\x01\x01\xff\x04\x05\x30\x03\x84\x01\xff"

START_TEST(entries_of_an_indirect_crl_count_for_their_issuer)
{
    uint8_t entries_room[1024];
    raw_bytes name;
    raw_bytes b = certificate_issuer("B");
    raw_bytes c = certificate_issuer("C");
    der_writer entries = der_writer_on(entries_room, sizeof entries_room);
    put_entry(&entries, BYTES("\x01"), (auth_bytes){NULL, 0}); /* of A */
    put_entry(&entries, BYTES("\x02"), RAW(b));
    put_entry(&entries, BYTES("\x01"), (auth_bytes){NULL, 0}); /* of B as well */
    put_entry(&entries, BYTES("\x03"), RAW(c));
    raw_crl raw = {.entries = der_written(&entries), .extensions = BYTES(INDIRECT)};
    AUTH_AUTO(auth_crl) *crl = parsed(&raw);
    ck_assert(auth_crl_scope_of(crl).is_indirect);

    static const struct {
        const char *issuer;
        const char *serial;
        auth_status expected;
    } lookups[] = {
        {"A", "\x01", AUTH_STATUS_OK},        {"B", "\x01", AUTH_STATUS_OK},
        {"B", "\x02", AUTH_STATUS_OK},        {"C", "\x03", AUTH_STATUS_OK},
        {"A", "\x02", AUTH_STATUS_NOT_FOUND}, {"B", "\x03", AUTH_STATUS_NOT_FOUND},
        {"C", "\x01", AUTH_STATUS_NOT_FOUND}, {"D", "\x01", AUTH_STATUS_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof lookups / sizeof lookups[0]; i++) {
        auth_crl_entry entry;
        ck_assert_int_eq((int)auth_crl_find(crl, issuer_of(lookups[i].issuer, &name),
                                            auth_bytes_from_text(lookups[i].serial), &entry, NULL),
                         (int)lookups[i].expected);
    }
}

/* What is refused */

typedef struct refused_crl {
    const char *what;
    raw_crl crl;
    auth_status expected;
} refused_crl;

#define B(literal)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }
#define TIME                                                                                       \
    "\x17\x0d"                                                                                     \
    "251231235900Z"
#define ENTRY(serial, len, rest) "\x30" len "\x02\x01" serial TIME rest
#define PLAIN(serial) ENTRY(serial, "\x12", "")
#define WITH_REASON(number) ENTRY("\x01", "\x20", "\x30\x0c" REASON(number))
/* Unknown extension 1.2.3 in an entry, critical or not. */
#define UNKNOWN_CRITICAL "\x30\x0b\x06\x02\x2a\x03\x01\x01\xff\x04\x02\x05\x00"
#define NUMBER "\x30\x0a\x06\x03\x55\x1d\x14\x04\x03\x02\x01\x07"
#define DELTA "\x30\x0d\x06\x03\x55\x1d\x1b\x01\x01\xff\x04\x03\x02\x01\x06"
#define SCOPE(len, total, value) "\x30" total "\x06\x03\x55\x1d\x1c\x01\x01\xff\x04" len value

static const refused_crl refused[] = {
    {"octets behind", {.behind = B("\x00")}, AUTH_STATUS_MALFORMED},
    {"version 3", {.version = B("\x02\x01\x02")}, AUTH_STATUS_MALFORMED},
    {"an entry that is no SEQUENCE", {.entries = B("\x31\x00")}, AUTH_STATUS_MALFORMED},
    {"a serial with a spare zero",
     {.entries = B("\x30\x13\x02\x02\x00\x01" TIME)},
     AUTH_STATUS_MALFORMED},
    {"an entry that is cut",
     {.entries = B("\x30\x12\x02\x01\x01\x17\x0d"
                   "2512")},
     AUTH_STATUS_MALFORMED},
    {"a serial that stands there twice",
     {.entries = B(PLAIN("\x05") PLAIN("\x04") PLAIN("\x05"))},
     AUTH_STATUS_INVALID},
    {"reason 7", {.entries = B(WITH_REASON("\x07"))}, AUTH_STATUS_MALFORMED},
    {"reason 11", {.entries = B(WITH_REASON("\x0b"))}, AUTH_STATUS_MALFORMED},
    {"removeFromCRL in a full CRL", {.entries = B(WITH_REASON("\x08"))}, AUTH_STATUS_INVALID},
    {"an unknown critical extension of an entry",
     {.entries = B(ENTRY("\x01", "\x21", "\x30\x0d" UNKNOWN_CRITICAL))},
     AUTH_STATUS_UNSUPPORTED},
    {"an unknown critical extension", {.extensions = B(UNKNOWN_CRITICAL)}, AUTH_STATUS_UNSUPPORTED},
    {"a critical number",
     {.extensions = B("\x30\x0d\x06\x03\x55\x1d\x14\x01\x01\xff\x04\x03\x02\x01\x07")},
     AUTH_STATUS_INVALID},
    {"a critical key identifier of the authority",
     {.extensions = B("\x30\x0f\x06\x03\x55\x1d\x23\x01\x01\xff\x04\x05\x30\x03\x80\x01\x07")},
     AUTH_STATUS_INVALID},
    {"a critical pointer to deltas",
     {.extensions = B("\x30\x0c\x06\x03\x55\x1d\x2e\x01\x01\xff\x04\x02\x30\x00")},
     AUTH_STATUS_INVALID},
    {"an extension twice", {.extensions = B(NUMBER NUMBER)}, AUTH_STATUS_INVALID},
    {"a negative number",
     {.extensions = B("\x30\x0a\x06\x03\x55\x1d\x14\x04\x03\x02\x01\xff")},
     AUTH_STATUS_MALFORMED},
    {"a number of 21 octets",
     {.extensions = B("\x30\x1e\x06\x03\x55\x1d\x14\x04\x17\x02\x15\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                      "\0\0\0\0\0\0")},
     AUTH_STATUS_MALFORMED},
    {"octets behind a number",
     {.extensions = B("\x30\x0b\x06\x03\x55\x1d\x14\x04\x04\x02\x01\x07\x00")},
     AUTH_STATUS_MALFORMED},
    {"an empty scope", {.extensions = B(SCOPE("\x02", "\x0c", "\x30\x00"))}, AUTH_STATUS_INVALID},
    {"users only and authorities only",
     {.extensions = B(SCOPE("\x08", "\x12", "\x30\x06\x81\x01\xff\x82\x01\xff"))},
     AUTH_STATUS_INVALID},
    {"a flag that is written although it is FALSE",
     {.extensions = B(SCOPE("\x05", "\x0f", "\x30\x03\x81\x01\x00"))},
     AUTH_STATUS_MALFORMED},
    {"flags in the wrong order",
     {.extensions = B(SCOPE("\x08", "\x12", "\x30\x06\x84\x01\xff\x81\x01\xff"))},
     AUTH_STATUS_MALFORMED},
    {"no reasons",
     {.extensions = B(SCOPE("\x06", "\x10", "\x30\x04\x83\x02\x07\x80"))},
     AUTH_STATUS_INVALID},
    {"a distribution point of another choice",
     {.extensions = B(SCOPE("\x06", "\x10", "\x30\x04\xa0\x02\xa2\x00"))},
     AUTH_STATUS_MALFORMED},
    {"a certificate issuer in a CRL that is not indirect",
     {.entries = B(ENTRY("\x01", "\x33",
                         "\x30\x1f\x30\x1d\x06\x03\x55\x1d\x1d\x01\x01\xff\x04\x13\x30\x11\xa4\x0f"
                         "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02"
                         "BB"))},
     AUTH_STATUS_INVALID},
    {"a certificate issuer without a directory name",
     {.entries = B(ENTRY("\x01", "\x25",
                         "\x30\x11\x30\x0f\x06\x03\x55\x1d\x1d\x01\x01\xff\x04\x05\x30\x03\x82\x01"
                         "b")),
      .extensions = B(INDIRECT)},
     AUTH_STATUS_MALFORMED},
};
#define REFUSED_COUNT (sizeof refused / sizeof refused[0])

START_TEST(a_crl_that_is_not_understood_is_refused_whole)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_crl *crl = NULL;
    auth_bytes der = make(&refused[_i].crl);
    auth_status status = auth_crl_parse(der, &crl, &err);
    ck_assert_msg(status == refused[_i].expected && crl == NULL, "%s: %s: %s", refused[_i].what,
                  auth_status_name(status), err.text);
    ck_assert(err.text[0] != '\0');
}

START_TEST(what_is_allowed_is_read)
{
    static const raw_crl allowed[] = {
        {.entries = B(PLAIN("\x05") PLAIN("\x04") PLAIN("\x06")), .extensions = B(NUMBER)},
        {.entries = B(WITH_REASON("\x08")), .extensions = B(NUMBER DELTA)},
        {.entries = B(WITH_REASON("\x0a"))},
        {.extensions = B(SCOPE("\x06", "\x10", "\x30\x04\x83\x02\x06\x40"))},
        {.extensions = B("\x30\x08\x06\x02\x2a\x03\x04\x02\x05\x00")}, /* unknown, not critical */
        {.entries = {(const uint8_t *)"", 0}}, /* an empty list, which RFC 5280 leaves out */
    };
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        auth_error err;
        AUTH_AUTO(auth_crl) *crl = NULL;
        assert_ok(auth_crl_parse(make(&allowed[i]), &crl, &err), &err);
    }
}

START_TEST(only_some_reasons_are_told)
{
    raw_crl raw = {.extensions = B(SCOPE("\x06", "\x10", "\x30\x04\x83\x02\x05\x60"))};
    AUTH_AUTO(auth_crl) *crl = parsed(&raw);
    ck_assert_uint_eq(auth_crl_scope_of(crl).reasons, 1U << 1 | 1U << 2);
}

START_TEST(every_truncation_is_refused)
{
    raw_crl raw = {.entries = B(PLAIN("\x05") PLAIN("\x06")), .extensions = B(NUMBER)};
    auth_bytes der = make(&raw);
    for (size_t len = 0; len < der.len; len++) {
        auth_error err;
        auth_crl *crl = NULL;
        assert_fails(auth_crl_parse((auth_bytes){der.data, len}, &crl, &err), AUTH_STATUS_MALFORMED,
                     &err);
    }
}

START_TEST(two_algorithms_are_refused)
{
    raw_crl raw = {.extensions = B(NUMBER)};
    auth_bytes der = make(&raw);
    auth_bytes algorithm = auth_signer_algorithm(signer);
    uint8_t *first = memmem(room, der.len, algorithm.data, algorithm.len);
    ck_assert_ptr_nonnull(first);
    first[algorithm.len - 1] ^= 1;
    auth_error err;
    AUTH_AUTO(auth_crl) *crl = NULL;
    assert_ok(auth_crl_parse(der, &crl, &err), &err);
    assert_fails(auth_crl_check_signature(crl, auth_signer_public_key(signer), &err),
                 AUTH_STATUS_MALFORMED, &err);
}

static auth_status parse_once(void *context)
{
    AUTH_AUTO(auth_crl) *crl = NULL;
    return auth_crl_parse(*(auth_bytes *)context, &crl, NULL);
}

START_TEST(memory_that_fails_is_said)
{
    raw_crl raw = {.entries = B(PLAIN("\x05") PLAIN("\x06"))};
    auth_bytes der = make(&raw);
    ck_assert_uint_ge(harness_for_each_failure(parse_once, &der), 3);
}

SUITE("crl_parse", TEST(unsorted_entries_are_found), TEST(a_serial_is_never_taken_for_another),
      TEST(another_issuer_s_certificate_is_not_found),
      TEST(entries_of_an_indirect_crl_count_for_their_issuer),
      TEST_EACH(a_crl_that_is_not_understood_is_refused_whole, REFUSED_COUNT),
      TEST(what_is_allowed_is_read), TEST(only_some_reasons_are_told),
      TEST(every_truncation_is_refused), TEST(two_algorithms_are_refused),
      TEST(memory_that_fails_is_said))
