/* SPDX-License-Identifier: Apache-2.0 */
#include "counter.h"

#include "document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const realm *office_realm_of(const office *it) { return it->realm; }

const auth_known_issuer *office_staff(const office *it) { return it->staff; }

const auth_known_issuer *office_citizens(const office *it) { return it->citizens; }

auth_status office_welcome(office *it, const office_introduction *who, daemon_peer *out,
                           auth_error *err)
{
    office_guest *guest = NULL;
    office_officer officer = {.role = who->role, .office = who->number};
    if (who->serial.len == 0 || who->serial.len > sizeof officer.serial ||
        who->certificate.len != sizeof officer.hash || strlen(who->officer) >= sizeof officer.id ||
        strlen(who->office) >= sizeof officer.office_id || strlen(who->path) >= sizeof officer.path)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "officer: what is known of him does not fit; wait for the registry");
    memcpy(officer.serial, who->serial.data, who->serial.len);
    officer.serial_len = who->serial.len;
    memcpy(officer.hash, who->certificate.data, who->certificate.len);
    (void)snprintf(officer.id, sizeof officer.id, "%s", who->officer);
    (void)snprintf(officer.office_id, sizeof officer.office_id, "%s", who->office);
    (void)snprintf(officer.path, sizeof officer.path, "%s", who->path);
    auth_status status = office_guest_new(it, &officer, &guest, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = (daemon_peer){.roles = (uint32_t)1 << officer.role,
                         .data = guest,
                         .free_data = office_guest_free};
    (void)snprintf(out->name, sizeof out->name, "%.63s", officer.id);
    return AUTH_STATUS_OK;
}

/* Another document came in under this id at the same moment: that is a refusal like the others. */
static void settle(office *it, office_document *document, auth_time now, office_delivery *out)
{
    bool is_other = document->submitted.what == REGISTRY_SUBMISSION_OTHER &&
                    document->reason == AUTH_REQUEST_REASON_REPLAYED && document->sealed != NULL;
    *out = (office_delivery){.reason = document->reason,
                             .state = document->submitted.state,
                             .item = document->item,
                             .error = document->error};
    if (is_other)
        out->status = office_deny(it, document, now, &out->error);
    else if (document->reason == AUTH_REQUEST_REASON_NONE)
        out->status = document->status;
}

static auth_status read_all(const office *it, const auth_bytes *texts, size_t count, auth_time now,
                            office_document *documents, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < count; i++)
        status = office_document_read(it, texts[i], now, &documents[i], err);
    return status;
}

auth_status office_deliver(office *it, const auth_bytes *texts, size_t count, office_delivery *out,
                           auth_error *err)
{
    auth_time now = (auth_time)time(NULL);
    if (count == 0 || count > OFFICE_DELIVERY_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "office: 1 to %d documents are delivered",
                              OFFICE_DELIVERY_MAX);
    office_document *documents = calloc(count, sizeof *documents);
    if (documents == NULL)
        return auth_error_memory(err);
    auth_status status = read_all(it, texts, count, now, documents, err);
    if (status == AUTH_STATUS_OK)
        office_take_in(it, documents, count);
    for (size_t i = 0; i < count; i++) {
        if (status == AUTH_STATUS_OK)
            settle(it, &documents[i], now, &out[i]);
        office_document_clear(&documents[i]);
    }
    free(documents);
    return status;
}
