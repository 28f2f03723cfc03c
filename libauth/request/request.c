/* SPDX-License-Identifier: Apache-2.0 */
/* A signed document as a whole, and what others ask of it. */
#include "request/request.h"
#include "key/digest.h"

#include <auth/csr.h>
#include <stdlib.h>
#include <string.h>

static const auth_jws_rules jws_rules = {.type = AUTH_REQUEST_TYPE};

static auth_status read_document(auth_bytes document, const auth_request_rules *rules,
                                 auth_request *out, auth_error *err)
{
    auth_status status = auth_jws_parse(document, &jws_rules, &out->jws, err);
    if (status != AUTH_STATUS_OK) {
        if (!auth_status_is_fault(status))
            auth_error_context(err, "request");
        return status;
    }
    if (auth_jws_is_compact(out->jws)) {
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "request: the compact form takes no further signature; write General "
                              "JSON (RFC 7515 7.2.1)");
    }
    auth_bytes payload = auth_jws_payload(out->jws);
    status = digest(DIGEST_SHA256, payload, out->hash, err);
    if (status == AUTH_STATUS_OK)
        status = request_read_payload(payload, rules, &out->payload, err);
    return status;
}

auth_status auth_request_parse(auth_bytes document, const auth_request_rules *rules,
                               auth_request **out, auth_error *err)
{
    AUTH_AUTO(auth_request) *request = calloc(1, sizeof *request);
    if (request == NULL)
        return auth_error_memory(err);
    auth_status status = read_document(document, rules, request, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(request);
    return status;
}

void auth_request_free(auth_request *request)
{
    if (request == NULL)
        return;
    request_release_payload(&request->payload);
    auth_jws_free(request->jws);
    free(request);
}

const char *auth_request_id(const auth_request *request) { return request->payload.id; }

const char *auth_request_realm(const auth_request *request) { return request->payload.realm; }

auth_request_kind auth_request_kind_of(const auth_request *request)
{
    return request->payload.kind;
}

const char *auth_request_office(const auth_request *request) { return request->payload.office; }

const char *auth_request_profile(const auth_request *request) { return request->payload.profile; }

auth_time auth_request_created(const auth_request *request) { return request->payload.created; }

auth_time auth_request_expires(const auth_request *request) { return request->payload.expires; }

size_t auth_request_item_count(const auth_request *request) { return request->payload.item_count; }

const auth_request_item *auth_request_item_at(const auth_request *request, size_t index)
{
    return index < request->payload.item_count ? &request->payload.items[index] : NULL;
}

void auth_request_payload_hash(const auth_request *request, uint8_t out[AUTH_REQUEST_HASH_SIZE])
{
    memcpy(out, request->hash, sizeof request->hash);
}

const auth_jws *auth_request_jws(const auth_request *request) { return request->jws; }

auth_status auth_request_check_csr(const auth_request *request, size_t index, auth_error *err)
{
    const auth_request_item *item = auth_request_item_at(request, index);
    AUTH_AUTO(auth_csr) *csr = NULL;
    if (item == NULL) {
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "request: it has no item %zu; count from 0", index);
    }
    if (item->csr.len == 0)
        return AUTH_STATUS_OK;
    auth_status status = auth_csr_parse(item->csr, &csr, err);
    if (status == AUTH_STATUS_OK)
        status = auth_csr_check_possession(csr, err);
    if (status != AUTH_STATUS_OK && !auth_status_is_fault(status))
        auth_error_context(err, "request: $.items[%zu].csr", index);
    return status;
}
