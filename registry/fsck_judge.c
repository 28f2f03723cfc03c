/* SPDX-License-Identifier: Apache-2.0 */
#include "fsck_judge.h"
#include "ledger_body.h"
#include "statement.h"

#include <auth/cert.h>
#include <stdio.h>
#include <stdlib.h>

/* As policies and the registry name the authorities (docs/realm.md). */
#define ROOT "root"
#define STAFF "staff"
#define CITIZENS "citizens"

#define MISSING_SIZE 512

void fsck_judge_clear(fsck_judge *judge)
{
    registry_facts_free(judge->facts);
    auth_known_issuer_free(judge->staff);
    auth_known_issuer_free(judge->citizens);
    auth_trust_free(judge->trust);
    registry_result_free(judge->root);
    free(judge->anchors);
    *judge = (fsck_judge){.is_open = false};
}

/* Whom to trust */

static auth_status find_authority(const fsck_judge *judge, const char *name, registry_result **out,
                                  auth_error *err)
{
    AUTH_AUTO(registry_result) *row = NULL;
    auth_status status = registry_run(judge->connection, REGISTRY_STATEMENT_FSCK_AUTHORITY_NAMED,
                                      REGISTRY_VALUES(registry_text(name)), &row, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (registry_result_rows(row) == 0)
        registry_report(judge->reporter, "authority", name, "there is no authority of this name");
    else
        *out = AUTH_TAKE(row);
    return AUTH_STATUS_OK;
}

/* Signers of heads stand among those who are trusted, too: they are no anchors. */
static auth_status add_anchor(fsck_judge *judge, auth_bytes certificate, auth_error *err)
{
    AUTH_AUTO(auth_trust) *alone = NULL;
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_status status = auth_cert_parse(certificate, &cert, err);
    if (status == AUTH_STATUS_OK && !auth_cert_is_ca(cert))
        return AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK)
        status = auth_trust_new(&certificate, 1, NULL, 0, &alone, err);
    if (auth_status_is_fault(status))
        return status;
    if (status == AUTH_STATUS_OK)
        judge->anchors[judge->anchor_count++] = certificate;
    return AUTH_STATUS_OK;
}

static auth_status find_anchors(fsck_judge *judge, auth_error *err)
{
    const registry_ledger_trust *trust = &judge->by->trust;
    auth_status status = AUTH_STATUS_OK;
    judge->anchors = calloc(trust->count + 1, sizeof *judge->anchors);
    if (judge->anchors == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < trust->count && status == AUTH_STATUS_OK; i++)
        status = add_anchor(judge, trust->certificates[i], err);
    if (status != AUTH_STATUS_OK || trust->count > 0)
        return status;
    status = find_authority(judge, ROOT, &judge->root, err);
    if (status == AUTH_STATUS_OK && judge->root != NULL)
        status = add_anchor(judge, registry_value_bytes(judge->root, 0, 0), err);
    if (status == AUTH_STATUS_OK && judge->root != NULL)
        status = registry_result_check(judge->root, err);
    return status;
}

/*
 * An authority as it was when its own time began: what it issued is held against its time and that
 * of its chain later, and this examination reads no clock.
 */
static auth_status trust_authority(const fsck_judge *judge, const char *name, auth_bytes der,
                                   auth_known_issuer **out, auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_verdict verdict = {.reason = AUTH_VERDICT_REASON_MALFORMED};
    auth_validation options = {.purpose = AUTH_PURPOSE_CA};
    auth_status status = auth_cert_parse(der, &cert, err);
    if (status == AUTH_STATUS_OK) {
        options.now = auth_cert_not_before(cert);
        status = auth_known_issuer_new(judge->trust, &options, der, NULL, out, &verdict, err);
    }
    if (auth_status_is_fault(status))
        return status;
    if (*out == NULL)
        registry_report(judge->reporter, "authority", name, "it is not trusted: %s",
                        auth_verdict_reason_text(verdict.reason));
    return AUTH_STATUS_OK;
}

static auth_status make_issuer(const fsck_judge *judge, const char *name, auth_known_issuer **out,
                               auth_error *err)
{
    AUTH_AUTO(registry_result) *row = NULL;
    auth_status status = find_authority(judge, name, &row, err);
    if (status != AUTH_STATUS_OK || row == NULL)
        return status;
    auth_bytes der = registry_value_bytes(row, 0, 0);
    status = registry_result_check(row, err);
    return status == AUTH_STATUS_OK ? trust_authority(judge, name, der, out, err) : status;
}

static auth_status make_issuers(fsck_judge *judge, auth_error *err)
{
    auth_status status = find_anchors(judge, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (judge->anchor_count == 0) {
        registry_report(judge->reporter, "authority", ROOT,
                        "no root is there to trust, so nobody could sign; name it with --trust");
        return AUTH_STATUS_OK;
    }
    status = auth_trust_new(judge->anchors, judge->anchor_count, NULL, 0, &judge->trust, err);
    if (status == AUTH_STATUS_OK)
        status = make_issuer(judge, STAFF, &judge->staff, err);
    if (status == AUTH_STATUS_OK)
        status = make_issuer(judge, CITIZENS, &judge->citizens, err);
    return status;
}

/* The generation under which all persons are, since the index of each is another under each. */
static auth_status find_generation(fsck_judge *judge, auth_error *err)
{
    AUTH_AUTO(registry_result) *rows = NULL;
    auth_status status = registry_run(judge->connection, REGISTRY_STATEMENT_SEAL_KEYS,
                                      REGISTRY_NO_VALUES, &rows, err);
    if (status == AUTH_STATUS_OK && registry_result_rows(rows) != 1)
        status = auth_error_set(err, AUTH_STATUS_CONFLICT,
                                "registry: not one generation of the master key is in use, but "
                                "%zu, and persons cannot be compared between them; end 'auth "
                                "registry reseal' first",
                                registry_result_rows(rows));
    if (status != AUTH_STATUS_OK)
        return status;
    judge->setting.generation = (uint32_t)registry_value_int64(rows, 0, 0);
    return registry_result_check(rows, err);
}

auth_status fsck_judge_open(fsck_judge *judge, auth_error *err)
{
    if (judge->is_open)
        return AUTH_STATUS_OK;
    judge->is_open = true;
    auth_status status = find_generation(judge, err);
    if (status == AUTH_STATUS_OK)
        status = make_issuers(judge, err);
    judge->setting.realm = registry_keyring_realm(judge->by->ring);
    judge->setting.ring = judge->by->ring;
    judge->setting.staff = judge->staff;
    judge->setting.citizens = judge->citizens;
    if (status == AUTH_STATUS_OK)
        status = registry_facts_new(&judge->setting, &judge->facts, err);
    return status;
}

/* Requests */

static auth_status report_missing(const fsck_judge *judge, const char *key, const char *at,
                                  const auth_request_verdict *verdict, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(MISSING_SIZE, &text, err);
    if (status == AUTH_STATUS_OK && verdict->missing_count > 0)
        status = auth_policy_place_text(&verdict->missing[0], text, err);
    else if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(text, err, "the holder's signature");
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes lacks = auth_buf_bytes(text);
    registry_report(judge->reporter, "request", key, "it was obeyed at %s, and lacked %.*s", at,
                    (int)lacks.len, (const char *)lacks.data);
    return AUTH_STATUS_OK;
}

/* Evaluates as of a time; *is_fine tells whether the request was allowed then. */
static auth_status judge_at(fsck_judge *judge, const auth_request *request, const char *key,
                            auth_time at, bool *is_fine, auth_error *err)
{
    char text[AUTH_TIME_TEXT_SIZE];
    auth_request_verdict verdict;
    registry_facts_view view = {judge->facts, judge->crypto};
    auth_request_facts facts = registry_facts_of(&view);
    auth_status status =
        registry_facts_gather_before(judge->facts, judge->connection, &request, 1, at, err);
    if (status == AUTH_STATUS_OK)
        status = auth_request_evaluate(request, judge->by->policy, &facts, at, &verdict, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *is_fine = verdict.outcome == AUTH_REQUEST_SATISFIED;
    auth_time_format(at, text);
    if (verdict.outcome == AUTH_REQUEST_NEEDS)
        return report_missing(judge, key, text, &verdict, err);
    if (!*is_fine)
        registry_report(judge->reporter, "request", key,
                        "it was obeyed at %s, which was not allowed: %s", text, verdict.text);
    return AUTH_STATUS_OK;
}

/* By another time it might be judged by what was known then: the ledger tells which is the right
 * one. */
static void check_time(const fsck_judge *judge, const char *key, registry_result *times, size_t row)
{
    char item[REGISTRY_UUID_TEXT_SIZE + 24];
    if (registry_value_bool(times, row, 2))
        return;
    (void)snprintf(item, sizeof item, "%s/%lld", key,
                   (long long)registry_value_int64(times, row, 1));
    registry_report(judge->reporter, "outcome", item, "at is not the time that the ledger has");
}

auth_status fsck_judge_request(fsck_judge *judge, const auth_request *request, auth_bytes id,
                               const char *key, auth_error *err)
{
    AUTH_AUTO(registry_result) *times = NULL;
    bool is_fine = true;
    auth_status status = registry_run(judge->connection, REGISTRY_STATEMENT_FSCK_OBEYED,
                                      REGISTRY_VALUES(registry_uuid(id)), &times, err);
    size_t count = status == AUTH_STATUS_OK ? registry_result_rows(times) : 0;
    if (count > 0)
        status = fsck_judge_open(judge, err);
    for (size_t i = 0; i < count; i++)
        check_time(judge, key, times, i);
    for (size_t i = 0; i < count && is_fine && status == AUTH_STATUS_OK; i++)
        status = judge_at(judge, request, key, registry_value_time(times, i, 0), &is_fine, err);
    return status == AUTH_STATUS_OK ? registry_result_check(times, err) : status;
}
