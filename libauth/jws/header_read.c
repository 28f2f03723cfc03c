/* SPDX-License-Identifier: Apache-2.0 */
#include "jws/algorithm.h"
#include "jws/header.h"
#include "x509/view.h"

#include <auth/cert.h>

/* Characters of base64 for the largest certificate that is read. */
#define CERTIFICATE_TEXT_MAX ((AUTH_CERT_MAX + 2) / 3 * 4)

typedef struct raw_header {
    json_object_head head;
    auth_bytes algorithm;
    auth_bytes type;
    json_texts chain;
    json_number signed_at;
} raw_header;

static const json_rules header_rules = {
    .subject = "protected header",
    .guide = "RFC 7515 4.1, docs/jws.md",
    .size_max = AUTH_JWS_MAX,
    .depth_max = 8,
    .value_max = 64,
    .text_max = AUTH_JWS_TYPE_MAX,
};

/* The members of other people's headers are refused by name, since each is a question of trust. */
static const json_member header_members[] = {
    JSON_MEMBER_TEXT(raw_header, algorithm, "alg", true),
    JSON_MEMBER_TEXT(raw_header, type, "typ", true),
    JSON_MEMBER_LONG_TEXTS(raw_header, chain, "x5c", AUTH_JWS_CHAIN_MAX, CERTIFICATE_TEXT_MAX,
                           true),
    JSON_MEMBER_NUMBER(raw_header, signed_at, "iat", true),
    JSON_MEMBER_REFUSED("crit", "no extension of JWS is known here, so none can be critical (RFC "
                                "7515 4.1.11); sign without"),
    JSON_MEMBER_REFUSED("b64", "a payload that is not encoded is not read (RFC 7797), its text "
                               "could be taken for another; sign without"),
    JSON_MEMBER_REFUSED("jwk", "a document does not bring the key that it is verified with (RFC "
                               "7515 4.1.3); put the certificates into x5c"),
    JSON_MEMBER_REFUSED("jku", "no key is fetched from where a document says (RFC 8725 3.10); put "
                               "the certificates into x5c"),
    JSON_MEMBER_REFUSED("x5u", "no certificate is fetched from where a document says (RFC 8725 "
                               "3.10); put the certificates into x5c"),
    JSON_MEMBER_REFUSED("kid", "the key is that of the first certificate in x5c, and a second name "
                               "for it could be another's (RFC 8725 3.10); sign without"),
    JSON_MEMBER_REFUSED("x5t", "x5c has the certificate itself (RFC 7515 4.1.7); sign without"),
    JSON_MEMBER_REFUSED("x5t#S256",
                        "x5c has the certificate itself (RFC 7515 4.1.8); sign without"),
    JSON_MEMBER_REFUSED("cty", "typ tells what the document is (RFC 8725 3.11); sign without"),
    JSON_MEMBER_END,
};

static const char algorithm_names[] = ""
#define AUTH_JWS_ALGORITHM_ROW(id, number, name, key, is_written, text) " " name
#include <auth/jws_algorithm.def>
    ;

static auth_status read_algorithm(auth_bytes name, unsigned allowed, auth_jws_algorithm *out,
                                  auth_error *err)
{
    auth_jws_algorithm algorithm = jws_algorithm_named(name);
    bool is_allowed = allowed == 0 || (allowed & AUTH_JWS_ALGORITHM_BIT(algorithm)) != 0;
    if ((int)algorithm == 0 || !is_allowed) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "protected header: $.alg: none that is taken here, at the most%s; "
                              "\"none\" and keyed hashes never are (RFC 8725 3.1, 3.2)",
                              algorithm_names);
    }
    *out = algorithm;
    return AUTH_STATUS_OK;
}

static auth_status check_type(auth_bytes type, const char *expected, auth_error *err)
{
    if (auth_bytes_equal(type, auth_bytes_from_text(expected)))
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "protected header: $.typ: not \"%s\", octet for octet; this document is "
                          "of another kind (RFC 8725 3.11)",
                          expected);
}

static auth_status read_time(json_number number, auth_time *out, auth_error *err)
{
    if (number.value > (uint64_t)AUTH_TIME_MAX) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "protected header: $.iat: after the year 9999; write seconds since "
                              "1970, no milliseconds (RFC 7519 4.1.6)");
    }
    *out = (auth_time)number.value;
    return AUTH_STATUS_OK;
}

auth_status jws_decode(auth_codec codec, auth_bytes text, auth_buf *decoded, jws_span *out,
                       auth_error *err)
{
    size_t at = auth_buf_bytes(decoded).len;
    auth_status status = auth_codec_decode(codec, text, decoded, err);
    if (status == AUTH_STATUS_OK)
        *out = (jws_span){at, auth_buf_bytes(decoded).len - at};
    return status;
}

/* Decodes a certificate, base64 and not base64url (RFC 7515 4.1.6), and tells where its key is. */
static auth_status read_certificate(auth_bytes text, auth_buf *decoded, jws_span *out,
                                    jws_span *spki, auth_error *err)
{
    auth_status status = jws_decode(AUTH_CODEC_BASE64, text, decoded, out, err);
    if (status != AUTH_STATUS_OK)
        return status;
    x509_cert_view view;
    const uint8_t *der = auth_buf_bytes(decoded).data + out->at;
    status = x509_cert_view_parse((auth_bytes){der, out->len}, &view, err);
    if (status == AUTH_STATUS_OK)
        *spki = (jws_span){out->at + (size_t)(view.spki.data - der), view.spki.len};
    return status;
}

static auth_status read_chain(const json_texts *texts, auth_buf *decoded, jws_signature *signature,
                              auth_error *err)
{
    signature->chain_len = texts->count;
    for (size_t i = 0; i < texts->count; i++) {
        jws_span spki;
        auth_status status =
            read_certificate(texts->rows[i], decoded, &signature->chain[i], &spki, err);
        if (status != AUTH_STATUS_OK) {
            auth_error_context(err, "protected header: $.x5c[%zu]", i);
            return status;
        }
        if (i == 0)
            signature->spki = spki;
    }
    return AUTH_STATUS_OK;
}

static auth_status read_members(json_document *document, const auth_jws_rules *rules,
                                auth_buf *decoded, jws_signature *signature, auth_error *err)
{
    raw_header raw = {.head = {false}};
    auth_status status = json_decode(document, header_members, &raw, err);
    if (status == AUTH_STATUS_OK)
        status = read_algorithm(raw.algorithm, rules->algorithms, &signature->algorithm, err);
    if (status == AUTH_STATUS_OK)
        status = check_type(raw.type, rules->type, err);
    if (status == AUTH_STATUS_OK)
        status = read_time(raw.signed_at, &signature->signed_at, err);
    if (status == AUTH_STATUS_OK)
        status = read_chain(&raw.chain, decoded, signature, err);
    return status;
}

auth_status jws_header_read(const auth_jws_rules *rules, auth_buf *decoded,
                            jws_signature *signature, auth_error *err)
{
    AUTH_AUTO(auth_buf) *json = NULL;
    json_document *document = NULL;
    auth_status status = auth_buf_new(AUTH_JWS_MAX, &json, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = auth_codec_decode(AUTH_CODEC_BASE64URL, signature->header_text, json, err);
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "protected header");
        return status;
    }
    status = json_open(auth_buf_bytes(json), &header_rules, &document, err);
    if (status == AUTH_STATUS_OK)
        status = read_members(document, rules, decoded, signature, err);
    json_close(document);
    return status;
}
