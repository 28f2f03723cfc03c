/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: themselves, and what is known about them. */
#include "answer.h"
#include "handlers.h"
#include "query.h"
#include "reach.h"

#include <auth/pem.h>
#include <string.h>

#define CHAIN_TYPE "application/pem-certificate-chain"
#define CHAIN_MAX ((size_t)256 << 10)

static auth_status missing(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "certificate: there is none of this serial number in your office or "
                          "below it; look at the number");
}

/* Finds a certificate that the officer may see. */
static auth_status find(office_visit *visit, auth_bytes serial, registry_result **found,
                        registry_certificate *out, auth_error *err)
{
    bool is_near = false;
    auth_status status = registry_certificate_find(visit->connection, serial, found, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return missing(err);
    if (status == AUTH_STATUS_OK)
        status = registry_certificate_read(*found, 0, out, err);
    if (status == AUTH_STATUS_OK)
        status = office_reach_has(visit, out->office, &is_near, err);
    return status == AUTH_STATUS_OK && !is_near ? missing(err) : status;
}

static auth_status add_pem(auth_bytes der, auth_buf *out, auth_error *err)
{
    return auth_pem_encode("CERTIFICATE", der, out, err);
}

/* The issuer's certificate and the root's follow (RFC 8555 9.1). */
static auth_status answer_chain(office_visit *visit, const registry_certificate *certificate,
                                auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    const realm *of = visit->office->realm;
    auth_status status = auth_buf_new(CHAIN_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = add_pem(certificate->der, text, err);
    if (status == AUTH_STATUS_OK && certificate->authority > REALM_AUTHORITY_ROOT &&
        certificate->authority < REALM_AUTHORITY_END)
        status = add_pem(auth_cert_der(
                             realm_authority_cert(of, (realm_authority)certificate->authority)),
                         text, err);
    if (status == AUTH_STATUS_OK)
        status = add_pem(auth_cert_der(realm_authority_cert(of, REALM_AUTHORITY_ROOT)), text, err);
    return status == AUTH_STATUS_OK
               ? daemon_answer_bytes(visit->request, 200, CHAIN_TYPE, auth_buf_bytes(text), err)
               : status;
}

static auth_status show(office_visit *visit, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_certificate certificate;
    uint8_t octets[OFFICE_SERIAL_SIZE];
    size_t len = 0;
    auth_bytes accept = daemon_request_header(visit->request, "Accept");
    auth_status status = office_segment_serial(visit->request, octets, &len, err);
    if (status == AUTH_STATUS_OK)
        status = find(visit, (auth_bytes){octets, len}, &found, &certificate, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (accept.data != NULL &&
        memmem(accept.data, accept.len, CHAIN_TYPE, sizeof CHAIN_TYPE - 1) != NULL)
        return answer_chain(visit, &certificate, err);
    return daemon_answer_bytes(visit->request, 200, "application/pkix-cert", certificate.der, err);
}

const char *office_status_name(const registry_certificate_status *of, auth_time now)
{
    if (of->action == REGISTRY_ACTION_REVOKE)
        return "revoked";
    if (of->not_after < now)
        return "expired";
    return of->action == REGISTRY_ACTION_SUSPEND ? "suspended" : "good";
}

static void put_status(daemon_json *json, const registry_certificate_status *of, auth_time now)
{
    bool is_ended = of->action == REGISTRY_ACTION_REVOKE || of->action == REGISTRY_ACTION_SUSPEND;
    office_put_hex(json, "serial", of->serial);
    office_put_text(json, "status", office_status_name(of, now));
    office_put_text(json, "reason",
                    is_ended ? auth_revocation_reason_name((auth_revocation_reason)of->reason)
                             : NULL);
    office_put_time(json, "at", is_ended ? of->at : REGISTRY_NO_TIME);
    office_put_time(json, "not_before", of->not_before);
    office_put_time(json, "not_after", of->not_after);
}

/* Where it came from is told to those who may see it. */
static auth_status put_origin(office_visit *visit, auth_bytes serial, daemon_json *json,
                              auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_certificate certificate = {.profile = NULL};
    const office_place *place = NULL;
    auth_status status = find(visit, serial, &found, &certificate, err);
    bool is_there = status == AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK)
        status =
            office_place_find(visit->office, visit->connection, certificate.office, &place, err);
    if (status != AUTH_STATUS_OK && status != AUTH_STATUS_NOT_FOUND)
        return status;
    office_put_text(json, "profile", is_there ? certificate.profile : NULL);
    office_put_text(json, "office", is_there ? place->id : NULL);
    office_put_id(json, "request", is_there ? certificate.request_id : (auth_bytes){NULL, 0});
    return AUTH_STATUS_OK;
}

static auth_status tell(office_visit *visit, auth_error *err)
{
    office_answer out = {.text = NULL};
    registry_certificate_status of;
    uint8_t octets[OFFICE_SERIAL_SIZE];
    size_t len = 0;
    auth_status status = office_segment_serial(visit->request, octets, &len, err);
    auth_bytes serial = {octets, len};
    if (status == AUTH_STATUS_OK)
        status = registry_certificate_status_find(visit->connection, serial, &of, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "certificate: this serial number was never issued here; look at the "
                              "number");
    if (status == AUTH_STATUS_OK)
        status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK) {
        put_status(&out.json, &of, visit->now);
        status = put_origin(visit, serial, &out.json, err);
    }
    if (status == AUTH_STATUS_OK)
        status = office_answer_send(&out, visit->request, 200, err);
    office_answer_clear(&out);
    return status;
}

OFFICE_HANDLER(certificate) { return office_run(context, request, show, err); }
OFFICE_HANDLER(status) { return office_run(context, request, tell, err); }
