/* SPDX-License-Identifier: Apache-2.0 */
/* Is a challenge good for one audience, one session, one time and one login only? */
#include "harness/harness.h"
#include "harness/login_world.h"
#include "login/challenge.h"
#include "login/memory.h"

#include <pthread.h>
#include <string.h>

static void make(const char *audience, auth_bytes key, auth_bytes session,
                 char out[AUTH_CHALLENGE_SIZE])
{
    auth_error err;
    auth_challenge_options options = {
        .audience = audience,
        .now = CHAIN_NOW,
        .lifetime_s = LOGIN_LIFETIME,
        .key = key,
        .session = session,
    };
    assert_ok(auth_login_challenge(&options, out, &err), &err);
}

static auth_login_reason judge(const char *text, const auth_login_input *input)
{
    auth_error err;
    login_challenge challenge;
    auth_login_reason reason = AUTH_LOGIN_REASON_FAULT;
    assert_ok(login_challenge_judge(auth_bytes_from_text(text), input, 60, &challenge, &reason,
                                    &err),
              &err);
    return reason;
}

START_TEST(a_keyed_challenge_is_good_where_it_was_made)
{
    char text[AUTH_CHALLENGE_SIZE];
    make("https://a.cn", BYTES(LOGIN_KEY), BYTES("s"), text);
    auth_login_input input = {.now = CHAIN_NOW,
                              .audience = "https://a.cn",
                              .challenge_key = BYTES(LOGIN_KEY),
                              .session = BYTES("s")};
    ck_assert_int_eq(judge(text, &input), AUTH_LOGIN_REASON_OK);
    auth_login_input other = input;
    other.audience = "https://b.cn";
    ck_assert_int_eq(judge(text, &other), AUTH_LOGIN_REASON_CHALLENGE_FOREIGN);
    other = input;
    other.session = BYTES("t");
    ck_assert_int_eq(judge(text, &other), AUTH_LOGIN_REASON_CHALLENGE_FOREIGN);
    other = input;
    other.challenge_key = BYTES("another key, as long as it must be");
    ck_assert_int_eq(judge(text, &other), AUTH_LOGIN_REASON_CHALLENGE_FOREIGN);
}
END_TEST

/* Two pairs of audience and session that are the same octets behind each other. */
START_TEST(audience_and_session_do_not_run_into_each_other)
{
    char text[AUTH_CHALLENGE_SIZE];
    make("https://a.cn", BYTES(LOGIN_KEY), BYTES("/x"), text);
    auth_login_input input = {.now = CHAIN_NOW,
                              .audience = "https://a.cn/",
                              .challenge_key = BYTES(LOGIN_KEY),
                              .session = BYTES("x")};
    ck_assert_int_eq(judge(text, &input), AUTH_LOGIN_REASON_CHALLENGE_FOREIGN);
}
END_TEST

START_TEST(a_stored_challenge_is_the_one_that_was_stored)
{
    char text[AUTH_CHALLENGE_SIZE];
    char other[AUTH_CHALLENGE_SIZE];
    make("https://a.cn", (auth_bytes){NULL, 0}, (auth_bytes){NULL, 0}, text);
    make("https://a.cn", (auth_bytes){NULL, 0}, (auth_bytes){NULL, 0}, other);
    auth_login_input input = {.now = CHAIN_NOW,
                              .audience = "https://a.cn",
                              .stored_challenge = auth_bytes_from_text(text)};
    ck_assert_int_eq(judge(text, &input), AUTH_LOGIN_REASON_OK);
    ck_assert_int_eq(judge(other, &input), AUTH_LOGIN_REASON_CHALLENGE_FOREIGN);
    input.now = CHAIN_NOW + LOGIN_LIFETIME + 1;
    ck_assert_int_eq(judge(text, &input), AUTH_LOGIN_REASON_CHALLENGE_EXPIRED);
    /* Nor does one without a code pass where a key is. */
    auth_login_input keyed = {.now = CHAIN_NOW,
                              .audience = "https://a.cn",
                              .challenge_key = BYTES(LOGIN_KEY)};
    ck_assert_int_eq(judge(text, &keyed), AUTH_LOGIN_REASON_CHALLENGE_FOREIGN);
}
END_TEST

START_TEST(a_changed_character_makes_it_foreign)
{
    char text[AUTH_CHALLENGE_SIZE];
    make("https://a.cn", BYTES(LOGIN_KEY), (auth_bytes){NULL, 0}, text);
    auth_login_input input = {.now = CHAIN_NOW,
                              .audience = "https://a.cn",
                              .challenge_key = BYTES(LOGIN_KEY)};
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        char kept = text[i];
        text[i] = kept == 'A' ? 'B' : 'A';
        assert_each(judge(text, &input) == AUTH_LOGIN_REASON_CHALLENGE_FOREIGN, "character %zu", i);
        text[i] = kept;
    }
    for (size_t cut = 0; cut < len; cut++) {
        char kept = text[cut];
        text[cut] = '\0';
        assert_each(judge(text, &input) == AUTH_LOGIN_REASON_CHALLENGE_FOREIGN, "cut to %zu", cut);
        text[cut] = kept;
    }
}
END_TEST

START_TEST(no_two_challenges_are_the_same)
{
    char first[AUTH_CHALLENGE_SIZE];
    char second[AUTH_CHALLENGE_SIZE];
    login_world_challenge(CHAIN_NOW, first);
    login_world_challenge(CHAIN_NOW, second);
    ck_assert_str_ne(first, second);
    ck_assert_uint_le(strlen(first), AUTH_CHALLENGE_MAX);
}
END_TEST

static const uint8_t long_session[AUTH_LOGIN_SESSION_MAX + 1];

static const auth_challenge_options refused[] = {
    {.audience = NULL, .now = CHAIN_NOW, .lifetime_s = 60},
    {.audience = "", .now = CHAIN_NOW, .lifetime_s = 60},
    {.audience = "a\\b", .now = CHAIN_NOW, .lifetime_s = 60},
    {.audience = "caf\xc3\xa9", .now = CHAIN_NOW, .lifetime_s = 60},
    {.audience = "a", .now = CHAIN_NOW, .lifetime_s = 0},
    {.audience = "a", .now = CHAIN_NOW, .lifetime_s = AUTH_CHALLENGE_LIFETIME_MAX + 1},
    {.audience = "a", .now = -1, .lifetime_s = 60},
    {.audience = "a", .now = AUTH_TIME_MAX + 1, .lifetime_s = 60},
    {.audience = "a", .now = 0, .lifetime_s = 60, .key = {long_session, 31}},
    {.audience = "a",
     .now = 0,
     .lifetime_s = 60,
     .session = {long_session, AUTH_LOGIN_SESSION_MAX + 1}},
};

START_TEST(what_cannot_be_a_challenge_is_not_made)
{
    auth_error err;
    char text[AUTH_CHALLENGE_SIZE] = "untouched";
    assert_fails(auth_login_challenge(&refused[_i], text, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_str_eq(text, "untouched");
}
END_TEST

/* The memory of what was answered. */

static void hash_of(uint32_t number, uint8_t out[AUTH_CHALLENGE_HASH_SIZE])
{
    memset(out, 0, AUTH_CHALLENGE_HASH_SIZE);
    memcpy(out, &number, sizeof number);
}

START_TEST(a_full_memory_refuses_until_something_expires)
{
    auth_error err;
    uint8_t hash[AUTH_CHALLENGE_HASH_SIZE];
    login_memory *memory = NULL;
    assert_ok(login_memory_new(1, &memory, &err), &err);
    uint32_t number = 0;
    for (; number < 64; number++) {
        hash_of(number, hash);
        ck_assert_int_eq(login_memory_add(memory, hash, 100, 200), AUTH_REMEMBERED_FRESH);
    }
    hash_of(0, hash);
    ck_assert_int_eq(login_memory_add(memory, hash, 100, 200), AUTH_REMEMBERED_REPLAY);
    hash_of(number, hash);
    ck_assert_int_eq(login_memory_add(memory, hash, 199, 300), AUTH_REMEMBERED_FULL);
    ck_assert_int_eq(login_memory_add(memory, hash, 259, 300), AUTH_REMEMBERED_FULL);
    ck_assert_int_eq(login_memory_add(memory, hash, 260, 300), AUTH_REMEMBERED_FRESH);
    ck_assert_int_eq(login_memory_add(memory, hash, 260, 300), AUTH_REMEMBERED_REPLAY);
    login_memory_free(memory);
}
END_TEST

/* Whoever waited for a status tells the time of its beginning, when others may be ahead. */
START_TEST(what_expired_a_moment_ago_is_still_known)
{
    auth_error err;
    uint8_t first[AUTH_CHALLENGE_HASH_SIZE];
    uint8_t second[AUTH_CHALLENGE_HASH_SIZE];
    login_memory *memory = NULL;
    assert_ok(login_memory_new(1, &memory, &err), &err);
    hash_of(1, first);
    hash_of(2, second);
    ck_assert_int_eq(login_memory_add(memory, first, 190, 200), AUTH_REMEMBERED_FRESH);
    ck_assert_int_eq(login_memory_add(memory, second, 230, 300), AUTH_REMEMBERED_FRESH);
    ck_assert_int_eq(login_memory_add(memory, first, 190, 200), AUTH_REMEMBERED_REPLAY);
    login_memory_free(memory);
}
END_TEST

#define THREADS 8
#define TURNS 2000

typedef struct race {
    login_memory *memory;
    atomic_uint fresh;
} race;

static void *add_all(void *context)
{
    race *it = context;
    uint8_t hash[AUTH_CHALLENGE_HASH_SIZE];
    for (uint32_t i = 0; i < TURNS; i++) {
        hash_of(i, hash);
        memcpy(hash + 16, &i, sizeof i);
        if (login_memory_add(it->memory, hash, 100, 200) == AUTH_REMEMBERED_FRESH)
            (void)atomic_fetch_add(&it->fresh, 1);
    }
    return NULL;
}

START_TEST(of_threads_at_once_one_is_first)
{
    auth_error err;
    race it = {.memory = NULL};
    pthread_t threads[THREADS];
    assert_ok(login_memory_new(4 * TURNS, &it.memory, &err), &err);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, add_all, &it), 0);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_eq(atomic_load(&it.fresh), TURNS);
    login_memory_free(it.memory);
}
END_TEST

static auth_status make_it(void *context)
{
    (void)context;
    char text[AUTH_CHALLENGE_SIZE];
    auth_challenge_options options = {.audience = "a",
                                      .now = CHAIN_NOW,
                                      .lifetime_s = 60,
                                      .key = BYTES(LOGIN_KEY)};
    return auth_login_challenge(&options, text, NULL);
}

START_TEST(memory_that_runs_out_is_reported)
{
    ck_assert_uint_gt(harness_for_each_failure(make_it, NULL), 0);
}
END_TEST

SUITE("login_challenge", TEST(a_keyed_challenge_is_good_where_it_was_made),
      TEST(audience_and_session_do_not_run_into_each_other),
      TEST(a_stored_challenge_is_the_one_that_was_stored),
      TEST(a_changed_character_makes_it_foreign), TEST(no_two_challenges_are_the_same),
      TEST_EACH(what_cannot_be_a_challenge_is_not_made, sizeof refused / sizeof refused[0]),
      TEST(a_full_memory_refuses_until_something_expires),
      TEST(what_expired_a_moment_ago_is_still_known), TEST(of_threads_at_once_one_is_first),
      TEST(memory_that_runs_out_is_reported))
