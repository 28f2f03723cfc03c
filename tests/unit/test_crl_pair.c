/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a delta CRL change what its full CRL says, is a gap between the two an error, and may only a
 * newer CRL of the same scope take the place of one that is published?
 */
#include "harness/harness.h"
#include "harness/raw_cert.h"

#include <auth/crl.h>

#define THIS_UPDATE ((auth_time)1767225600)
#define ISSUER ((auth_bytes){NULL, 0})

/* One CRL, shortly: numbers as one octet. */
typedef struct plan {
    const char *issuer;
    uint8_t key_id;
    uint8_t number;
    uint8_t base; /* 0: a full CRL */
    const char *point;
    auth_time this_update;
    struct {
        const char *serial;
        auth_revocation_reason reason;
    } entries[4];
} plan;

#define FULL                                                                                       \
    {                                                                                              \
        .issuer = "A", .key_id = 1, .number = 10, .this_update = THIS_UPDATE                       \
    }
#define DELTA                                                                                      \
    {                                                                                              \
        .issuer = "A", .key_id = 1, .number = 12, .base = 10, .this_update = THIS_UPDATE + 1       \
    }

static auth_crl *build(const plan *what)
{
    auth_error err;
    raw_bytes issuer = raw_name(what->issuer);
    auth_crl_settings settings = {
        .issuer = RAW(issuer),
        .key_id = {&what->key_id, 1},
        .this_update = what->this_update,
        .next_update = what->this_update + 3600,
        .number = {&what->number, 1},
        .base_number = {&what->base, what->base == 0 ? 0 : 1},
        .distribution_point = what->point,
    };
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("ed25519");
    AUTH_AUTO(auth_crl_builder) *builder = NULL;
    AUTH_AUTO(auth_buf) *der = NULL;
    assert_ok(auth_crl_builder_new(&settings, &builder, &err), &err);
    for (size_t i = 0; i < 4 && what->entries[i].serial != NULL; i++) {
        auth_crl_entry entry = {.serial = auth_bytes_from_text(what->entries[i].serial),
                                .revoked = THIS_UPDATE - 1,
                                .reason = what->entries[i].reason};
        assert_ok(auth_crl_builder_add(builder, &entry, &err), &err);
    }
    assert_ok(auth_buf_new(65536, &der, &err), &err);
    assert_ok(auth_crl_builder_finish(builder, signer, der, &err), &err);
    auth_crl *crl = NULL;
    assert_ok(auth_crl_parse(auth_buf_bytes(der), &crl, &err), &err);
    return crl;
}

static void assert_pair(const plan *full_plan, const plan *delta_plan, auth_status expected)
{
    AUTH_AUTO(auth_crl) *full = build(full_plan);
    AUTH_AUTO(auth_crl) *delta = build(delta_plan);
    auth_error err;
    auth_crl_entry entry;
    if (expected == AUTH_STATUS_OK) {
        assert_ok(auth_crl_check_pair(full, delta, &err), &err);
        return;
    }
    assert_fails(auth_crl_check_pair(full, delta, &err), expected, &err);
    assert_fails(auth_crl_find_in_pair(full, delta, ISSUER, BYTES("\x01"), &entry, &err), expected,
                 &err);
}

START_TEST(a_delta_joins_its_base_and_what_is_newer)
{
    plan full = FULL;
    plan delta = DELTA;
    for (full.number = 10; full.number <= 14; full.number++)
        assert_pair(&full, &delta, AUTH_STATUS_OK);
}

START_TEST(a_gap_is_an_error)
{
    plan full = FULL;
    plan delta = DELTA;
    full.number = 9;
    assert_pair(&full, &delta, AUTH_STATUS_CONFLICT);
}

START_TEST(what_does_not_belong_together_is_refused)
{
    plan full = FULL;
    plan delta = DELTA;
    assert_pair(&delta, &delta, AUTH_STATUS_INVALID);
    assert_pair(&full, &full, AUTH_STATUS_INVALID);
    delta.issuer = "B";
    assert_pair(&full, &delta, AUTH_STATUS_INVALID);
    delta = (plan)DELTA;
    delta.key_id = 2;
    assert_pair(&full, &delta, AUTH_STATUS_INVALID);
    delta = (plan)DELTA;
    delta.point = "http://x/1.crl";
    assert_pair(&full, &delta, AUTH_STATUS_INVALID);
    full.point = "http://x/2.crl";
    assert_pair(&full, &delta, AUTH_STATUS_INVALID);
    full.point = delta.point;
    assert_pair(&full, &delta, AUTH_STATUS_OK);
}

#define NOT_REVOKED 99

typedef struct lookup {
    const char *what;
    auth_revocation_reason in_full; /* NOT_REVOKED: no entry */
    auth_revocation_reason in_delta;
    auth_revocation_reason expected;
    uint8_t full_number;
} lookup;

#define R(name) AUTH_REVOCATION_REASON_##name
#define NONE ((auth_revocation_reason)NOT_REVOKED)

static const lookup lookups[] = {
    {"nothing", NONE, NONE, NONE, 10},
    {"revoked in the full CRL", R(SUPERSEDED), NONE, R(SUPERSEDED), 10},
    {"revoked in the delta", NONE, R(KEY_COMPROMISE), R(KEY_COMPROMISE), 10},
    {"a hold that became final", R(CERTIFICATE_HOLD), R(KEY_COMPROMISE), R(KEY_COMPROMISE), 10},
    {"a hold that ended", R(CERTIFICATE_HOLD), R(REMOVE_FROM_CRL), NONE, 10},
    {"a hold that goes on", R(CERTIFICATE_HOLD), NONE, R(CERTIFICATE_HOLD), 10},
    {"a hold that began and ended between", NONE, R(REMOVE_FROM_CRL), NONE, 10},
    {"no end for a compromise", R(KEY_COMPROMISE), R(REMOVE_FROM_CRL), R(KEY_COMPROMISE), 10},
    {"an old delta does not end a hold", R(CERTIFICATE_HOLD), R(REMOVE_FROM_CRL),
     R(CERTIFICATE_HOLD), 13},
    {"an old delta does not revoke", NONE, R(CERTIFICATE_HOLD), NONE, 12},
};
#define LOOKUP_COUNT (sizeof lookups / sizeof lookups[0])

START_TEST(the_delta_decides)
{
    const lookup *row = &lookups[_i];
    plan full_plan = FULL;
    plan delta_plan = DELTA;
    full_plan.number = row->full_number;
    if (row->in_full != NONE) {
        full_plan.entries[0].serial = "\x01";
        full_plan.entries[0].reason = row->in_full;
    }
    if (row->in_delta != NONE) {
        delta_plan.entries[0].serial = "\x01";
        delta_plan.entries[0].reason = row->in_delta;
    }
    AUTH_AUTO(auth_crl) *full = build(&full_plan);
    AUTH_AUTO(auth_crl) *delta = build(&delta_plan);
    auth_error err;
    auth_crl_entry entry;
    if (row->expected == NONE) {
        assert_fails(auth_crl_find_in_pair(full, delta, ISSUER, BYTES("\x01"), &entry, &err),
                     AUTH_STATUS_NOT_FOUND, &err);
        return;
    }
    assert_ok(auth_crl_find_in_pair(full, delta, ISSUER, BYTES("\x01"), &entry, &err), &err);
    ck_assert_msg(entry.reason == row->expected, "%s: %s", row->what,
                  auth_revocation_reason_name(entry.reason));
}

START_TEST(numbers_are_ordered_as_numbers)
{
    static const struct {
        const char *a;
        size_t a_len;
        const char *b;
        size_t b_len;
        int order;
    } rows[] = {
        {"\x01", 1, "\x02", 1, -1},
        {"\x02", 1, "\x02", 1, 0},
        {"\x00\x02", 2, "\x02", 1, 0},
        {"\x01\x00", 2, "\xff", 1, 1},
        {"\x00", 1, "", 0, 0},
        {"\x7f", 1, "\x80", 1, -1},
        {"\x01\x00", 2, "\x01\x01", 2, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auth_bytes a = {(const uint8_t *)rows[i].a, rows[i].a_len};
        auth_bytes b = {(const uint8_t *)rows[i].b, rows[i].b_len};
        int order = auth_crl_compare_numbers(a, b);
        ck_assert_int_eq((order > 0) - (order < 0), rows[i].order);
        order = auth_crl_compare_numbers(b, a);
        ck_assert_int_eq((order > 0) - (order < 0), -rows[i].order);
    }
}

/* Publishing */

static void assert_successor(const plan *previous_plan, const plan *next_plan, auth_time now,
                             auth_status expected)
{
    AUTH_AUTO(auth_crl) *previous = build(previous_plan);
    AUTH_AUTO(auth_crl) *next = build(next_plan);
    auth_error err;
    if (expected == AUTH_STATUS_OK)
        assert_ok(auth_crl_check_successor(previous, next, now, &err), &err);
    else
        assert_fails(auth_crl_check_successor(previous, next, now, &err), expected, &err);
}

START_TEST(only_a_newer_crl_of_the_scope_is_published)
{
    plan old = FULL;
    plan next = FULL;
    auth_time now = THIS_UPDATE + 10;
    assert_successor(&old, &next, now, AUTH_STATUS_CONFLICT); /* the same number */
    next.number = 9;
    assert_successor(&old, &next, now, AUTH_STATUS_CONFLICT);
    next.number = 11;
    assert_successor(&old, &next, now, AUTH_STATUS_OK);
    next.this_update--;
    assert_successor(&old, &next, now, AUTH_STATUS_CONFLICT);
    next.this_update = THIS_UPDATE;
    next.issuer = "B";
    assert_successor(&old, &next, now, AUTH_STATUS_INVALID);
    next.issuer = "A";
    next.point = "http://x/1.crl";
    assert_successor(&old, &next, now, AUTH_STATUS_INVALID);
    next.point = NULL;
    assert_successor(&old, &next, THIS_UPDATE + 3600, AUTH_STATUS_EXPIRED);
    assert_successor(&old, &next, THIS_UPDATE + 3599, AUTH_STATUS_OK);
    /* A new key of the same authority goes on with its numbers. */
    next.key_id = 2;
    assert_successor(&old, &next, now, AUTH_STATUS_OK);
}

START_TEST(a_full_and_a_delta_crl_may_share_a_number)
{
    plan full = FULL;
    plan delta = DELTA;
    auth_time now = THIS_UPDATE + 10;
    full.number = 12;
    full.this_update = delta.this_update;
    assert_successor(&full, &delta, now, AUTH_STATUS_OK);
    assert_successor(&delta, &full, now, AUTH_STATUS_OK);
    assert_successor(&delta, &delta, now, AUTH_STATUS_CONFLICT);
    full.number = 13;
    assert_successor(&full, &delta, now, AUTH_STATUS_CONFLICT);
}

START_TEST(the_first_crl_needs_no_other)
{
    plan first = FULL;
    AUTH_AUTO(auth_crl) *crl = build(&first);
    auth_error err;
    assert_ok(auth_crl_check_successor(NULL, crl, THIS_UPDATE, &err), &err);
    assert_fails(auth_crl_check_successor(NULL, crl, THIS_UPDATE + 3600, &err), AUTH_STATUS_EXPIRED,
                 &err);
}

SUITE("crl_pair", TEST(a_delta_joins_its_base_and_what_is_newer), TEST(a_gap_is_an_error),
      TEST(what_does_not_belong_together_is_refused), TEST_EACH(the_delta_decides, LOOKUP_COUNT),
      TEST(numbers_are_ordered_as_numbers), TEST(only_a_newer_crl_of_the_scope_is_published),
      TEST(a_full_and_a_delta_crl_may_share_a_number), TEST(the_first_crl_needs_no_other))
