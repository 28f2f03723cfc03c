/* SPDX-License-Identifier: Apache-2.0 */
/* Are an office's certificates counted by the hour, and does every turn of a loop run once? */
#include "harness/harness.h"

#include "ca/limit.h"
#include "ca/team.h"

#include <stdatomic.h>

#define HOUR 3600
#define TURNS 1000

static bool take(ca_limit *limit, int64_t office, const char *profile, auth_time now)
{
    auth_error err;
    bool is_free = false;
    assert_ok(ca_limit_take(limit, office, profile, 2, now, &is_free, &err), &err);
    return is_free;
}

START_TEST(an_office_gets_so_many_an_hour)
{
    auth_error err;
    bool is_free = false;
    AUTH_AUTO(ca_limit) *limit = NULL;
    assert_ok(ca_limit_new(&limit, &err), &err);
    ck_assert(take(limit, 1, "a", HOUR));
    ck_assert(take(limit, 1, "a", HOUR));
    ck_assert(!take(limit, 1, "a", 2 * HOUR - 1));
    /* Others, other profiles, what came to nothing, and the next hour. */
    ck_assert(take(limit, 2, "a", HOUR));
    ck_assert(take(limit, 1, "b", HOUR));
    ca_limit_give(limit, 1, "a");
    ck_assert(take(limit, 1, "a", HOUR));
    ck_assert(!take(limit, 1, "a", HOUR));
    ck_assert(take(limit, 1, "a", 2 * HOUR));
    for (int i = 0; i < 10; i++)
        assert_ok(ca_limit_take(limit, 3, "c", 0, HOUR, &is_free, &err), &err);
    ck_assert(is_free);
}
END_TEST

static _Atomic unsigned seen[TURNS];

static auth_status turn(void *context, unsigned thread, size_t i, auth_error *err)
{
    const size_t *fails = context;
    if (thread >= 4)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "thread %u", thread);
    atomic_fetch_add(&seen[i], 1);
    if (i == *fails)
        return auth_error_set(err, AUTH_STATUS_IO, "turn %zu failed", i);
    return AUTH_STATUS_OK;
}

START_TEST(every_turn_runs_once)
{
    auth_error err;
    size_t fails = TURNS;
    AUTH_AUTO(ca_team) *team = NULL;
    assert_ok(ca_team_new((unsigned)_i, &team, &err), &err);
    for (unsigned round = 1; round <= 50; round++) {
        assert_ok(ca_team_run(team, TURNS, turn, &fails, &err), &err);
        for (size_t i = 0; i < TURNS; i++)
            assert_each(atomic_load(&seen[i]) == round, "turn %zu ran %u times", i, seen[i]);
    }
    assert_ok(ca_team_run(team, 0, turn, &fails, &err), &err);
    fails = 17;
    assert_fails(ca_team_run(team, TURNS, turn, &fails, &err), AUTH_STATUS_IO, &err);
    ck_assert_str_eq(err.text, "turn 17 failed");
    fails = TURNS;
    assert_ok(ca_team_run(team, TURNS, turn, &fails, &err), &err);
}
END_TEST

SUITE("ca_parts", TEST(an_office_gets_so_many_an_hour), TEST_EACH(every_turn_runs_once, 5))
