/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /requests at a counter: into the registry when it answers and nothing waits in front, else
 * into the spool.
 */
#include "office/handlers.h"
#include "registry/ledger_body.h"
#include "service.h"

#include <string.h>
#include <time.h>

#define ANSWER_MAX ((size_t)4096)
#define ACCEPTED 202
/* How long a client waits for those in front of it. */
#define WAIT_MS 5000

static const daemon_event event_kept = {"kept", DAEMON_LEVEL_NOTICE,
                                        "a document was kept here, to be delivered later"};

/* A document that is about to be kept. */
typedef struct keeping {
    lra_service *it;
    daemon_request *request;
    auth_request *document;
    uint8_t id[LRA_SPOOL_ID_SIZE];
    lra_known_officer officer; /* who sends it, and when the registry spoke of him */
    auth_time now;
    bool is_unanswered; /* the registry was asked in vain */
} keeping;

const char *lra_kept_text(const daemon_request *request)
{
    return daemon_request_is_chinese(request) ? "已在本处保存，尚未送达登记库"
                                              : "kept here, not yet delivered";
}

auth_status lra_answer_away(daemon_request *request, auth_error *err)
{
    daemon_request_explain(request);
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                          "registry: it does not answer, and this is known there alone; ask again "
                          "when it is back");
}

/* What is refused here is told as the registry would tell it. */
static auth_status refuse(const keeping *of, auth_request_reason reason, const char *text,
                          auth_error *err)
{
    daemon_request_reason(of->request, auth_request_reason_name(reason));
    return auth_error_set(err, AUTH_STATUS_INVALID, "%s", text);
}

static auth_status refuse_item(const keeping *of, auth_request_reason reason, size_t item,
                               const char *text, auth_error *err)
{
    if (item != AUTH_REQUEST_NOWHERE)
        daemon_request_item(of->request, (uint32_t)item);
    return refuse(of, reason, text, err);
}

static auth_status read_document(keeping *of, auth_error *err)
{
    auth_request_rules rules = {.now = of->now, .realm = of->it->offline.realm};
    auth_status status =
        auth_request_parse(daemon_request_body(of->request), &rules, &of->document, err);
    if (status != AUTH_STATUS_OK && auth_status_is_fault(status))
        return status;
    if (status != AUTH_STATUS_OK) {
        auth_error why = *err;
        return refuse(of,
                      status == AUTH_STATUS_DENIED ? AUTH_REQUEST_REASON_REALM
                                                   : AUTH_REQUEST_REASON_DOCUMENT,
                      why.text, err);
    }
    if (!registry_uuid_parse(auth_bytes_from_text(auth_request_id(of->document)), of->id))
        return refuse(of, AUTH_REQUEST_REASON_DOCUMENT,
                      auth_request_reason_text(AUTH_REQUEST_REASON_DOCUMENT), err);
    if (strcmp(auth_request_office(of->document), of->it->offline.office) != 0)
        return refuse(of, AUTH_REQUEST_REASON_SCOPE,
                      "document: its office is not served here; send it through an office that it "
                      "belongs to",
                      err);
    return AUTH_STATUS_OK;
}

static auth_status check_proofs(const keeping *of, auth_error *err)
{
    for (size_t i = 0; i < auth_request_item_count(of->document); i++) {
        auth_status status = auth_request_check_csr(of->document, i, err);
        if (status != AUTH_STATUS_OK && auth_status_is_fault(status))
            return status;
        if (status != AUTH_STATUS_OK) {
            auth_error why = *err;
            return refuse_item(of, AUTH_REQUEST_REASON_POSSESSION, i, why.text, err);
        }
    }
    return AUTH_STATUS_OK;
}

/* The spool is in the order of ids, and forgets by it: none may be ahead of all others for long. */
static auth_status check_id(const keeping *of, auth_error *err)
{
    if (lra_id_time(of->id) - of->now <= auth_policy_clock_skew_s(of->it->offline.policy))
        return AUTH_STATUS_OK;
    return refuse(of, AUTH_REQUEST_REASON_NOT_YET,
                  "id: its time lies in the future (RFC 9562 5.7); set the clock of its maker",
                  err);
}

static auth_status check_document(keeping *of, auth_error *err)
{
    auth_request_verdict verdict = {.outcome = AUTH_REQUEST_REFUSED};
    auth_status status = read_document(of, err);
    /* What is here was judged when it came and may have expired since; put compares it. */
    if (status == AUTH_STATUS_OK && lra_keep_find(of->it->keep, of->id) != LRA_SPOOL_NOWHERE)
        return AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK)
        status = lra_offline_check(&of->it->offline, of->document, of->now, &verdict, err);
    if (status == AUTH_STATUS_OK && verdict.outcome == AUTH_REQUEST_REFUSED)
        return refuse_item(of, verdict.reason, verdict.item, verdict.text, err);
    if (status == AUTH_STATUS_OK)
        status = check_id(of, err);
    return status == AUTH_STATUS_OK ? check_proofs(of, err) : status;
}

/* What was known when the connection began may have become too old since. */
static auth_status check_officer(keeping *of, auth_error *err)
{
    const auth_bytes *chain = NULL;
    if (daemon_request_chain(of->request, &chain) == 0)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "officer: this needs a certificate of an officer; show one");
    return lra_offline_judge(&of->it->offline, chain[0], of->now, &of->officer, err);
}

/* A full spool, a failed disk and a key that is missing are told with their remedy. */
static auth_status put(const keeping *of, auth_error *err)
{
    daemon_request_watch(of->request, lra_wait_key(of->id));
    auth_status status = lra_keep_put(of->it->keep, of->officer.officer, of->id,
                                      daemon_request_body(of->request), err);
    if (status != AUTH_STATUS_LIMIT && status != AUTH_STATUS_IO && status != AUTH_STATUS_DENIED)
        return status;
    auth_error why = *err;
    daemon_request_explain(of->request);
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE, "%s", why.text);
}

static auth_status answer(const keeping *of, bool is_kept, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    char at[AUTH_TIME_TEXT_SIZE];
    auth_status status = auth_buf_new(ANSWER_MAX, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_time_format(of->officer.at, at);
    const char *kind = auth_request_kind_name(auth_request_kind_of(of->document));
    daemon_json json = daemon_json_on(text);
    daemon_json_open(&json, NULL, '{');
    daemon_json_text(&json, "id", auth_bytes_from_text(auth_request_id(of->document)));
    daemon_json_text(&json, "kind", auth_bytes_from_text(kind));
    daemon_json_text(&json, "office", auth_bytes_from_text(auth_request_office(of->document)));
    daemon_json_text(&json, "state", auth_bytes_from_text(is_kept ? "kept" : "delivered"));
    daemon_json_bool(&json, "known", !is_kept);
    daemon_json_bool(&json, "kept", is_kept);
    if (is_kept)
        daemon_json_text(&json, "text", auth_bytes_from_text(lra_kept_text(of->request)));
    daemon_json_text(&json, "officer_known_at", auth_bytes_from_text(at));
    daemon_json_close(&json, '}');
    status = daemon_json_end(&json, err);
    return status == AUTH_STATUS_OK ? daemon_answer_bytes(of->request, ACCEPTED, "application/json",
                                                          auth_buf_bytes(text), err)
                                    : status;
}

static auth_status check(keeping *of, auth_error *err)
{
    auth_status status = check_officer(of, err);
    if (status == AUTH_STATUS_OK)
        status = check_document(of, err);
    if (status == AUTH_STATUS_OK)
        status = put(of, err);
    if (status == AUTH_STATUS_UNAVAILABLE)
        daemon_request_explain(of->request);
    return status;
}

static void tell(const keeping *of)
{
    lra_service *it = of->it;
    daemon_metric_add(it->metrics, &lra_service_metrics[LRA_METRIC_KEPT], 0, 1);
    daemon_log_fields(it->log, &event_kept, DAEMON_LOG_WORD("officer", of->officer.officer),
                      DAEMON_LOG_OCTETS("document",
                                        auth_bytes_from_text(auth_request_id(of->document))),
                      DAEMON_LOG_NUMBER("officer_age_s", of->now - of->officer.at));
    lra_service_measure(it);
}

/*
 * What was delivered may have been refused, and is told as that. Whether it was is known to the
 * registry alone when the note of it cannot be read.
 */
static auth_status check_delivered(const keeping *of, auth_error *err)
{
    lra_refusal refusal;
    auth_error why;
    auth_status status = lra_refused_find(of->it->refused, of->id, &refusal, &why);
    if (status == AUTH_STATUS_OK)
        return refuse_item(of, refusal.reason, refusal.item, refusal.text, err);
    return status == AUTH_STATUS_NOT_FOUND ? AUTH_STATUS_OK : lra_answer_away(of->request, err);
}

/*
 * When the registry is there and others only wait in front, so does the client, and hears what the
 * registry says. Else the document is told as kept.
 */
static auth_status finish(keeping *of, auth_error *err)
{
    lra_service *it = of->it;
    auth_error why = {.status = AUTH_STATUS_OK};
    bool is_kept = lra_keep_find(it->keep, of->id) != LRA_SPOOL_SENT;
    bool is_up = atomic_load(&it->is_up) && !of->is_unanswered;
    if (is_kept)
        daemon_worker_nudge(it->self, LRA_DELIVERY_WORKER);
    if (is_kept && is_up && !daemon_request_is_last_try(of->request)) {
        daemon_request_wait(of->request, WAIT_MS);
        return AUTH_STATUS_OK;
    }
    if (!is_kept && is_up) {
        auth_status status = office_submit(of->request, it->office, &why);
        if (!lra_link_is_away(status)) {
            if (status == AUTH_STATUS_OK)
                lra_taken_in(it, of->id);
            else
                *err = why;
            return status;
        }
        lra_link_doubt(it);
    }
    if (is_kept)
        tell(of);
    auth_status status = is_kept ? AUTH_STATUS_OK : check_delivered(of, err);
    return status == AUTH_STATUS_OK ? answer(of, is_kept, err) : status;
}

static auth_status keep(lra_service *it, daemon_request *request, bool is_unanswered,
                        auth_error *err)
{
    keeping of = {.it = it,
                  .request = request,
                  .now = (auth_time)time(NULL),
                  .is_unanswered = is_unanswered};
    auth_status status = check(&of, err);
    if (status == AUTH_STATUS_OK)
        status = finish(&of, err);
    auth_request_free(of.document);
    return status;
}

/* Which document that was is of no interest as long as nothing was refused. */
static void note_taken(lra_service *it, const daemon_request *request)
{
    auth_error ignored;
    uint8_t id[LRA_SPOOL_ID_SIZE];
    auth_request *document = NULL;
    auth_request_rules rules = {.now = (auth_time)time(NULL), .realm = it->offline.realm};
    if (lra_refused_count(it->refused) == 0)
        return;
    if (auth_request_parse(daemon_request_body(request), &rules, &document, &ignored) ==
            AUTH_STATUS_OK &&
        registry_uuid_parse(auth_bytes_from_text(auth_request_id(document)), id))
        lra_taken_in(it, id);
    auth_request_free(document);
}

auth_status lra_submit(daemon_request *request, void *context, auth_error *err)
{
    lra_service *it = context;
    auth_error why = {.status = AUTH_STATUS_OK};
    /* What waits goes first: documents are delivered in order. */
    if (!atomic_load(&it->is_up) || lra_keep_is_due(it->keep, (auth_time)time(NULL)))
        return keep(it, request, false, err);
    auth_status status = office_submit(request, it->office, &why);
    if (!lra_link_is_away(status)) {
        if (status == AUTH_STATUS_OK)
            note_taken(it, request);
        else
            *err = why;
        return status;
    }
    lra_link_doubt(it);
    return keep(it, request, true, err);
}
