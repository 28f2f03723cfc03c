/* SPDX-License-Identifier: Apache-2.0 */
#include "jws/jws.h"

#include <stdlib.h>
#include <string.h>

void auth_jws_free(auth_jws *jws)
{
    if (jws == NULL)
        return;
    auth_buf_free(jws->text);
    auth_buf_free(jws->decoded);
    json_close(jws->document);
    free(jws);
}

bool auth_jws_is_compact(const auth_jws *jws) { return jws->is_compact; }

auth_bytes jws_view(const auth_jws *jws, jws_span span)
{
    return (auth_bytes){auth_buf_bytes(jws->decoded).data + span.at, span.len};
}

auth_bytes auth_jws_payload(const auth_jws *jws) { return jws_view(jws, jws->payload); }

size_t auth_jws_signature_count(const auth_jws *jws) { return jws->count; }

bool auth_jws_signature_at(const auth_jws *jws, size_t index, auth_jws_signature_info *out)
{
    if (index >= jws->count)
        return false;
    const jws_signature *signature = &jws->signatures[index];
    *out = (auth_jws_signature_info){.algorithm = signature->algorithm,
                                     .signed_at = signature->signed_at,
                                     .chain_len = signature->chain_len};
    for (size_t i = 0; i < signature->chain_len; i++)
        out->chain[i] = jws_view(jws, signature->chain[i]);
    return true;
}

/* What needs no escape in JSON and cannot be mistaken for something else on a screen. */
auth_status jws_check_type(const char *type, auth_error *err)
{
    size_t len = type == NULL ? 0 : strnlen(type, AUTH_JWS_TYPE_MAX + 1);
    bool is_good = len > 0 && len <= AUTH_JWS_TYPE_MAX;
    for (size_t i = 0; is_good && i < len; i++)
        is_good = type[i] > ' ' && type[i] < 0x7f && type[i] != '"' && type[i] != '\\';
    if (is_good)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "JWS: a typ has 1 to %d printable ASCII characters without space, quote "
                          "and backslash; name the kind of the document so (RFC 8725 3.11)",
                          AUTH_JWS_TYPE_MAX);
}
