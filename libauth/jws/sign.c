/* SPDX-License-Identifier: Apache-2.0 */
#include "jws/algorithm.h"
#include "jws/header.h"

#include <auth/codec.h>
#include <string.h>

/* One new signature, as texts that stand in input behind each other. */
typedef struct made {
    auth_buf *input; /* header, dot, payload, dot, signature */
    auth_bytes header;
    auth_bytes payload;
    auth_bytes signature;
} made;

static auth_status append_text(auth_buf *out, const char *text, auth_error *err)
{
    return auth_buf_append(out, auth_bytes_from_text(text), err);
}

static auth_status make_signature(const auth_jws_signing *signing, auth_jws_algorithm algorithm,
                                  auth_bytes input, auth_signature *out, auth_error *err)
{
    auth_signature signature;
    auth_status status = auth_signer_sign(signing->signer, input, &signature, err);
    return status == AUTH_STATUS_OK ? jws_signature_write(algorithm, &signature, out, err) : status;
}

/* Appends the payload as base64url, or its text as it is when it was read so. */
static auth_status append_payload(auth_bytes payload, bool is_text, auth_buf *out, auth_error *err)
{
    if (is_text)
        return auth_buf_append(out, payload, err);
    return auth_codec_encode(AUTH_CODEC_BASE64URL, payload, out, err);
}

/* RFC 7515 section 5.1. The caller frees out->input. */
static auth_status make(const auth_jws_signing *signing, auth_bytes payload, bool is_text,
                        made *out, auth_error *err)
{
    auth_signature octets;
    auth_jws_algorithm algorithm =
        jws_algorithm_of(auth_public_key_type(auth_signer_public_key(signing->signer)));
    auth_status status = auth_buf_new(AUTH_JWS_MAX, &out->input, err);
    if (status == AUTH_STATUS_OK)
        status = jws_header_write(signing, algorithm, out->input, err);
    size_t header_len = status == AUTH_STATUS_OK ? auth_buf_bytes(out->input).len : 0;
    if (status == AUTH_STATUS_OK)
        status = append_text(out->input, ".", err);
    if (status == AUTH_STATUS_OK)
        status = append_payload(payload, is_text, out->input, err);
    size_t input_len = status == AUTH_STATUS_OK ? auth_buf_bytes(out->input).len : 0;
    if (status == AUTH_STATUS_OK)
        status = make_signature(signing, algorithm, auth_buf_bytes(out->input), &octets, err);
    if (status == AUTH_STATUS_OK)
        status = append_text(out->input, ".", err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_BASE64URL, (auth_bytes){octets.octets, octets.len},
                                   out->input, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes all = auth_buf_bytes(out->input);
    out->header = (auth_bytes){all.data, header_len};
    out->payload = (auth_bytes){all.data + header_len + 1, input_len - header_len - 1};
    out->signature = (auth_bytes){all.data + input_len + 1, all.len - input_len - 1};
    return AUTH_STATUS_OK;
}

static auth_status check_payload(auth_bytes payload, auth_error *err)
{
    if (payload.len > 0)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "JWS: an empty payload could be taken for a detached one (RFC 7515 "
                          "appendix F); sign something");
}

auth_status auth_jws_sign_compact(auth_bytes payload, const auth_jws_signing *signing,
                                  auth_buf *out, auth_error *err)
{
    made signature = {.input = NULL};
    auth_status status = check_payload(payload, err);
    if (status == AUTH_STATUS_OK)
        status = make(signing, payload, false, &signature, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, auth_buf_bytes(signature.input), err);
    auth_buf_free(signature.input);
    return status;
}

static auth_status put_signature(auth_bytes header, auth_bytes signature, auth_buf *out,
                                 auth_error *err)
{
    auth_status status = append_text(out, "{\"protected\":\"", err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, header, err);
    if (status == AUTH_STATUS_OK)
        status = append_text(out, "\",\"signature\":\"", err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, signature, err);
    if (status == AUTH_STATUS_OK)
        status = append_text(out, "\"}", err);
    return status;
}

/* Writes the signatures of old, if there is one, and the new one behind them. */
static auth_status put_document(const auth_jws *old, const made *added, auth_buf *out,
                                auth_error *err)
{
    auth_status status = append_text(out, "{\"payload\":\"", err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, added->payload, err);
    if (status == AUTH_STATUS_OK)
        status = append_text(out, "\",\"signatures\":[", err);
    for (size_t i = 0; old != NULL && i < old->count && status == AUTH_STATUS_OK; i++) {
        const jws_signature *signature = &old->signatures[i];
        status = put_signature(signature->header_text, signature->text, out, err);
        if (status == AUTH_STATUS_OK)
            status = append_text(out, ",", err);
    }
    if (status == AUTH_STATUS_OK)
        status = put_signature(added->header, added->signature, out, err);
    if (status == AUTH_STATUS_OK)
        status = append_text(out, "]}", err);
    return status;
}

/* The document is whole, and no longer than a reader takes, before out sees any of it. */
static auth_status write_document(const auth_jws *old, const made *added, auth_buf *out,
                                  auth_error *err)
{
    AUTH_AUTO(auth_buf) *document = NULL;
    auth_status status = auth_buf_new(AUTH_JWS_MAX, &document, err);
    if (status == AUTH_STATUS_OK)
        status = put_document(old, added, document, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, auth_buf_bytes(document), err);
    return status;
}

auth_status auth_jws_sign(auth_bytes payload, const auth_jws_signing *signing, auth_buf *out,
                          auth_error *err)
{
    made signature = {.input = NULL};
    auth_status status = check_payload(payload, err);
    if (status == AUTH_STATUS_OK)
        status = make(signing, payload, false, &signature, err);
    if (status == AUTH_STATUS_OK)
        status = write_document(NULL, &signature, out, err);
    auth_buf_free(signature.input);
    return status;
}

/* What a reader of the result would refuse is not signed. */
static auth_status check_addition(const auth_jws *jws, const auth_jws_signing *signing,
                                  auth_error *err)
{
    if (jws->count >= AUTH_JWS_SIGNATURES_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "JWS: it has %zu signatures, the most there can be; begin a new "
                              "document",
                              jws->count);
    auth_status status = jws_check_type(signing->type, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (strcmp(jws->type, signing->type) != 0)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "JWS: the document's typ is \"%s\" and not \"%s\"; sign what it is "
                              "(RFC 8725 3.11)",
                              jws->type, signing->type);
    for (size_t i = 0; signing->chain_len > 0 && i < jws->count; i++) {
        if (auth_bytes_equal(jws_view(jws, jws->signatures[i].chain[0]), signing->chain[0]))
            return auth_error_set(err, AUTH_STATUS_CONFLICT,
                                  "JWS: signature %zu has this certificate already; one signer "
                                  "signs once, let another sign",
                                  i + 1);
    }
    return AUTH_STATUS_OK;
}

auth_status auth_jws_add(const auth_jws *jws, const auth_jws_signing *signing, auth_buf *out,
                         auth_error *err)
{
    made signature = {.input = NULL};
    auth_status status = check_addition(jws, signing, err);
    if (status == AUTH_STATUS_OK)
        status = make(signing, jws->payload_text, true, &signature, err);
    if (status == AUTH_STATUS_OK)
        status = write_document(jws, &signature, out, err);
    auth_buf_free(signature.input);
    return status;
}
