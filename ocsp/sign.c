/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that sign what was looked up, and let nothing out that no longer holds. */
#include "service.h"

#include "answer.h"

#include "daemon/clock.h"
#include "registry/record.h"

/* Who has waited for so long is told to come again: others behind him have not. */
#define PATIENCE_MS 2000
#define TRIES_MAX 3
#define UNSENT_MAX 64
#define UNSENT_US 1000
/* Who has waited long already is no worse off for a part of that more. */
#define UNSENT_PART 4
/* Well within what OCSP_KNOWN_FOR_MS leaves of a second. */
#define UNSENT_MOST_US 50000
/* An answer that says of nothing that it was issued is soon asked again: it may be issued by then,
 * or a standby may have heard of it. So is one of the second of an act. */
#define SHORT_LIFE_S 10

static const daemon_event event_unsigned = {"answer-not-signed", DAEMON_LEVEL_ERROR,
                                            "an answer could not be signed"};

typedef struct signer {
    ocsp_service *of;
    ocsp_tags tags;
    auth_buf *der; /* of the answer at work */
} signer;

/*
 * Times in answers are of whole seconds. Of two answers of the second of an act nobody can tell
 * which is the newer one, and who holds what was true before keeps it. So neither is kept ready
 * here or in a cache, and both are soon asked again. An act is of the second in which it began;
 * the one in which it was committed may be the next.
 */
static bool is_of_the_act(const ocsp_finding *found, auth_time this_update)
{
    return found->has_act && this_update <= found->acted + 1;
}

static auth_time this_update_of(const ocsp_flight *flight, auth_time now)
{
    return flight->as_of < now ? flight->as_of : now;
}

static void write_statements(const ocsp_service *of, const ocsp_flight *flight, auth_time now,
                             auth_ocsp_statement out[AUTH_OCSP_CERT_IDS_MAX])
{
    auth_time this_update = this_update_of(flight, now);
    for (size_t i = 0; i < auth_ocsp_request_count(flight->question.request); i++) {
        const ocsp_finding *found = &flight->findings[i];
        bool is_issued = found->status == AUTH_OCSP_GOOD || found->status == AUTH_OCSP_REVOKED;
        bool is_lasting = is_issued && !is_of_the_act(found, this_update);
        out[i] = (auth_ocsp_statement){
            .status = found->status,
            .revoked = found->revoked,
            .reason = found->reason,
            .this_update = this_update,
            .next_update = is_lasting ? this_update + of->setting.life_s : now + SHORT_LIFE_S,
        };
        daemon_metric_add(of->metrics, &ocsp_service_metrics[OCSP_METRIC_STATUSES], found->status,
                          1);
    }
}

/*
 * The rule of knowledge.h. A look-up is knowledge of its own; what was followed since tells of
 * every act after it. Who follows notes acts and then says that they are known, so here it is asked
 * first what is known and then for acts.
 */
static bool still_holds(const ocsp_service *of, const ocsp_flight *flight)
{
    int64_t now_ms = daemon_now_ms();
    const auth_ocsp_request *request = flight->question.request;
    bool is_fresh =
        ocsp_is_recent(flight->looked_up_ms, now_ms) || ocsp_is_known(&of->knowledge, now_ms);
    for (size_t i = 0; i < auth_ocsp_request_count(request); i++) {
        if (ocsp_acts_since(of->acts, auth_ocsp_request_cert_id(request, i)->serial, flight->mark))
            return false;
    }
    return is_fresh;
}

static bool is_too_old(const ocsp_service *of, const ocsp_flight *flight, auth_time now)
{
    return flight->as_of == REGISTRY_NO_TIME || now - flight->as_of > of->setting.lag_max_s ||
           daemon_now_ms() - flight->began_ms > PATIENCE_MS;
}

/* Puts an answer with a term into the cache; without, it goes to those alone who wait for it. */
static auth_status deliver(signer *it, ocsp_flight *flight, auth_bytes der, const ocsp_term *term,
                           auth_error *err)
{
    const ocsp_service *of = it->of;
    AUTH_AUTO(daemon_response) *response = NULL;
    auth_status status = ocsp_answer_new(der, term, of->setting.keep_s, &it->tags, &response, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (term != NULL)
        ocsp_cache_put(of->cache, &flight->question.key, response, term, of->acts, flight->mark);
    ocsp_count(of, OCSP_SOURCE_SIGNED);
    ocsp_room_finish(of->room, flight, response);
    return AUTH_STATUS_OK;
}

static auth_status answer(signer *it, ocsp_flight *flight, auth_time now, bool *is_done,
                          auth_error *err)
{
    const ocsp_service *of = it->of;
    AUTH_AUTO(ocsp_identity) *identity = ocsp_keys_identity(of->keys);
    auth_ocsp_statement statements[AUTH_OCSP_CERT_IDS_MAX] = {{.status = AUTH_OCSP_UNKNOWN}};
    const auth_ocsp_responder *responder =
        ocsp_identity_responder(identity, flight->question.issuer);
    auth_ocsp_answer_options options = {.produced_at = now,
                                        .omits_nonce = !flight->question.has_nonce,
                                        .revokes_never_issued = of->setting.revokes_never_issued};
    write_statements(of, flight, now, statements);
    auth_time end = auth_ocsp_responder_not_after(responder);
    auth_time next = statements[0].next_update < end ? statements[0].next_update : end;
    ocsp_term term = {statements[0].this_update, now + (next - now) / 2, next};
    auth_buf_truncate(it->der, 0);
    auth_status status =
        auth_ocsp_respond(responder, flight->question.request, statements, &options, it->der, err);
    if (status != AUTH_STATUS_OK || !still_holds(of, flight))
        return status;
    bool is_kept = ocsp_question_is_plain(&flight->question) &&
                   !is_of_the_act(&flight->findings[0], term.this_update);
    status = deliver(it, flight, auth_buf_bytes(it->der), is_kept ? &term : NULL, err);
    *is_done = status == AUTH_STATUS_OK;
    return status;
}

static void sign_one(signer *it, ocsp_flight *flight)
{
    ocsp_service *of = it->of;
    auth_error err;
    bool is_done = false;
    auth_time now = (auth_time)time(NULL);
    if (is_too_old(of, flight, now)) {
        ocsp_give_up(of, flight, OCSP_REFUSAL_TRY_LATER);
        return;
    }
    auth_status status = answer(it, flight, now, &is_done, &err);
    if (status != AUTH_STATUS_OK) {
        daemon_log_fields(of->log, &event_unsigned, DAEMON_LOG_ERROR(&err));
        ocsp_give_up(of, flight,
                     status == AUTH_STATUS_EXPIRED || auth_status_is_retryable(status)
                         ? OCSP_REFUSAL_TRY_LATER
                         : OCSP_REFUSAL_INTERNAL);
        return;
    }
    if (!is_done && (flight->tries >= TRIES_MAX || !ocsp_room_hand_back(of->room, flight)))
        ocsp_give_up(of, flight, OCSP_REFUSAL_TRY_LATER);
}

/* Until when the first of those that are not sent yet can wait for others. */
static int64_t hold_until_us(int64_t now_us, int64_t began_ms)
{
    int64_t part_us = (now_us - began_ms * 1000) / UNSENT_PART;
    if (part_us > UNSENT_MOST_US)
        part_us = UNSENT_MOST_US;
    return now_us + (part_us > UNSENT_US ? part_us : UNSENT_US);
}

/*
 * What was signed is sent when there is nothing more to sign, and at the latest after so much of it
 * or so long: to wake the thread that sends, and those who wait, costs as much as the rest of the
 * answer.
 */
static void sign_all(signer *it, bool is_able)
{
    unsigned unsent = 0;
    int64_t until_us = 0;
    for (;;) {
        ocsp_flight *flight = ocsp_room_take_known(it->of->room, unsent == 0);
        if (flight == NULL && unsent == 0)
            return;
        if (unsent == 0)
            until_us = hold_until_us(daemon_now_us(), flight->began_ms);
        if (flight != NULL && is_able)
            sign_one(it, flight);
        else if (flight != NULL)
            ocsp_give_up(it->of, flight, OCSP_REFUSAL_TRY_LATER);
        unsent++;
        if (flight == NULL || unsent >= UNSENT_MAX || daemon_now_us() > until_us) {
            daemon_flush(it->of->self);
            unsent = 0;
        }
    }
}

/* Ends when the room is closed and empty: everybody who waits has his answer then. */
void ocsp_sign(daemon_worker *worker, void *context)
{
    signer it = {.of = context};
    auth_error err;
    (void)worker;
    auth_status status = ocsp_tags_begin(&it.tags, &err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_OCSP_RESPONSE_MAX, &it.der, &err);
    if (status != AUTH_STATUS_OK)
        daemon_fail(it.of->self, &err);
    sign_all(&it, status == AUTH_STATUS_OK);
    auth_buf_free(it.der);
}
