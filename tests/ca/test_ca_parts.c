/* SPDX-License-Identifier: Apache-2.0 */
/* Does every turn of a loop run once, whichever thread takes it, and does a failure end it? */
#include "harness/harness.h"

#include "ca/team.h"

#include <stdatomic.h>

#define TURNS 1000

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

SUITE("ca_parts", TEST_EACH(every_turn_runs_once, 5))
