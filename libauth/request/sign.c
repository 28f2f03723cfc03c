/* SPDX-License-Identifier: Apache-2.0 */
#include "request/request.h"

static auth_jws_signing jws_signing(const auth_request_signing *signing)
{
    return (auth_jws_signing){
        .type = AUTH_REQUEST_TYPE,
        .signer = signing->signer,
        .chain = signing->chain,
        .chain_len = signing->chain_len,
        .signed_at = signing->signed_at,
    };
}

auth_status auth_request_sign(auth_bytes payload, const char *realm,
                              const auth_request_signing *signing, auth_buf *out, auth_error *err)
{
    auth_request_rules rules = {.now = signing->signed_at, .realm = realm};
    request_payload read = {.item_count = 0};
    auth_jws_signing how = jws_signing(signing);
    auth_status status = request_read_payload(payload, &rules, &read, err);
    request_release_payload(&read);
    if (status == AUTH_STATUS_OK)
        status = auth_jws_sign(payload, &how, out, err);
    return status;
}

auth_status auth_request_add_signature(const auth_request *request,
                                       const auth_request_signing *signing, auth_buf *out,
                                       auth_error *err)
{
    auth_jws_signing how = jws_signing(signing);
    return auth_jws_add(request->jws, &how, out, err);
}
