/* SPDX-License-Identifier: Apache-2.0 */
#include "jws/header.h"
#include "x509/view.h"

#include <auth/cert.h>
#include <auth/codec.h>
#include <inttypes.h>

static auth_status check_time(auth_time time, auth_error *err)
{
    if (time >= 0 && time <= AUTH_TIME_MAX)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "JWS: the time of signing is not from 1970 to 9999 (RFC 7519 4.1.6); set "
                          "the clock");
}

/* A header with another's certificate would never verify, or speak for somebody else. */
static auth_status check_key(auth_bytes der, const auth_signer *signer, auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_status status = auth_cert_parse(der, &cert, err);
    if (status == AUTH_STATUS_OK)
        status = auth_cert_public_key(cert, &key, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (auth_bytes_equal(auth_public_key_spki(key),
                         auth_public_key_spki(auth_signer_public_key(signer))))
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "JWS: the first certificate has another key than the signer (RFC 7515 "
                          "4.1.6); give the signer's own certificate first");
}

static auth_status check_chain(const auth_jws_signing *signing, auth_error *err)
{
    if (signing->chain_len == 0)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "JWS: no certificate to sign with; give the signer's (RFC 7515 "
                              "4.1.6)");
    if (signing->chain_len > AUTH_JWS_CHAIN_MAX)
        return auth_error_set(
            err, AUTH_STATUS_LIMIT,
            "JWS: a chain of %zu certificates, %d at the most; leave the root out",
            signing->chain_len, AUTH_JWS_CHAIN_MAX);
    auth_status status = check_key(signing->chain[0], signing->signer, err);
    x509_cert_view view;
    for (size_t i = 1; i < signing->chain_len && status == AUTH_STATUS_OK; i++) {
        status = x509_cert_view_parse(signing->chain[i], &view, err);
        if (status != AUTH_STATUS_OK)
            auth_error_context(err, "JWS: certificate %zu of the chain", i + 1);
    }
    return status;
}

static auth_status put_chain(const auth_jws_signing *signing, auth_buf *json, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < signing->chain_len && status == AUTH_STATUS_OK; i++) {
        status = auth_buf_printf(json, err, i == 0 ? "\"" : ",\"");
        if (status == AUTH_STATUS_OK)
            status = auth_codec_encode(AUTH_CODEC_BASE64, signing->chain[i], json, err);
        if (status == AUTH_STATUS_OK)
            status = auth_buf_printf(json, err, "\"");
    }
    return status;
}

/* The order of the members is that of auth/jws.h, without white space. */
static auth_status put_members(const auth_jws_signing *signing, auth_jws_algorithm algorithm,
                               auth_buf *json, auth_error *err)
{
    auth_status status = auth_buf_printf(json, err, "{\"alg\":\"%s\",\"typ\":\"%s\",\"x5c\":[",
                                         auth_jws_algorithm_name(algorithm), signing->type);
    if (status == AUTH_STATUS_OK)
        status = put_chain(signing, json, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(json, err, "],\"iat\":%" PRId64 "}", signing->signed_at);
    return status;
}

auth_status jws_header_write(const auth_jws_signing *signing, auth_jws_algorithm algorithm,
                             auth_buf *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *json = NULL;
    auth_status status = jws_check_type(signing->type, err);
    if (status == AUTH_STATUS_OK)
        status = check_time(signing->signed_at, err);
    if (status == AUTH_STATUS_OK)
        status = check_chain(signing, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_JWS_MAX, &json, err);
    if (status == AUTH_STATUS_OK)
        status = put_members(signing, algorithm, json, err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_BASE64URL, auth_buf_bytes(json), out, err);
    return status;
}
