/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a CRL that was built say what was put into it, sorted and signed with every type of key, and
 * is what RFC 5280 forbids refused before it is signed?
 */
#include "harness/harness.h"
#include "harness/raw_cert.h"

#include "x509/view.h"

#include <auth/crl.h>
#include <stdlib.h>
#include <string.h>

#define THIS_UPDATE ((auth_time)1767225600) /* 2026-01-01T00:00:00Z */
#define NEXT_UPDATE (THIS_UPDATE + 86400)
#define URI "http://crl.example/7.crl"

static const char *const key_names[] = {"p256", "p384", "rsa", "ed25519", "sm2"};
#define KEY_COUNT (sizeof key_names / sizeof key_names[0])

static raw_bytes issuer_name;

static auth_crl_settings settings(void)
{
    issuer_name = raw_name("Test authority");
    return (auth_crl_settings){
        .issuer = RAW(issuer_name),
        .key_id = BYTES("\x01\x02\x03\x04"),
        .this_update = THIS_UPDATE,
        .next_update = NEXT_UPDATE,
        .number = BYTES("\x07"),
    };
}

static auth_crl_builder *new_builder(const auth_crl_settings *with)
{
    auth_error err;
    auth_crl_builder *builder = NULL;
    assert_ok(auth_crl_builder_new(with, &builder, &err), &err);
    return builder;
}

static void add(auth_crl_builder *builder, const char *serial, auth_revocation_reason reason)
{
    auth_error err;
    auth_crl_entry entry = {.serial = auth_bytes_from_text(serial),
                            .revoked = THIS_UPDATE - 60,
                            .reason = reason};
    assert_ok(auth_crl_builder_add(builder, &entry, &err), &err);
}

static auth_buf *finish(auth_crl_builder *builder, const auth_signer *signer)
{
    auth_error err;
    auth_buf *out = NULL;
    assert_ok(auth_buf_new(AUTH_CRL_MAX, &out, &err), &err);
    assert_ok(auth_crl_builder_finish(builder, signer, out, &err), &err);
    return out;
}

static auth_crl *parse(auth_bytes der)
{
    auth_error err;
    auth_crl *crl = NULL;
    assert_ok(auth_crl_parse(der, &crl, &err), &err);
    return crl;
}

static auth_crl *built(const auth_crl_settings *with)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("p256");
    AUTH_AUTO(auth_crl_builder) *builder = new_builder(with);
    AUTH_AUTO(auth_buf) *der = finish(builder, signer);
    return parse(auth_buf_bytes(der));
}

/* What is built */

START_TEST(a_crl_says_what_was_put_into_it)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load(key_names[_i]);
    auth_crl_settings with = settings();
    AUTH_AUTO(auth_crl_builder) *builder = new_builder(&with);
    add(builder, "\x44", AUTH_REVOCATION_REASON_KEY_COMPROMISE);
    add(builder, "\x11\x22", AUTH_REVOCATION_REASON_UNSPECIFIED);
    add(builder, "\x05", AUTH_REVOCATION_REASON_CERTIFICATE_HOLD);
    ck_assert_uint_eq(auth_crl_builder_count(builder), 3);
    AUTH_AUTO(auth_buf) *der = finish(builder, signer);
    AUTH_AUTO(auth_crl) *crl = parse(auth_buf_bytes(der));

    auth_error err;
    auth_crl_entry entry;
    auth_time next_update = 0;
    assert_ok(auth_crl_check_signature(crl, auth_signer_public_key(signer), &err), &err);
    assert_bytes(auth_crl_der(crl), auth_buf_bytes(der));
    assert_bytes(auth_crl_issuer(crl), with.issuer);
    assert_bytes(auth_crl_key_id(crl), with.key_id);
    assert_bytes(auth_crl_number(crl), with.number);
    ck_assert_uint_eq(auth_crl_base_number(crl).len, 0);
    ck_assert_int_eq(auth_crl_this_update(crl), THIS_UPDATE);
    ck_assert(auth_crl_next_update(crl, &next_update));
    ck_assert_int_eq(next_update, NEXT_UPDATE);
    ck_assert_uint_eq(auth_crl_count(crl), 3);
    ck_assert_uint_eq(auth_crl_scope_of(crl).reasons, AUTH_CRL_ALL_REASONS);

    assert_ok(auth_crl_find(crl, with.issuer, BYTES("\x44"), &entry, &err), &err);
    ck_assert_int_eq((int)entry.reason, (int)AUTH_REVOCATION_REASON_KEY_COMPROMISE);
    ck_assert_int_eq(entry.revoked, THIS_UPDATE - 60);
    ck_assert(!entry.has_invalidity_date);
    assert_fails(auth_crl_find(crl, with.issuer, BYTES("\x45"), &entry, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
}

START_TEST(a_changed_octet_or_another_key_does_not_verify)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load(key_names[_i]);
    AUTH_AUTO(auth_signer) *other =
        raw_signer_new(auth_public_key_type(auth_signer_public_key(signer)));
    auth_crl_settings with = settings();
    AUTH_AUTO(auth_crl_builder) *builder = new_builder(&with);
    add(builder, "\x44", AUTH_REVOCATION_REASON_KEY_COMPROMISE);
    AUTH_AUTO(auth_buf) *der = finish(builder, signer);

    auth_error err;
    AUTH_AUTO(auth_crl) *crl = parse(auth_buf_bytes(der));
    assert_fails(auth_crl_check_signature(crl, auth_signer_public_key(other), &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    /* The serial number of the entry. */
    uint8_t *octets = (uint8_t *)(uintptr_t)auth_buf_bytes(der).data;
    uint8_t *serial = memmem(octets, auth_buf_bytes(der).len, "\x02\x01\x44", 3);
    ck_assert_ptr_nonnull(serial);
    serial[2] = 0x43;
    AUTH_AUTO(auth_crl) *altered = parse(auth_buf_bytes(der));
    assert_fails(auth_crl_check_signature(altered, auth_signer_public_key(signer), &err),
                 AUTH_STATUS_UNTRUSTED, &err);
}

/* Reads the entries as they stand, without auth_crl_parse, which sorts. */
START_TEST(entries_stand_in_strictly_rising_order)
{
    enum { COUNT = 1000 };
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("ed25519");
    auth_crl_settings with = settings();
    AUTH_AUTO(auth_crl_builder) *builder = new_builder(&with);
    auth_error err;
    for (uint32_t i = 0; i < COUNT; i++) {
        /* 7919 is prime to 1000: every number once, in disorder. */
        uint32_t number = (i * 7919U) % COUNT + 1;
        uint8_t serial[3] = {0x01, (uint8_t)(number >> 8), (uint8_t)number};
        size_t skip = number % 2; /* of two lengths */
        auth_crl_entry entry = {.serial = {serial + 0, 3}, .revoked = THIS_UPDATE};
        if (skip == 1 && serial[1] > 0 && serial[1] < 0x80)
            entry.serial = (auth_bytes){serial + 1, 2};
        assert_ok(auth_crl_builder_add(builder, &entry, &err), &err);
    }
    AUTH_AUTO(auth_buf) *der = finish(builder, signer);

    x509_crl_view view;
    assert_ok(x509_crl_view_parse(auth_buf_bytes(der), &view, &err), &err);
    auth_bytes before = {NULL, 0};
    auth_status status = AUTH_STATUS_OK;
    x509_crl_entry entry;
    size_t count = 0;
    while (x509_crl_next(&view.entries, &entry, &status, &err)) {
        bool is_longer = entry.serial.len > before.len;
        ck_assert(is_longer ||
                  (entry.serial.len == before.len && auth_bytes_compare(before, entry.serial) < 0));
        before = entry.serial;
        count++;
    }
    ck_assert_int_eq((int)status, (int)AUTH_STATUS_OK);
    ck_assert_uint_eq(count, COUNT);
}

START_TEST(an_empty_list_is_left_out)
{
    auth_crl_settings with = settings();
    AUTH_AUTO(auth_crl) *crl = built(&with);
    x509_crl_view view;
    auth_error err;
    assert_ok(x509_crl_view_parse(auth_crl_der(crl), &view, &err), &err);
    ck_assert_ptr_null(view.entries.data);
    ck_assert_uint_eq(auth_crl_count(crl), 0);
}

/* Around every border of a length octet the outer header may be reserved one octet too long. */
START_TEST(lengths_at_every_border_are_right)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load(key_names[_i]);
    auth_error err;
    for (size_t name_len = 1; name_len < 400; name_len += 1) {
        char name[400] = {0};
        memset(name, 'n', name_len);
        raw_bytes issuer = raw_name(name);
        auth_crl_settings with = settings();
        with.issuer = RAW(issuer);
        AUTH_AUTO(auth_crl_builder) *builder = new_builder(&with);
        AUTH_AUTO(auth_buf) *out = finish(builder, signer);
        AUTH_AUTO(auth_crl) *crl = parse(auth_buf_bytes(out));
        assert_ok(auth_crl_check_signature(crl, auth_signer_public_key(signer), &err), &err);
        if (_i == 2 || _i == 4)
            name_len += 40; /* these two sign slowly */
    }
}

START_TEST(a_crl_is_appended_to_what_the_buffer_holds)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("p256");
    auth_crl_settings with = settings();
    AUTH_AUTO(auth_crl_builder) *builder = new_builder(&with);
    auth_error err;
    AUTH_AUTO(auth_buf) *out = NULL;
    assert_ok(auth_buf_new(4096, &out, &err), &err);
    assert_ok(auth_buf_append(out, BYTES("before"), &err), &err);
    assert_ok(auth_crl_builder_finish(builder, signer, out, &err), &err);
    auth_bytes all = auth_buf_bytes(out);
    ck_assert_mem_eq(all.data, "before", 6);
    AUTH_AUTO(auth_crl) *crl = parse((auth_bytes){all.data + 6, all.len - 6});
    ck_assert_uint_eq(auth_crl_count(crl), 0);
}

START_TEST(every_reason_and_date_comes_back)
{
    static const unsigned numbers[] = {0, 1, 2, 3, 4, 5, 6, 8, 9, 10};
    static const auth_time dates[] = {AUTH_TIME_MIN, -1, 0, 2524607999, 2524608000, AUTH_TIME_MAX};
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("p256");
    auth_crl_settings with = settings();
    with.base_number = BYTES("\x06");
    AUTH_AUTO(auth_crl_builder) *builder = new_builder(&with);
    auth_error err;
    uint8_t serial = 1;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        for (size_t j = 0; j < sizeof dates / sizeof dates[0]; j++, serial++) {
            auth_crl_entry entry = {.serial = {&serial, 1},
                                    .revoked = dates[j],
                                    .reason = (auth_revocation_reason)numbers[i],
                                    .has_invalidity_date = (i + j) % 2 == 0,
                                    .invalidity_date = dates[5 - j]};
            assert_ok(auth_crl_builder_add(builder, &entry, &err), &err);
        }
    }
    AUTH_AUTO(auth_buf) *der = finish(builder, signer);
    AUTH_AUTO(auth_crl) *crl = parse(auth_buf_bytes(der));
    serial = 1;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        for (size_t j = 0; j < sizeof dates / sizeof dates[0]; j++, serial++) {
            auth_crl_entry entry;
            assert_ok(auth_crl_find(crl, (auth_bytes){NULL, 0}, (auth_bytes){&serial, 1}, &entry,
                                    &err),
                      &err);
            ck_assert_uint_eq((unsigned)entry.reason, numbers[i]);
            ck_assert_int_eq(entry.revoked, dates[j]);
            ck_assert(entry.has_invalidity_date == ((i + j) % 2 == 0));
            if (entry.has_invalidity_date)
                ck_assert_int_eq(entry.invalidity_date, dates[5 - j]);
        }
    }
}

START_TEST(unspecified_is_not_written)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("p256");
    auth_crl_settings with = settings();
    AUTH_AUTO(auth_crl_builder) *builder = new_builder(&with);
    add(builder, "\x01", AUTH_REVOCATION_REASON_UNSPECIFIED);
    AUTH_AUTO(auth_buf) *der = finish(builder, signer);
    auth_bytes bytes = auth_buf_bytes(der);
    auth_bytes reason = oid_bytes(OID_CRL_REASON);
    ck_assert_ptr_null(memmem(bytes.data, bytes.len, reason.data, reason.len));
}

START_TEST(a_delta_and_a_shard_say_so)
{
    auth_crl_settings with = settings();
    with.number = BYTES("\x00\x80\x01");
    with.base_number = BYTES("\x00\x80\x00");
    with.distribution_point = URI;
    with.only_user_certs = true;
    AUTH_AUTO(auth_crl) *crl = built(&with);
    assert_bytes(auth_crl_number(crl), BYTES("\x80\x01"));
    assert_bytes(auth_crl_base_number(crl), BYTES("\x80\x00"));
    auth_crl_scope scope = auth_crl_scope_of(crl);
    assert_bytes(scope.uri, auth_bytes_from_text(URI));
    ck_assert(scope.only_user_certs && !scope.only_ca_certs && !scope.is_indirect);
    /* Delta indicator and scope are critical (RFC 5280 5.2.4 and 5.2.5), the number is not. */
    x509_crl_view view;
    auth_error err;
    assert_ok(x509_crl_view_parse(auth_crl_der(crl), &view, &err), &err);
    ck_assert(x509_find(&view.extensions, OID_DELTA_CRL_INDICATOR)->is_critical);
    ck_assert(x509_find(&view.extensions, OID_ISSUING_DISTRIBUTION_POINT)->is_critical);
    ck_assert(!x509_find(&view.extensions, OID_CRL_NUMBER)->is_critical);
    ck_assert_ptr_null(x509_find(&view.extensions, OID_FRESHEST_CRL));
}

START_TEST(a_full_crl_points_to_its_deltas)
{
    auth_crl_settings with = settings();
    with.freshest_crl = URI;
    with.only_ca_certs = true;
    AUTH_AUTO(auth_crl) *crl = built(&with);
    x509_crl_view view;
    auth_error err;
    assert_ok(x509_crl_view_parse(auth_crl_der(crl), &view, &err), &err);
    const x509_extension *freshest = x509_find(&view.extensions, OID_FRESHEST_CRL);
    ck_assert_ptr_nonnull(freshest);
    auth_bytes uri;
    ck_assert(x509_read_distribution_uri(freshest->value, &uri));
    assert_bytes(uri, auth_bytes_from_text(URI));
    ck_assert(auth_crl_scope_of(crl).only_ca_certs);
    ck_assert_uint_eq(auth_crl_scope_of(crl).distribution_point.len, 0);
}

START_TEST(the_largest_numbers_fit)
{
    uint8_t number[AUTH_CRL_NUMBER_MAX];
    memset(number, 0xff, sizeof number);
    number[0] = 0x7f;
    auth_crl_settings with = settings();
    with.number = (auth_bytes){number, sizeof number};
    with.base_number = BYTES("\x00");
    AUTH_AUTO(auth_crl) *crl = built(&with);
    assert_bytes(auth_crl_number(crl), with.number);
    assert_bytes(auth_crl_base_number(crl), BYTES("\x00"));
}

/* What is refused */

typedef void change_settings(auth_crl_settings *with);

static char long_uri[AUTH_CRL_URI_MAX + 2];
static uint8_t zeros[65];

static void no_issuer(auth_crl_settings *with) { with->issuer = BYTES("\x30\x00"); }
static void broken_issuer(auth_crl_settings *with) { with->issuer = BYTES("\x30\x05\x31"); }
static void no_key_id(auth_crl_settings *with) { with->key_id.len = 0; }
static void long_key_id(auth_crl_settings *with) { with->key_id = (auth_bytes){zeros, 65}; }
static void no_number(auth_crl_settings *with) { with->number.len = 0; }
static void long_number(auth_crl_settings *with) { with->number = (auth_bytes){zeros, 21}; }
static void huge_number(auth_crl_settings *with)
{
    with->number = BYTES("\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
}
static void same_base(auth_crl_settings *with) { with->base_number = BYTES("\x07"); }
static void later_base(auth_crl_settings *with) { with->base_number = BYTES("\x01\x00"); }
static void same_times(auth_crl_settings *with) { with->next_update = with->this_update; }
static void late_time(auth_crl_settings *with) { with->next_update = AUTH_TIME_MAX + 1; }
static void early_time(auth_crl_settings *with) { with->this_update = AUTH_TIME_MIN - 1; }
static void both_only(auth_crl_settings *with)
{
    with->only_ca_certs = true;
    with->only_user_certs = true;
}
static void ldap_point(auth_crl_settings *with) { with->distribution_point = "ldap://x/cn"; }
static void space_point(auth_crl_settings *with) { with->distribution_point = "http://x/a b"; }
static void wide_point(auth_crl_settings *with) { with->distribution_point = "http://x/\xc3\xa9"; }
static void long_point(auth_crl_settings *with)
{
    memset(long_uri, 'a', sizeof long_uri - 1);
    memcpy(long_uri, "http://", 7);
    with->distribution_point = long_uri;
}
static void delta_of_delta(auth_crl_settings *with)
{
    with->base_number = BYTES("\x01");
    with->freshest_crl = URI;
}
static void bad_freshest(auth_crl_settings *with) { with->freshest_crl = "x"; }

static const struct {
    change_settings *change;
    auth_status expected;
    const char *rule;
} refused_settings[] = {
    {no_issuer, AUTH_STATUS_INVALID, "5.1.2.3"},
    {broken_issuer, AUTH_STATUS_MALFORMED, "5.1.2.3"},
    {no_key_id, AUTH_STATUS_INVALID, "5.2.1"},
    {long_key_id, AUTH_STATUS_INVALID, "5.2.1"},
    {no_number, AUTH_STATUS_INVALID, "5.2.3"},
    {long_number, AUTH_STATUS_INVALID, "5.2.3"},
    {huge_number, AUTH_STATUS_INVALID, "5.2.3"},
    {same_base, AUTH_STATUS_INVALID, "5.2.4"},
    {later_base, AUTH_STATUS_INVALID, "5.2.4"},
    {same_times, AUTH_STATUS_INVALID, "5.1.2.5"},
    {late_time, AUTH_STATUS_INVALID, "5.1.2.5"},
    {early_time, AUTH_STATUS_INVALID, "5.1.2.5"},
    {both_only, AUTH_STATUS_INVALID, "5.2.5"},
    {ldap_point, AUTH_STATUS_INVALID, "4.2.1.13"},
    {space_point, AUTH_STATUS_INVALID, "4.2.1.13"},
    {wide_point, AUTH_STATUS_INVALID, "4.2.1.13"},
    {long_point, AUTH_STATUS_INVALID, "4.2.1.13"},
    {delta_of_delta, AUTH_STATUS_INVALID, "5.2.6"},
    {bad_freshest, AUTH_STATUS_INVALID, "5.2.6"},
};
#define REFUSED_SETTINGS (sizeof refused_settings / sizeof refused_settings[0])

START_TEST(settings_that_break_a_rule_are_refused)
{
    auth_error err;
    auth_crl_builder *builder = NULL;
    auth_crl_settings with = settings();
    refused_settings[_i].change(&with);
    assert_fails(auth_crl_builder_new(&with, &builder, &err), refused_settings[_i].expected, &err);
    ck_assert_ptr_null(builder);
    ck_assert_ptr_nonnull(strstr(err.text, refused_settings[_i].rule));
}

static const struct {
    auth_bytes serial;
    auth_time revoked;
    unsigned reason;
} refused_entries[] = {
    {{NULL, 0}, 0, 0},
    {{(const uint8_t *)"\x00", 1}, 0, 0},     /* not positive */
    {{(const uint8_t *)"\xff", 1}, 0, 0},     /* negative */
    {{(const uint8_t *)"\x00\x7f", 2}, 0, 0}, /* not minimal */
    {{(const uint8_t *)"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
                       "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01",
      21},
     0,
     0},
    {{(const uint8_t *)"\x01", 1}, AUTH_TIME_MIN - 1, 0},
    {{(const uint8_t *)"\x01", 1}, AUTH_TIME_MAX + 1, 0},
    {{(const uint8_t *)"\x01", 1}, 0, 7},
    {{(const uint8_t *)"\x01", 1}, 0, 11},
    {{(const uint8_t *)"\x01", 1}, 0, 8}, /* removeFromCRL in a full CRL */
};
#define REFUSED_ENTRIES (sizeof refused_entries / sizeof refused_entries[0])

START_TEST(entries_that_break_a_rule_are_refused)
{
    auth_error err;
    auth_crl_settings with = settings();
    AUTH_AUTO(auth_crl_builder) *builder = new_builder(&with);
    auth_crl_entry entry = {.serial = refused_entries[_i].serial,
                            .revoked = refused_entries[_i].revoked,
                            .reason = (auth_revocation_reason)refused_entries[_i].reason};
    assert_fails(auth_crl_builder_add(builder, &entry, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_uint_eq(auth_crl_builder_count(builder), 0);
}

START_TEST(a_serial_that_comes_twice_is_refused_by_name)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("p256");
    auth_crl_settings with = settings();
    AUTH_AUTO(auth_crl_builder) *builder = new_builder(&with);
    add(builder, "\x12\x34", AUTH_REVOCATION_REASON_SUPERSEDED);
    add(builder, "\x11", AUTH_REVOCATION_REASON_SUPERSEDED);
    add(builder, "\x12\x34", AUTH_REVOCATION_REASON_KEY_COMPROMISE);
    auth_error err;
    AUTH_AUTO(auth_buf) *out = NULL;
    assert_ok(auth_buf_new(4096, &out, &err), &err);
    assert_fails(auth_crl_builder_finish(builder, signer, out, &err), AUTH_STATUS_CONFLICT, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "serial 1234"));
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
}

static auth_status refuse_to_sign(void *context, auth_bytes message, auth_signature *out,
                                  auth_error *err)
{
    (void)message;
    (void)out;
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE, "the token %s is away",
                          (const char *)context);
}

START_TEST(a_signer_that_is_away_leaves_nothing_behind)
{
    static char token[] = "A";
    AUTH_AUTO(auth_signer) *real = raw_signer_load("p256");
    AUTH_AUTO(auth_signer) *signer = NULL;
    auth_error err;
    assert_ok(auth_signer_from_callback(auth_signer_public_key(real), refuse_to_sign, NULL, token,
                                        &signer, &err),
              &err);
    auth_crl_settings with = settings();
    AUTH_AUTO(auth_crl_builder) *builder = new_builder(&with);
    add(builder, "\x01", AUTH_REVOCATION_REASON_SUPERSEDED);
    AUTH_AUTO(auth_buf) *out = NULL;
    assert_ok(auth_buf_new(4096, &out, &err), &err);
    assert_ok(auth_buf_append(out, BYTES("x"), &err), &err);
    assert_fails(auth_crl_builder_finish(builder, signer, out, &err), AUTH_STATUS_UNAVAILABLE,
                 &err);
    assert_bytes(auth_buf_bytes(out), BYTES("x"));
    /* The builder keeps its entries for a second try. */
    auth_buf_truncate(out, 0);
    assert_ok(auth_crl_builder_finish(builder, real, out, &err), &err);
    AUTH_AUTO(auth_crl) *crl = parse(auth_buf_bytes(out));
    ck_assert_uint_eq(auth_crl_count(crl), 1);
}

START_TEST(a_buffer_that_is_too_small_is_said)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("p256");
    auth_crl_settings with = settings();
    AUTH_AUTO(auth_crl_builder) *builder = new_builder(&with);
    auth_error err;
    AUTH_AUTO(auth_buf) *out = NULL;
    assert_ok(auth_buf_new(100, &out, &err), &err);
    assert_fails(auth_crl_builder_finish(builder, signer, out, &err), AUTH_STATUS_LIMIT, &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
}

/* Memory */

typedef struct attempt_context {
    auth_crl_settings with;
} attempt_context;

static auth_status build_once(void *context)
{
    attempt_context *attempt = context;
    AUTH_AUTO(auth_crl_builder) *builder = NULL;
    auth_status status = auth_crl_builder_new(&attempt->with, &builder, NULL);
    for (uint8_t i = 1; i <= 100 && status == AUTH_STATUS_OK; i++) {
        auth_crl_entry entry = {.serial = {&i, 1}, .revoked = THIS_UPDATE};
        status = auth_crl_builder_add(builder, &entry, NULL);
    }
    return status;
}

START_TEST(memory_that_fails_is_said)
{
    attempt_context context = {settings()};
    ck_assert_uint_ge(harness_for_each_failure(build_once, &context), 4);
}

SUITE("crl_build", TEST_EACH(a_crl_says_what_was_put_into_it, KEY_COUNT),
      TEST_EACH(a_changed_octet_or_another_key_does_not_verify, KEY_COUNT),
      TEST(entries_stand_in_strictly_rising_order), TEST(an_empty_list_is_left_out),
      TEST_EACH(lengths_at_every_border_are_right, KEY_COUNT),
      TEST(a_crl_is_appended_to_what_the_buffer_holds), TEST(every_reason_and_date_comes_back),
      TEST(unspecified_is_not_written), TEST(a_delta_and_a_shard_say_so),
      TEST(a_full_crl_points_to_its_deltas), TEST(the_largest_numbers_fit),
      TEST_EACH(settings_that_break_a_rule_are_refused, REFUSED_SETTINGS),
      TEST_EACH(entries_that_break_a_rule_are_refused, REFUSED_ENTRIES),
      TEST(a_serial_that_comes_twice_is_refused_by_name),
      TEST(a_signer_that_is_away_leaves_nothing_behind), TEST(a_buffer_that_is_too_small_is_said),
      TEST(memory_that_fails_is_said))
