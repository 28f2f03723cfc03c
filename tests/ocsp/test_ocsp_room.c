/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does everybody who is let into the waiting room get out of it once, with an answer, is what is
 * asked alike looked up once, and does the room keep its bound?
 */
#include "ocsp_case.h"

#include "daemon/server.h"
#include "ocsp/flight.h"
#include "ocsp/rate.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PLACES (OCSP_ROOM_ENOUGH + 8)

/* A loop that nobody runs: what is finished hangs in its list, and so can be counted. */
typedef struct desk {
    ocsp_case of;
    ocsp_room *room;
    daemon_response *answer;
    loop loop;
    connection connections[PLACES * 2];
    size_t used;
} desk;

static desk *new_desk(void)
{
    auth_error err;
    desk *it = calloc(1, sizeof *it);
    ck_assert_ptr_nonnull(it);
    it->of = ocsp_case_new();
    (void)pthread_mutex_init(&it->loop.lock, NULL);
    it->loop.wake.file = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_ok(ocsp_room_new(PLACES, &it->room, &err), &err);
    assert_ok(daemon_response_new(200, NULL, (auth_bytes){NULL, 0}, NULL, 0, &it->answer, &err),
              &err);
    return it;
}

static void free_desk(desk *it)
{
    ck_assert_uint_eq(ocsp_room_count(it->room), 0);
    for (size_t i = 0; i < it->used; i++)
        request_reset(&it->connections[i].request);
    ocsp_room_free(it->room);
    daemon_response_free(it->answer);
    (void)close(it->loop.wake.file);
    (void)pthread_mutex_destroy(&it->loop.lock);
    ocsp_case_free(&it->of);
    free(it);
}

static bool enter(desk *it, uint32_t number, bool has_nonce)
{
    ocsp_question question = ocsp_case_ask(&it->of, number, has_nonce);
    connection *from = &it->connections[it->used];
    from->loop = &it->loop;
    from->request.connection = from;
    bool is_in = ocsp_room_enter(it->room, &question, &from->request, 0);
    ck_assert_ptr_null(question.request);
    it->used += is_in ? 1 : 0;
    return is_in;
}

/* How many requests were finished, each with the answer and each once. */
static size_t count_finished(const desk *it)
{
    size_t count = 0;
    for (const connection *each = it->loop.done; each != NULL; each = each->next_done) {
        ck_assert_ptr_eq(each->request.answer, it->answer);
        count++;
        ck_assert_uint_le(count, it->used);
    }
    return count;
}

static ocsp_flight *take_unknown(desk *it, size_t max)
{
    bool ignored = false;
    return ocsp_room_take_unknown(it->room, max, 0, &ignored);
}

static size_t chain_length(const ocsp_flight *flight)
{
    size_t count = 0;
    for (; flight != NULL; flight = flight->next)
        count++;
    return count;
}

START_TEST(all_who_ask_alike_wait_for_one_answer)
{
    desk *it = new_desk();
    for (int i = 0; i < 5; i++)
        ck_assert(enter(it, 1, false));
    ocsp_flight *flight = take_unknown(it, 100);
    ck_assert_uint_eq(chain_length(flight), 1);
    /* Also while it is looked up and signed. */
    ck_assert(enter(it, 1, false));
    ck_assert_ptr_null(take_unknown(it, 100));
    ocsp_room_hand_on(it->room, flight);
    flight = ocsp_room_take_known(it->room, true);
    ck_assert(enter(it, 1, false));
    ocsp_room_finish(it->room, flight, it->answer);
    ck_assert_uint_eq(count_finished(it), 7);
    /* After it, the same question is a new one. */
    ck_assert(enter(it, 1, false));
    flight = take_unknown(it, 100);
    ck_assert_uint_eq(chain_length(flight), 1);
    ocsp_room_finish(it->room, flight, it->answer);
    ck_assert_uint_eq(count_finished(it), 8);
    free_desk(it);
}
END_TEST

START_TEST(nonces_and_other_certificates_are_on_their_own)
{
    desk *it = new_desk();
    ck_assert(enter(it, 1, true) && enter(it, 1, true) && enter(it, 1, false) &&
              enter(it, 2, false));
    ocsp_flight *flights = take_unknown(it, 3);
    ck_assert_uint_eq(chain_length(flights), 3);
    ocsp_room_hand_on(it->room, flights);
    flights = take_unknown(it, 3);
    ck_assert_uint_eq(chain_length(flights), 1);
    ocsp_room_finish(it->room, flights, it->answer);
    for (int i = 0; i < 3; i++)
        ocsp_room_finish(it->room, ocsp_room_take_known(it->room, true), it->answer);
    ck_assert_uint_eq(count_finished(it), 4);
    free_desk(it);
}
END_TEST

START_TEST(the_room_is_full_and_empties)
{
    desk *it = new_desk();
    for (uint32_t i = 0; i < PLACES; i++)
        ck_assert(enter(it, i / 2, false));
    ck_assert(!enter(it, 100, false));
    ck_assert_msg(!enter(it, 0, false), "one too many joined");
    ck_assert_uint_eq(ocsp_room_count(it->room), PLACES);
    ocsp_flight *flights = take_unknown(it, 100);
    ck_assert_uint_eq(chain_length(flights), PLACES / 2);
    ocsp_room_hand_on(it->room, flights);
    ocsp_room_finish(it->room, ocsp_room_take_known(it->room, true), it->answer);
    ck_assert(enter(it, 100, false));
    ocsp_room_finish(it->room, take_unknown(it, 1), it->answer);
    for (uint32_t i = 1; i < PLACES / 2; i++)
        ocsp_room_finish(it->room, ocsp_room_take_known(it->room, true), it->answer);
    ck_assert_uint_eq(count_finished(it), PLACES + 1);
    free_desk(it);
}
END_TEST

/* Those who come meanwhile are looked up together, as soon as there is less than enough. */
START_TEST(while_enough_are_to_be_signed_nobody_is_looked_up)
{
    desk *it = new_desk();
    for (uint32_t i = 0; i < OCSP_ROOM_ENOUGH; i++)
        ck_assert(enter(it, i, false));
    ocsp_room_hand_on(it->room, take_unknown(it, OCSP_ROOM_ENOUGH));
    for (uint32_t i = 0; i < 3; i++)
        ck_assert(enter(it, 100 + i, false));
    ck_assert_ptr_null(take_unknown(it, 100));
    ocsp_room_finish(it->room, ocsp_room_take_known(it->room, true), it->answer);
    ocsp_flight *flights = take_unknown(it, 100);
    ck_assert_uint_eq(chain_length(flights), 3);
    ocsp_room_hand_on(it->room, flights);
    for (uint32_t i = 1; i < OCSP_ROOM_ENOUGH + 3; i++)
        ocsp_room_finish(it->room, ocsp_room_take_known(it->room, true), it->answer);
    ck_assert_uint_eq(count_finished(it), OCSP_ROOM_ENOUGH + 3);
    free_desk(it);
}
END_TEST

static void *take_slowly(void *argument)
{
    desk *it = argument;
    bool ignored = false;
    return ocsp_room_take_unknown(it->room, 100, 3600000, &ignored);
}

/* Or else it would wait until the next look at the registry. */
START_TEST(who_signs_wakes_who_looks_up)
{
    desk *it = new_desk();
    pthread_t thread;
    void *taken = NULL;
    for (uint32_t i = 0; i < OCSP_ROOM_ENOUGH; i++)
        ck_assert(enter(it, i, false));
    ocsp_room_hand_on(it->room, take_unknown(it, OCSP_ROOM_ENOUGH));
    ck_assert(enter(it, 100, false));
    ck_assert_int_eq(pthread_create(&thread, NULL, take_slowly, it), 0);
    for (uint32_t i = 0; i < OCSP_ROOM_ENOUGH; i++)
        ocsp_room_finish(it->room, ocsp_room_take_known(it->room, true), it->answer);
    ck_assert_int_eq(pthread_join(thread, &taken), 0);
    ck_assert_uint_eq(chain_length(taken), 1);
    ocsp_room_finish(it->room, taken, it->answer);
    free_desk(it);
}
END_TEST

START_TEST(a_refreshment_that_is_joined_gives_back_both_places)
{
    desk *it = new_desk();
    ocsp_question question = ocsp_case_ask(&it->of, 1, false);
    ck_assert(ocsp_room_enter(it->room, &question, NULL, 0));
    ck_assert_uint_eq(ocsp_room_count(it->room), 1);
    question = ocsp_case_ask(&it->of, 1, false);
    ck_assert(ocsp_room_enter(it->room, &question, NULL, 0));
    ck_assert_uint_eq(ocsp_room_count(it->room), 1);
    ck_assert(enter(it, 1, false));
    ck_assert_uint_eq(ocsp_room_count(it->room), 2);
    ocsp_room_finish(it->room, take_unknown(it, 100), it->answer);
    ck_assert_uint_eq(count_finished(it), 1);
    free_desk(it);
}
END_TEST

START_TEST(a_room_that_closes_lets_everybody_out)
{
    desk *it = new_desk();
    ck_assert(enter(it, 1, false) && enter(it, 1, false) && enter(it, 2, true));
    ocsp_flight *flight = take_unknown(it, 1);
    ocsp_room_hand_on(it->room, flight);
    ocsp_room_close(it->room, it->answer);
    ck_assert_uint_eq(count_finished(it), 1);
    ck_assert(!enter(it, 3, false));
    flight = ocsp_room_take_known(it->room, true);
    ck_assert_ptr_nonnull(flight);
    ck_assert_msg(!ocsp_room_hand_back(it->room, flight), "it went back into a closed room");
    ocsp_room_finish(it->room, flight, it->answer);
    ck_assert_ptr_null(ocsp_room_take_known(it->room, true));
    ck_assert_uint_eq(count_finished(it), 3);
    free_desk(it);
}
END_TEST

START_TEST(what_was_looked_up_too_early_comes_first_again)
{
    desk *it = new_desk();
    ck_assert(enter(it, 1, false) && enter(it, 2, false));
    ocsp_room_hand_on(it->room, take_unknown(it, 1));
    ocsp_flight *early = ocsp_room_take_known(it->room, true);
    ck_assert(ocsp_room_hand_back(it->room, early));
    ocsp_flight *flights = take_unknown(it, 100);
    ck_assert_ptr_eq(flights, early);
    ck_assert_uint_eq(chain_length(flights), 2);
    ocsp_flight *second = flights->next;
    ocsp_room_finish(it->room, early, it->answer);
    ocsp_room_finish(it->room, second, it->answer);
    free_desk(it);
}
END_TEST

START_TEST(a_nudge_ends_a_wait)
{
    desk *it = new_desk();
    bool is_nudged = false;
    ocsp_room_nudge(it->room);
    ck_assert_ptr_null(ocsp_room_take_unknown(it->room, 1, 3600000, &is_nudged));
    ck_assert(is_nudged);
    ck_assert_ptr_null(ocsp_room_take_unknown(it->room, 1, 0, &is_nudged));
    ck_assert(!is_nudged);
    free_desk(it);
}
END_TEST

/* Who finds no memory finds no place, and the request is for the caller to answer. */
static auth_status enter_once(void *context)
{
    desk *it = context;
    ocsp_question question = {.request = NULL, .issuer = 1};
    connection *from = &it->connections[it->used];
    from->loop = &it->loop;
    from->request.connection = from;
    if (!ocsp_room_enter(it->room, &question, &from->request, 0))
        return AUTH_STATUS_MEMORY;
    it->used++;
    return AUTH_STATUS_OK;
}

START_TEST(memory_that_runs_out_is_no_place)
{
    desk *it = new_desk();
    ck_assert_uint_eq(harness_for_each_failure(enter_once, it), 1);
    ck_assert_uint_eq(ocsp_room_count(it->room), 1);
    ocsp_room_finish(it->room, take_unknown(it, 1), it->answer);
    /* A flight that was free is taken again, and takes no memory. */
    ck_assert_uint_eq(harness_for_each_failure(enter_once, it), 0);
    ocsp_room_finish(it->room, take_unknown(it, 1), it->answer);
    ck_assert_uint_eq(count_finished(it), 2);
    free_desk(it);
}
END_TEST

START_TEST(a_rate_gives_so_many_a_second)
{
    ocsp_rate rate = {0};
    for (int second = 1; second < 3; second++) {
        for (int i = 0; i < 5; i++)
            ck_assert(ocsp_rate_take(&rate, 5, second * 1000 + i));
        ck_assert(!ocsp_rate_take(&rate, 5, second * 1000 + 999));
    }
    ck_assert(!ocsp_rate_take(&rate, 0, 5000));
}
END_TEST

SUITE("ocsp_room", TEST(all_who_ask_alike_wait_for_one_answer),
      TEST(nonces_and_other_certificates_are_on_their_own), TEST(the_room_is_full_and_empties),
      TEST(while_enough_are_to_be_signed_nobody_is_looked_up), TEST(who_signs_wakes_who_looks_up),
      TEST(a_refreshment_that_is_joined_gives_back_both_places),
      TEST(a_room_that_closes_lets_everybody_out),
      TEST(what_was_looked_up_too_early_comes_first_again), TEST(a_nudge_ends_a_wait),
      TEST(memory_that_runs_out_is_no_place), TEST(a_rate_gives_so_many_a_second))
