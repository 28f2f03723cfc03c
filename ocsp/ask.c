/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers: what can be answered at once is, and nothing here waits. */
#include "service.h"

#include "daemon/clock.h"
#include "daemon/content.h"

/* Signatures a second for serial numbers that nobody can have issued; who asks for more is told by
 * an answer that costs nothing. */
#define JUNK_RATE 100

void ocsp_count(const ocsp_service *it, ocsp_source source)
{
    daemon_metric_add(it->metrics, &ocsp_service_metrics[OCSP_METRIC_ANSWERS], source, 1);
}

static ocsp_source source_of(ocsp_refusal why)
{
    switch (why) {
    case OCSP_REFUSAL_MALFORMED:
        return OCSP_SOURCE_MALFORMED;
    case OCSP_REFUSAL_TRY_LATER:
        return OCSP_SOURCE_TRY_LATER;
    case OCSP_REFUSAL_UNAUTHORIZED:
        return OCSP_SOURCE_UNAUTHORIZED;
    case OCSP_REFUSAL_INTERNAL:
    case OCSP_REFUSALS:
        break;
    }
    return OCSP_SOURCE_INTERNAL;
}

static ocsp_refusal refusal_for(auth_status status)
{
    switch (auth_ocsp_error_for(status)) {
    case AUTH_OCSP_MALFORMED_REQUEST:
        return OCSP_REFUSAL_MALFORMED;
    case AUTH_OCSP_TRY_LATER:
        return OCSP_REFUSAL_TRY_LATER;
    case AUTH_OCSP_UNAUTHORIZED:
        return OCSP_REFUSAL_UNAUTHORIZED;
    case AUTH_OCSP_SUCCESSFUL:
    case AUTH_OCSP_INTERNAL_ERROR:
    case AUTH_OCSP_SIG_REQUIRED:
        break;
    }
    return OCSP_REFUSAL_INTERNAL;
}

static void refuse(const ocsp_service *it, daemon_request *request, ocsp_refusal why)
{
    ocsp_count(it, source_of(why));
    daemon_answer(request, it->refusals[why]);
}

/* Applies the policy for nonces. False: the request was refused. */
static bool admit_nonce(ocsp_service *it, daemon_request *request, ocsp_question *question,
                        int64_t now_ms)
{
    if (!question->has_nonce)
        return true;
    if (it->setting.nonces == OCSP_NONCES_REFUSE) {
        refuse(it, request, OCSP_REFUSAL_UNAUTHORIZED);
        return false;
    }
    /* An answer without the nonce is of use to most who sent one (RFC 5019 4, RFC 9654 2.1). */
    if (it->setting.nonces == OCSP_NONCES_IGNORE ||
        !ocsp_rate_take(&it->nonce_rate, it->setting.nonce_rate, now_ms))
        question->has_nonce = false;
    return true;
}

/*
 * Finds an answer that may be sent at this moment; NULL when there is none. The order is that of
 * ocsp_may_serve.
 */
static daemon_response *find_ready(ocsp_service *it, const ocsp_key *key, bool *wants_refresh)
{
    int64_t before_ms = atomic_load(&it->knowledge.known_ms);
    AUTH_AUTO(daemon_response) *found =
        ocsp_cache_find(it->cache, key, (auth_time)time(NULL), wants_refresh);
    if (found == NULL ||
        ocsp_may_serve(&it->knowledge, before_ms, daemon_now_ms()) == OCSP_SERVE_UNSURE)
        return NULL;
    return AUTH_TAKE(found);
}

/* Answers from the cache, if there is an answer that may be sent. */
static auth_status answer_ready(ocsp_service *it, daemon_request *request, ocsp_question *question,
                                int64_t now_ms, bool *is_done, auth_error *err)
{
    bool wants_refresh = false;
    AUTH_AUTO(daemon_response) *ready = find_ready(it, &question->key, &wants_refresh);
    if (ready == NULL)
        return AUTH_STATUS_OK;
    if (wants_refresh)
        (void)ocsp_room_enter(it->room, question, NULL, now_ms);
    ocsp_count(it, OCSP_SOURCE_CACHED);
    *is_done = true;
    return daemon_answer_content(request, ready, err);
}

/* Takes the question. */
static auth_status decide(ocsp_service *it, daemon_request *request, ocsp_question *question,
                          auth_error *err)
{
    int64_t now_ms = daemon_now_ms();
    bool is_done = false;
    if (!admit_nonce(it, request, question, now_ms))
        return AUTH_STATUS_OK;
    if (ocsp_question_is_plain(question)) {
        auth_status status = answer_ready(it, request, question, now_ms, &is_done, err);
        if (is_done || status != AUTH_STATUS_OK)
            return status;
    }
    if (!question->is_possible && !ocsp_rate_take(&it->junk_rate, JUNK_RATE, now_ms)) {
        refuse(it, request, OCSP_REFUSAL_UNAUTHORIZED);
        return AUTH_STATUS_OK;
    }
    daemon_request_park(request);
    if (!ocsp_room_enter(it->room, question, request, now_ms)) {
        daemon_request_unpark(request);
        refuse(it, request, OCSP_REFUSAL_TRY_LATER);
    }
    return AUTH_STATUS_OK;
}

static auth_status ask(ocsp_service *it, daemon_request *request, auth_bytes der, auth_error *err)
{
    ocsp_question question = {.request = NULL};
    uint16_t epoch = realm_epoch((auth_time)time(NULL));
    auth_status status = ocsp_question_read(der, it->authorities, epoch, &question, NULL);
    if (status != AUTH_STATUS_OK) {
        refuse(it, request, refusal_for(status));
        return AUTH_STATUS_OK;
    }
    status = decide(it, request, &question, err);
    auth_ocsp_request_free(question.request);
    return status;
}

auth_status ocsp_ask_by_post(daemon_request *request, void *context, auth_error *err)
{
    return ask(context, request, daemon_request_body(request), err);
}

auth_status ocsp_ask_by_get(daemon_request *request, void *context, auth_error *err)
{
    AUTH_AUTO(auth_buf) *der = NULL;
    auth_bytes path = daemon_request_raw_segment(request, "request");
    auth_status status = auth_buf_new(AUTH_OCSP_REQUEST_MAX, &der, err);
    if (status == AUTH_STATUS_OK)
        status = ocsp_path_decode(path, der, err);
    return status == AUTH_STATUS_OK ? ask(context, request, auth_buf_bytes(der), err) : status;
}

/*
 * What is ready is for one who asks while nobody knows anything newer: as long as the registry is
 * gone.
 */
void ocsp_give_up(ocsp_service *it, ocsp_flight *flight, ocsp_refusal why)
{
    bool ignored = false;
    AUTH_AUTO(daemon_response) *ready = NULL;
    if (why == OCSP_REFUSAL_TRY_LATER && ocsp_question_is_plain(&flight->question))
        ready = find_ready(it, &flight->question.key, &ignored);
    if (flight->waiters != NULL)
        ocsp_count(it, ready != NULL ? OCSP_SOURCE_CACHED : source_of(why));
    ocsp_room_finish(it->room, flight, ready != NULL ? ready : it->refusals[why]);
}
