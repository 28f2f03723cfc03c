/* SPDX-License-Identifier: Apache-2.0 */
/* Do many who ask at once, event loops and renewals behind the scenes share what is asked for? */
#include "fetch_kit.h"

#include <poll.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 8

typedef struct asker {
    auth_fetcher *fetcher;
    auth_fetch_request request;
    auth_fetch_result result;
    auth_status status;
} asker;

static void *ask(void *context)
{
    asker *it = context;
    it->status = auth_fetch_status(it->fetcher, &it->request, &it->result, NULL);
    return NULL;
}

START_TEST(many_who_ask_wait_for_one_transfer)
{
    begin();
    raw_bytes good = fetch_world_ocsp(&world, GOOD(SERIAL));
    web_put(&world.server, "/gated", WEB_GATED, "200 OK\r\n", RAW(good));
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/gated");
    pthread_t threads[THREADS];
    asker askers[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        askers[i] = (asker){.fetcher = fetcher, .request = fetch_world_request(&world, &cert)};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, &askers[i]), 0);
    }
    web_await(&world.server, 1);
    web_release(&world.server, 1);
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_int_eq(askers[i].status, AUTH_STATUS_OK);
        ck_assert_int_eq(askers[i].result.status, AUTH_OCSP_GOOD);
        auth_fetched_free(askers[i].result.fetched);
    }
    ck_assert_uint_eq(web_hits(&world.server), 0);
    end(fetcher);
}
END_TEST

/* Waits until what is fetched behind the scenes is there. */
static void await_newer(auth_fetcher *fetcher, const auth_fetch_request *request, auth_time newer)
{
    do {
        assert_found(fetcher, request, AUTH_FETCH_SOURCE_MEMORY);
    } while (result.this_update != newer);
}

START_TEST(what_is_due_is_given_and_renewed_behind_the_scenes)
{
    begin();
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    request.renew_after_seconds = 1800;
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_OCSP);
    ck_assert(!result.is_renewing);
    web_await(&world.server, 1);
    fetch_world_put(&world, "/good",
                    &(fetch_world_answer){.serial = SERIAL, .this_update = STATUS_NOW - 60});
    assert_found(fetcher, &request, AUTH_FETCH_SOURCE_MEMORY);
    ck_assert(result.is_renewing);
    web_await(&world.server, 1);
    await_newer(fetcher, &request, STATUS_NOW - 60);
    ck_assert(!result.is_renewing);
    end(fetcher);
}
END_TEST

typedef struct completion {
    int calls;
    auth_status status;
    auth_fetch_result result;
} completion;

static void complete(void *context, auth_status status, auth_fetch_result *found,
                     const auth_error *why)
{
    completion *it = context;
    it->calls++;
    it->status = status;
    it->result = *found;
    if (status != AUTH_STATUS_OK)
        ck_assert_int_eq(why->status, status);
}

/* An event loop with nothing else to do. */
static void run_until(auth_fetcher *fetcher, const int *calls, int wanted)
{
    struct pollfd event = {.fd = auth_fetcher_descriptor(fetcher), .events = POLLIN};
    while (*calls < wanted) {
        ck_assert_int_eq(poll(&event, 1, -1), 1);
        assert_ok(auth_fetcher_step(fetcher, &err), &err);
    }
}

START_TEST(an_event_loop_waits_on_one_descriptor)
{
    auth_fetch_host host;
    auth_fetch *search = NULL;
    begin();
    raw_bytes good = fetch_world_ocsp(&world, GOOD(SERIAL));
    web_put(&world.server, "/gated", WEB_GATED, "200 OK\r\n", RAW(good));
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.has_loop = true;
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    raw_bytes slow = fetch_world_cert(&world, SERIAL, "/gated");
    raw_bytes wrong = fetch_world_cert(&world, 7, "/nothing");
    auth_fetch_request request = fetch_world_request(&world, &slow);
    completion first = {0};
    completion second = {0};
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &first, &search, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    ck_assert_ptr_nonnull(search);
    request = fetch_world_request(&world, &wrong);
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &second, &search, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    /* The second ends although the first waits. */
    run_until(fetcher, &second.calls, 1);
    ck_assert_int_eq(second.result.outcome, AUTH_FETCH_OUTCOME_REFUSED);
    ck_assert_int_eq(first.calls, 0);
    web_release(&world.server, 1);
    run_until(fetcher, &first.calls, 1);
    ck_assert_int_eq(first.status, AUTH_STATUS_OK);
    ck_assert_int_eq(first.result.status, AUTH_OCSP_GOOD);
    auth_fetched_free(first.result.fetched);

    /* What is at hand is given at once. */
    request = fetch_world_request(&world, &slow);
    assert_ok(auth_fetch_begin(fetcher, &request, complete, &first, &search, &result, &err), &err);
    ck_assert_ptr_null(search);
    ck_assert_int_eq(result.source, AUTH_FETCH_SOURCE_MEMORY);
    auth_fetched_free(result.fetched);
    ck_assert_int_eq(first.calls, 1);
    end(fetcher);
}
END_TEST

START_TEST(a_search_that_is_cancelled_calls_nobody)
{
    auth_fetch *search = NULL;
    auth_fetch *other = NULL;
    begin();
    raw_bytes good = fetch_world_ocsp(&world, GOOD(SERIAL));
    web_put(&world.server, "/gated", WEB_GATED, "200 OK\r\n", RAW(good));
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/gated");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    completion first = {0};
    completion second = {0};
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &first, &search, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &second, &other, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    auth_fetch_cancel(fetcher, search);
    web_release(&world.server, 1);
    run_until(fetcher, &second.calls, 1);
    ck_assert_int_eq(first.calls, 0);
    ck_assert_int_eq(second.status, AUTH_STATUS_OK);
    auth_fetched_free(second.result.fetched);

    /* A fetcher is freed with searches under way. */
    request = fetch_world_request(&world, &cert);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_OCSP);
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &first, &search, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    end(fetcher);
    ck_assert_int_eq(first.calls, 0);
}
END_TEST

START_TEST(what_is_due_is_asked_for_once_however_many_want_it)
{
    begin();
    raw_bytes good = fetch_world_ocsp(&world, GOOD(SERIAL));
    web_put(&world.server, "/gated", WEB_GATED, "200 OK\r\n", RAW(good));
    web_start(&world.server);
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/gated");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    request.staple = RAW(good);
    request.renew_after_seconds = 1800;
    for (int i = 0; i < 100; i++) {
        assert_found(fetcher, &request, AUTH_FETCH_SOURCE_STAPLE);
        ck_assert(result.is_renewing);
    }
    web_await(&world.server, 1);
    ck_assert_uint_eq(web_hits(&world.server), 0);
    end(fetcher);
}
END_TEST

START_TEST(searches_under_way_have_a_bound)
{
    begin();
    auth_fetch_host host;
    auth_fetch *search = NULL;
    completion done = {0};
    web_put(&world.server, "/silent", WEB_SILENT, "", (auth_bytes){NULL, 0});
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.has_loop = true;
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/silent");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    for (int i = 0; i < AUTH_FETCH_QUEUE_MAX; i++)
        assert_each(auth_fetch_begin(fetcher, &request, complete, &done, &search, &result, NULL) ==
                        AUTH_STATUS_UNKNOWN,
                    "search %d does not begin", i);
    assert_outcome(fetcher, &request, AUTH_FETCH_OUTCOME_BUSY);
    /* There is room again when one is withdrawn. */
    auth_fetch_cancel(fetcher, search);
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &done, &search, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    end(fetcher);
    ck_assert_int_eq(done.calls, 0);
}
END_TEST

START_TEST(a_child_may_not_use_its_parents_fetcher)
{
    begin();
    auth_fetcher *fetcher = fetch_world_fetcher(&world, NULL);
    raw_bytes cert = fetch_world_cert(&world, SERIAL, "/good");
    auth_fetch_request request = fetch_world_request(&world, &cert);
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(auth_fetch_status(fetcher, &request, &result, NULL) == AUTH_STATUS_INVALID ? 7 : 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    end(fetcher);
}
END_TEST

SUITE("fetch_loop", TEST(many_who_ask_wait_for_one_transfer),
      TEST(what_is_due_is_given_and_renewed_behind_the_scenes),
      TEST(an_event_loop_waits_on_one_descriptor), TEST(a_search_that_is_cancelled_calls_nobody),
      TEST(what_is_due_is_asked_for_once_however_many_want_it),
      TEST(searches_under_way_have_a_bound), TEST(a_child_may_not_use_its_parents_fetcher))
