/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/extension.h"

#include <auth/csr.h>
#include <stdlib.h>
#include <string.h>

struct auth_csr {
    x509_csr_view view;
    uint8_t der[];
};

auth_status auth_csr_parse(auth_bytes der, auth_csr **out, auth_error *err)
{
    if (der.len > AUTH_CSR_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "certificate request: %zu octets, %zu at the most", der.len,
                              AUTH_CSR_MAX);
    AUTH_AUTO(auth_csr) *csr = calloc(1, sizeof *csr + der.len);
    if (csr == NULL)
        return auth_error_memory(err);
    if (der.len > 0)
        memcpy(csr->der, der.data, der.len);
    auth_status status = x509_csr_view_parse((auth_bytes){csr->der, der.len}, &csr->view, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(csr);
    return status;
}

void auth_csr_free(auth_csr *csr) { free(csr); }

auth_bytes auth_csr_der(const auth_csr *csr) { return csr->view.der; }

auth_bytes auth_csr_subject(const auth_csr *csr) { return csr->view.subject; }

auth_bytes auth_csr_spki(const auth_csr *csr) { return csr->view.spki; }

auth_bytes auth_csr_algorithm(const auth_csr *csr) { return csr->view.algorithm; }

auth_status auth_csr_public_key(const auth_csr *csr, auth_public_key **out, auth_error *err)
{
    return auth_public_key_parse(csr->view.spki, out, err);
}

size_t auth_csr_extension_count(const auth_csr *csr) { return csr->view.extensions.count; }

bool auth_csr_extension_at(const auth_csr *csr, size_t index, auth_extension *out)
{
    return x509_extension_at(&csr->view.extensions, index, out);
}

static auth_status explain_failure(auth_status status, auth_key_type type, auth_error *err)
{
    if (status != AUTH_STATUS_UNTRUSTED) {
        auth_error_context(err, "certificate request");
        return status;
    }
    if (type == AUTH_KEY_TYPE_SM2)
        return auth_error_set(err, status,
                              "certificate request: the signature does not verify with its own key "
                              "(RFC 2986 3); it was altered, or made without the SM2 ID "
                              "1234567812345678 (openssl req: -sigopt distid:1234567812345678)");
    return auth_error_set(err, status,
                          "certificate request: the signature does not verify with its own key "
                          "(RFC 2986 3); it was altered or made with another key");
}

auth_status auth_csr_check_possession(const auth_csr *csr, auth_error *err)
{
    const x509_csr_view *view = &csr->view;
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_status status = auth_public_key_parse(view->spki, &key, err);
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "certificate request");
        return status;
    }
    status = auth_public_key_verify(key, view->algorithm, view->info, view->signature, err);
    if (status == AUTH_STATUS_OK)
        return status;
    return explain_failure(status, auth_public_key_type(key), err);
}
