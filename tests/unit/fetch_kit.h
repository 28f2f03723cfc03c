/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate that names a responder, and what is to come of asking it. */
#ifndef UNIT_FETCH_KIT_H
#define UNIT_FETCH_KIT_H

#include "harness/fetch_world.h"
#include "harness/harness.h"

#include <string.h>

#define GOOD(number) (&(fetch_world_answer){.serial = (number)})
#define SERIAL 5

static fetch_world world;
static auth_fetch_result result;
static auth_error err;

static inline void begin(void)
{
    world = fetch_world_new("p256");
    fetch_world_put(&world, "/good", GOOD(SERIAL));
}

static inline void end(auth_fetcher *fetcher)
{
    auth_fetcher_free(fetcher);
    fetch_world_free(&world);
}

static inline void assert_found(auth_fetcher *fetcher, const auth_fetch_request *request,
                                auth_fetch_source source)
{
    assert_ok(auth_fetch_status(fetcher, request, &result, &err), &err);
    ck_assert_int_eq(result.outcome, AUTH_FETCH_OUTCOME_FOUND);
    ck_assert_str_eq(auth_fetch_source_name(result.source), auth_fetch_source_name(source));
    const auth_evidence *evidence = auth_fetched_evidence(result.fetched);
    ck_assert_uint_eq(evidence->ocsp_count + evidence->crl_count, 1);
    auth_fetched_free(result.fetched);
}

static inline void assert_outcome(auth_fetcher *fetcher, const auth_fetch_request *request,
                                  auth_fetch_outcome outcome)
{
    auth_status status = auth_fetch_status(fetcher, request, &result, &err);
    ck_assert_msg(result.outcome == outcome, "%s, not %s: %s",
                  auth_fetch_outcome_name(result.outcome), auth_fetch_outcome_name(outcome),
                  err.text);
    ck_assert_int_eq(status, err.status);
    ck_assert_int_ne(status, AUTH_STATUS_OK);
    ck_assert_ptr_null(result.fetched);
    ck_assert_msg(strlen(err.text) > 10, "%s", err.text);
}

#endif
