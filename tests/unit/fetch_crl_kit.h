/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate that names a responder that is away, and a list, and what is to come of asking. */
#ifndef UNIT_FETCH_CRL_KIT_H
#define UNIT_FETCH_CRL_KIT_H

#include "fetch/fetcher.h"
#include "harness/fetch_world.h"
#include "harness/harness.h"

#include <sched.h>
#include <string.h>

#define SERIAL 5
#define HOLD AUTH_REVOCATION_REASON_CERTIFICATE_HOLD

static fetch_world world;
static raw_bytes cert;
static auth_fetch_request request;
static auth_fetch_result result;
static auth_error err;

/* A certificate that names a responder that is away, and a list. */
static inline void begin(const char *key)
{
    world = fetch_world_new(key);
    web_put(&world.server, "/ocsp", WEB_ANSWER, "404 Not Found\r\n", (auth_bytes){NULL, 0});
    cert = fetch_world_cert_at(&world, SERIAL, fetch_world_uri(&world, "/ocsp"),
                               fetch_world_uri(&world, "/list"));
    request = fetch_world_request(&world, &cert);
}

static inline void end(auth_fetcher *fetcher)
{
    auth_fetcher_free(fetcher);
    fetch_world_free(&world);
}

static inline auth_fetcher *new_fetcher(void)
{
    auth_fetch_host host;
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.retry_ms = 1;
    options.retry_max_ms = 1;
    return fetch_world_fetcher(&world, &options);
}

/* The millisecond is over in which nothing is asked for again. */
static inline void await_retry(void)
{
    int64_t begun = fetch_clock_ms();
    while (fetch_clock_ms() < begun + 2)
        (void)sched_yield();
}

static inline void assert_found(auth_fetcher *fetcher, auth_fetch_source source,
                                auth_ocsp_status status)
{
    assert_ok(auth_fetch_status(fetcher, &request, &result, &err), &err);
    ck_assert_str_eq(auth_fetch_source_name(result.source), auth_fetch_source_name(source));
    ck_assert_int_eq(result.status, status);
    auth_fetched_free(result.fetched);
}

static inline void assert_outcome(auth_fetcher *fetcher, auth_fetch_outcome outcome,
                                  const char *text)
{
    auth_status status = auth_fetch_status(fetcher, &request, &result, &err);
    ck_assert_msg(result.outcome == outcome, "%s, not %s: %s",
                  auth_fetch_outcome_name(result.outcome), auth_fetch_outcome_name(outcome),
                  err.text);
    ck_assert_int_ne(status, AUTH_STATUS_OK);
    ck_assert_int_eq(status, err.status);
    ck_assert_msg(strstr(err.text, text) != NULL, "%s", err.text);
}

#endif
