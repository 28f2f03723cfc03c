/* SPDX-License-Identifier: Apache-2.0 */
#include "jws/algorithm.h"
#include "jws/jws.h"

/*
 * What was signed is header, dot and payload (RFC 7515 section 5.1), in their text as it was
 * received. In the Compact serialization they stand so; out of JSON they are put together in room.
 */
static auth_status put_input(const auth_jws *jws, const jws_signature *signature, auth_buf *room,
                             auth_bytes *out, auth_error *err)
{
    auth_bytes header = signature->header_text;
    auth_bytes payload = jws->payload_text;
    size_t len = header.len + 1 + payload.len;
    if (jws->is_compact) {
        *out = (auth_bytes){header.data, len};
        return AUTH_STATUS_OK;
    }
    auth_status status = auth_buf_append(room, header, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(room, (auth_bytes){(const uint8_t *)".", 1}, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(room, payload, err);
    if (status == AUTH_STATUS_OK)
        *out = auth_buf_bytes(room);
    return status;
}

/* Most certificates write the key as we do; the others are read to compare. */
static auth_status check_key(auth_bytes spki, const auth_public_key *key, auth_error *err)
{
    AUTH_AUTO(auth_public_key) *first = NULL;
    auth_bytes expected = auth_public_key_spki(key);
    if (auth_bytes_equal(spki, expected))
        return AUTH_STATUS_OK;
    auth_status status = auth_public_key_parse(spki, &first, NULL);
    if (status == AUTH_STATUS_OK && auth_bytes_equal(auth_public_key_spki(first), expected))
        return AUTH_STATUS_OK;
    if (auth_status_is_fault(status))
        return auth_error_set(err, status, "the key of the first certificate cannot be read");
    return auth_error_set(err, AUTH_STATUS_UNTRUSTED,
                          "the key is not that of the first certificate in x5c (RFC 7515 4.1.6); "
                          "verify with the signer's");
}

static auth_status verify(const auth_jws *jws, const jws_signature *signature,
                          const auth_public_key *key, auth_error *err)
{
    AUTH_AUTO(auth_buf) *room = NULL;
    auth_bytes input;
    auth_signature octets;
    if (jws_algorithm_key(signature->algorithm) != auth_public_key_type(key)) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "%s is no signature of a key of type %s (RFC 8725 3.1); let the "
                              "signer sign anew",
                              auth_jws_algorithm_name(signature->algorithm),
                              auth_key_type_name(auth_public_key_type(key)));
    }
    auth_status status = check_key(jws_view(jws, signature->spki), key, err);
    if (status == AUTH_STATUS_OK)
        status = jws_signature_read(signature->algorithm, jws_view(jws, signature->octets), &octets,
                                    err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_JWS_MAX, &room, err);
    if (status == AUTH_STATUS_OK)
        status = put_input(jws, signature, room, &input, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return auth_public_key_verify(key, jws_algorithm_identifier(signature->algorithm), input,
                                  (auth_bytes){octets.octets, octets.len}, err);
}

auth_status auth_jws_verify(const auth_jws *jws, size_t index, const auth_public_key *key,
                            auth_error *err)
{
    if (index >= jws->count)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND, "JWS: there are %zu signatures, none %zu",
                              jws->count, index + 1);
    auth_status status = verify(jws, &jws->signatures[index], key, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "JWS: signature %zu", index + 1);
    return status;
}
