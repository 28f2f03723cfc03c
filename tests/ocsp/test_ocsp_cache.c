/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is an answer found while its time runs and never after an act on its certificate, does the cache
 * keep its bound, and do those who ask for everything once leave alone what others ask for?
 */
#include "ocsp_case.h"

#include "ocsp/cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define NOW ((auth_time)1000000)
#define HOUR ((auth_time)3600)
#define BODY 800

static const ocsp_term hour = {NOW, NOW + HOUR / 2, NOW + HOUR};

typedef struct world {
    ocsp_cache *cache;
    ocsp_acts *acts;
} world;

static world new_world(size_t octets)
{
    auth_error err;
    world made = {NULL, NULL};
    assert_ok(ocsp_cache_new(octets, &made.cache, &err), &err);
    assert_ok(ocsp_acts_new(&made.acts, &err), &err);
    return made;
}

static void free_world(world *of)
{
    ocsp_cache_free(of->cache);
    ocsp_acts_free(of->acts);
}

static ocsp_key key_of(uint32_t number, uint8_t form)
{
    ocsp_key key = {.issuer = 1, .form = form, .serial_len = CASE_SERIAL_SIZE};
    (void)ocsp_case_serial(key.serial, CASE_EPOCH, number);
    return key;
}

static daemon_response *response_of(uint32_t number)
{
    auth_error err;
    static uint8_t body[BODY];
    uint8_t mine[BODY];
    daemon_response *made = NULL;
    memcpy(mine, body, sizeof mine);
    memcpy(mine, &number, sizeof number);
    assert_ok(daemon_response_new(200, "application/ocsp-response", (auth_bytes){mine, sizeof mine},
                                  NULL, 0, &made, &err),
              &err);
    return made;
}

static void put(world *of, uint32_t number, uint8_t form, const ocsp_term *term)
{
    ocsp_key key = key_of(number, form);
    AUTH_AUTO(daemon_response) *response = response_of(number);
    ocsp_cache_put(of->cache, &key, response, term, of->acts, ocsp_acts_mark(of->acts));
}

/* Tells whether an answer is found, and that it is the one that was put. */
static bool finds(world *of, uint32_t number, uint8_t form, auth_time now, bool *wants_refresh)
{
    ocsp_key key = key_of(number, form);
    bool ignored = false;
    AUTH_AUTO(daemon_response) *found =
        ocsp_cache_find(of->cache, &key, now, wants_refresh == NULL ? &ignored : wants_refresh);
    if (found == NULL)
        return false;
    uint32_t is = 0;
    memcpy(&is, daemon_response_body(found).data, sizeof is);
    ck_assert_uint_eq(is, number);
    return true;
}

START_TEST(an_answer_is_found_while_its_time_runs)
{
    world of = new_world(1 << 20);
    put(&of, 1, 1, &hour);
    ck_assert(finds(&of, 1, 1, NOW, NULL));
    ck_assert(finds(&of, 1, 1, NOW + HOUR - 1, NULL));
    ck_assert(!finds(&of, 1, 2, NOW, NULL));
    ck_assert(!finds(&of, 2, 1, NOW, NULL));
    ck_assert(!finds(&of, 1, 1, NOW + HOUR, NULL));
    put(&of, 1, 1, &hour);
    ck_assert_msg(!finds(&of, 1, 1, NOW - 1, NULL), "an answer of the future was found");
    free_world(&of);
}
END_TEST

START_TEST(one_who_asks_late_is_told_to_refresh_and_the_next_is_not)
{
    bool wants = false;
    world of = new_world(1 << 20);
    put(&of, 1, 1, &hour);
    ck_assert(finds(&of, 1, 1, NOW + HOUR / 2 - 1, &wants) && !wants);
    ck_assert(finds(&of, 1, 1, NOW + HOUR / 2, &wants) && wants);
    ck_assert(finds(&of, 1, 1, NOW + HOUR / 2, &wants) && !wants);
    ck_assert(finds(&of, 1, 1, NOW + HOUR / 2 + 60, &wants) && wants);
    free_world(&of);
}
END_TEST

START_TEST(an_act_drops_every_form_of_a_certificate_and_no_other)
{
    world of = new_world(1 << 20);
    ocsp_key key = key_of(1, 1);
    for (uint8_t form = 1; form < 4; form++)
        put(&of, 1, form, &hour);
    put(&of, 2, 1, &hour);
    ocsp_acts_note(of.acts, ocsp_key_serial(&key));
    ocsp_cache_drop(of.cache, ocsp_key_serial(&key));
    for (uint8_t form = 1; form < 4; form++)
        ck_assert(!finds(&of, 1, form, NOW, NULL));
    ck_assert(finds(&of, 2, 1, NOW, NULL));
    ocsp_cache_clear(of.cache);
    ck_assert(!finds(&of, 2, 1, NOW, NULL));
    ocsp_cache_state state;
    ocsp_cache_tell(of.cache, &state);
    ck_assert_uint_eq(state.answers, 0);
    ck_assert_uint_eq(state.octets, 0);
    free_world(&of);
}
END_TEST

/* It was looked up, then came the act, then it is put. */
START_TEST(what_was_looked_up_before_an_act_is_not_kept)
{
    world of = new_world(1 << 20);
    ocsp_key key = key_of(1, 1);
    AUTH_AUTO(daemon_response) *response = response_of(1);
    uint64_t mark = ocsp_acts_mark(of.acts);
    ocsp_acts_note(of.acts, ocsp_key_serial(&key));
    ocsp_cache_put(of.cache, &key, response, &hour, of.acts, mark);
    ck_assert(!finds(&of, 1, 1, NOW, NULL));
    mark = ocsp_acts_mark(of.acts);
    ocsp_acts_note_all(of.acts);
    ocsp_cache_put(of.cache, &key, response, &hour, of.acts, mark);
    ck_assert(!finds(&of, 1, 1, NOW, NULL));
    ocsp_cache_put(of.cache, &key, response, &hour, of.acts, ocsp_acts_mark(of.acts));
    ck_assert(finds(&of, 1, 1, NOW, NULL));
    free_world(&of);
}
END_TEST

START_TEST(the_bound_holds_and_an_answer_takes_little_more_than_its_octets)
{
    const size_t bound = (size_t)4 << 20;
    world of = new_world(bound);
    ocsp_cache_state state;
    for (uint32_t i = 0; i < 20000; i++)
        put(&of, i, 1, &hour);
    ocsp_cache_tell(of.cache, &state);
    assert_each(state.octets <= bound, "%zu octets of %zu", state.octets, bound);
    assert_each(state.answers > bound / 1400 && state.evicted > 0, "%zu answers", state.answers);
    assert_each(state.octets / state.answers <= BODY + 400, "%zu octets an answer",
                state.octets / state.answers);
    free_world(&of);
}
END_TEST

START_TEST(a_scan_moves_nothing_out_that_is_asked_for_again)
{
    world of = new_world((size_t)4 << 20);
    size_t left = 0;
    for (uint32_t i = 0; i < 1000; i++)
        put(&of, i, 1, &hour);
    for (uint32_t i = 0; i < 1000; i++)
        ck_assert(finds(&of, i, 1, NOW, NULL));
    for (uint32_t i = 1000; i < 100000; i++)
        put(&of, i, 1, &hour);
    for (uint32_t i = 0; i < 1000; i++)
        left += finds(&of, i, 1, NOW, NULL) ? 1 : 0;
    ck_assert_uint_eq(left, 1000);
    free_world(&of);
}
END_TEST

START_TEST(without_room_nothing_is_kept)
{
    world of = new_world(0);
    put(&of, 1, 1, &hour);
    ck_assert(!finds(&of, 1, 1, NOW, NULL));
    free_world(&of);
}
END_TEST

static auth_status make_once(void *context)
{
    ocsp_cache *cache = NULL;
    (void)context;
    auth_status status = ocsp_cache_new(1 << 20, &cache, NULL);
    bool leaves_nothing = status == AUTH_STATUS_OK || cache == NULL;
    ocsp_cache_free(cache);
    return leaves_nothing ? status : AUTH_STATUS_INTERNAL;
}

/* An answer that finds no memory is not kept, and nobody minds. */
static auth_status put_once(void *context)
{
    world *of = context;
    ocsp_key key = key_of(7, 1);
    daemon_response *response = NULL;
    bool ignored = false;
    auth_status status =
        daemon_response_new(200, NULL, (auth_bytes){NULL, 0}, NULL, 0, &response, NULL);
    if (status != AUTH_STATUS_OK)
        return status;
    ocsp_cache_put(of->cache, &key, response, &hour, of->acts, ocsp_acts_mark(of->acts));
    daemon_response *found = ocsp_cache_find(of->cache, &key, NOW, &ignored);
    status = found == NULL ? AUTH_STATUS_MEMORY : AUTH_STATUS_OK;
    daemon_response_free(found);
    daemon_response_free(response);
    return status;
}

START_TEST(memory_that_runs_out_leaves_the_cache_whole)
{
    world of = new_world(1 << 20);
    ck_assert_uint_gt(harness_for_each_failure(make_once, NULL), 2);
    ck_assert_uint_ge(harness_for_each_failure(put_once, &of), 2);
    put(&of, 1, 1, &hour);
    ck_assert(finds(&of, 1, 1, NOW, NULL));
    free_world(&of);
}
END_TEST

/* Threads */

#define CERTIFICATES 64

typedef struct race {
    world of;
    _Atomic uint32_t versions[CERTIFICATES]; /* what the registry would say */
    atomic_bool is_over;
    atomic_uint stale;
} race;

/* Looks up, signs and puts, as the threads of the daemon do. */
static void *put_all(void *context)
{
    race *it = context;
    while (!atomic_load(&it->is_over)) {
        for (uint32_t i = 0; i < CERTIFICATES; i++) {
            ocsp_key key = key_of(i, 1);
            auth_error err;
            daemon_response *response = NULL;
            uint64_t mark = ocsp_acts_mark(it->of.acts);
            uint32_t version = atomic_load(&it->versions[i]);
            if (daemon_response_new(200, NULL,
                                    (auth_bytes){(const uint8_t *)&version, sizeof version}, NULL,
                                    0, &response, &err) != AUTH_STATUS_OK)
                return NULL;
            ocsp_cache_put(it->of.cache, &key, response, &hour, it->of.acts, mark);
            daemon_response_free(response);
        }
    }
    return NULL;
}

/* After an act was dropped, nothing older may be found. */
static void *act_on_all(void *context)
{
    race *it = context;
    for (uint32_t turn = 1; turn <= 2000; turn++) {
        uint32_t i = turn % CERTIFICATES;
        ocsp_key key = key_of(i, 1);
        bool ignored = false;
        uint32_t found_version = turn;
        atomic_store(&it->versions[i], turn);
        ocsp_acts_note(it->of.acts, ocsp_key_serial(&key));
        ocsp_cache_drop(it->of.cache, ocsp_key_serial(&key));
        daemon_response *found = ocsp_cache_find(it->of.cache, &key, NOW, &ignored);
        if (found != NULL)
            memcpy(&found_version, daemon_response_body(found).data, sizeof found_version);
        if (found_version != turn)
            atomic_fetch_add(&it->stale, 1);
        daemon_response_free(found);
    }
    atomic_store(&it->is_over, true);
    return NULL;
}

START_TEST(no_older_answer_is_found_after_a_drop_while_others_put)
{
    race it = {.of = new_world(1 << 20)};
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, i == 0 ? act_on_all : put_all, &it), 0);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_eq(atomic_load(&it.stale), 0);
    free_world(&it.of);
}
END_TEST

SUITE("ocsp_cache", TEST(an_answer_is_found_while_its_time_runs),
      TEST(one_who_asks_late_is_told_to_refresh_and_the_next_is_not),
      TEST(an_act_drops_every_form_of_a_certificate_and_no_other),
      TEST(what_was_looked_up_before_an_act_is_not_kept),
      TEST(the_bound_holds_and_an_answer_takes_little_more_than_its_octets),
      TEST(a_scan_moves_nothing_out_that_is_asked_for_again), TEST(without_room_nothing_is_kept),
      TEST(memory_that_runs_out_leaves_the_cache_whole),
      TEST(no_older_answer_is_found_after_a_drop_while_others_put))
