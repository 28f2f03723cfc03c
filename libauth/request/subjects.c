/* SPDX-License-Identifier: Apache-2.0 */
/* What the items of a request speak of: whether it exists, and whether it is theirs to decide. */
#include "request/evaluate.h"

#include <stdio.h>
#include <string.h>

static auth_status refuse(evaluation *it, auth_request_reason reason, size_t index)
{
    return evaluation_refuse(it, reason, AUTH_REQUEST_NOWHERE, index);
}

/*
 * Refuses an item about something of an office that is not that of the request or below it. A batch
 * is of one office for the most part, which is asked about once.
 */
static auth_status check_within(evaluation *it, size_t index, const char *office, auth_error *err)
{
    bool is_within = false;
    if (it->within[0] != '\0' && strcmp(it->within, office) == 0)
        return AUTH_STATUS_OK;
    auth_status status = it->facts->is_within(it->facts->context, office,
                                              auth_request_office(it->request), &is_within, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!is_within)
        return refuse(it, AUTH_REQUEST_REASON_SUBJECT, index);
    (void)snprintf(it->within, sizeof it->within, "%s", office);
    return AUTH_STATUS_OK;
}

/* Who asks for a renewal is the person of the certificate, which is still good. */
static auth_status check_renewal(evaluation *it, size_t index, const auth_request_holder *holder)
{
    if (evaluation_is_revoked(it, holder) || holder->not_after < it->now)
        return refuse(it, AUTH_REQUEST_REASON_NOT_LIVE, index);
    for (size_t i = 0; i < it->verdict.signed_count; i++) {
        if (!evaluation_is_same_person(&it->verdict.signers[i].holder.person, &holder->person))
            return refuse(it, AUTH_REQUEST_REASON_SUBJECT, index);
    }
    return AUTH_STATUS_OK;
}

/*
 * What replaces a certificate is for the same purpose: who may log in does not come to sign by a
 * renewal.
 */
static auth_status check_purpose(evaluation *it, size_t index, const auth_request_holder *holder)
{
    const auth_policy_profile *old = NULL;
    const auth_policy_profile *new = NULL;
    if (auth_policy_profile_find(it->policy, holder->profile, &old, NULL) != AUTH_STATUS_OK ||
        auth_policy_profile_find(it->policy, auth_request_profile(it->request), &new, NULL) !=
            AUTH_STATUS_OK ||
        strcmp(old->purpose, new->purpose) != 0)
        return refuse(it, AUTH_REQUEST_REASON_PROFILE, index);
    return AUTH_STATUS_OK;
}

static auth_status check_certificate(evaluation *it, size_t index, const auth_request_item *item,
                                     auth_request_holder *holder, auth_error *err)
{
    auth_request_kind kind = auth_request_kind_of(it->request);
    auth_status status = it->facts->holder_of(it->facts->context, item->serial, holder, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return refuse(it, AUTH_REQUEST_REASON_SUBJECT, index);
    if (status != AUTH_STATUS_OK)
        return status;
    bool replaces = kind == AUTH_REQUEST_KIND_RENEW || kind == AUTH_REQUEST_KIND_REKEY;
    if (replaces && holder->kind != AUTH_HOLDER_CITIZEN)
        return refuse(it, AUTH_REQUEST_REASON_SUBJECT, index);
    if (replaces)
        status = check_purpose(it, index, holder);
    if (status == AUTH_STATUS_OK && !it->is_refused && kind == AUTH_REQUEST_KIND_RENEW)
        status = check_renewal(it, index, holder);
    if (status != AUTH_STATUS_OK || it->is_refused || it->quorum->reaches_realm)
        return status;
    return check_within(it, index, holder->office, err);
}

/* No officer has a certificate made for himself; to give one up is nobody's business but his. */
static auth_status check_person(evaluation *it, size_t index, const auth_request_item *item,
                                const auth_request_holder *holder, auth_error *err)
{
    auth_person_index person;
    auth_status status = it->facts->index_of(it->facts->context, &item->person, &person, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (item->serial.len > 0 && !evaluation_is_same_person(&person, &holder->person))
        return refuse(it, AUTH_REQUEST_REASON_SUBJECT, index);
    for (size_t i = 0; i < it->verdict.signed_count; i++) {
        if (evaluation_is_same_person(&it->verdict.signers[i].holder.person, &person))
            return refuse(it, AUTH_REQUEST_REASON_OWN_CASE, index);
    }
    return AUTH_STATUS_OK;
}

static auth_status check_dismissal(evaluation *it, size_t index, const char *identifier,
                                   auth_error *err)
{
    auth_request_holder officer = {.kind = AUTH_HOLDER_OFFICER};
    auth_status status = it->facts->find_officer(it->facts->context, identifier, &officer, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return refuse(it, AUTH_REQUEST_REASON_SUBJECT, index);
    if (status != AUTH_STATUS_OK)
        return status;
    if (evaluation_is_dismissed(it, &officer))
        return refuse(it, AUTH_REQUEST_REASON_STATE, index);
    return check_within(it, index, officer.office, err);
}

/* An office is closed from above: by its parent or an office further up. */
static auth_status check_closing(evaluation *it, size_t index, const char *office, auth_error *err)
{
    bool is_open = false;
    if (strcmp(office, auth_request_office(it->request)) == 0)
        return refuse(it, AUTH_REQUEST_REASON_SUBJECT, index);
    auth_status status = it->facts->is_open(it->facts->context, office, &is_open, err);
    if (status == AUTH_STATUS_OK && !is_open)
        return refuse(it, AUTH_REQUEST_REASON_STATE, index);
    if (status != AUTH_STATUS_OK)
        return status;
    return check_within(it, index, office, err);
}

static void copy_identifier(auth_bytes text, char out[AUTH_IDENTIFIER_SIZE])
{
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
}

static auth_status check_item(evaluation *it, size_t index, auth_error *err)
{
    char identifier[AUTH_IDENTIFIER_SIZE];
    const auth_request_item *item = &it->request->payload.items[index];
    auth_request_holder holder = {.kind = AUTH_HOLDER_CITIZEN};
    auth_status status = AUTH_STATUS_OK;
    if (item->serial.len > 0)
        status = check_certificate(it, index, item, &holder, err);
    if (status == AUTH_STATUS_OK && !it->is_refused && item->person.len > 0)
        status = check_person(it, index, item, &holder, err);
    if (status != AUTH_STATUS_OK || it->is_refused)
        return status;
    if (auth_request_kind_of(it->request) == AUTH_REQUEST_KIND_DISMISS) {
        copy_identifier(item->officer, identifier);
        return check_dismissal(it, index, identifier, err);
    }
    if (item->closed_office.len > 0) {
        copy_identifier(item->closed_office, identifier);
        return check_closing(it, index, identifier, err);
    }
    return AUTH_STATUS_OK;
}

auth_status evaluation_check_items(evaluation *it, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    size_t count = auth_request_item_count(it->request);
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK && !it->is_refused; i++)
        status = check_item(it, i, err);
    return status;
}
