/* SPDX-License-Identifier: Apache-2.0 */
#include "jws/header.h"

#include <stdlib.h>
#include <string.h>

/* Characters of base64url for the longest signature. */
#define SIGNATURE_TEXT_MAX ((AUTH_SIGNATURE_MAX * 4 + 2) / 3)

typedef struct raw_signature {
    json_object_head head;
    auth_bytes header;
    auth_bytes signature;
} raw_signature;

typedef struct raw_document {
    json_object_head head;
    auth_bytes payload;
    json_array_head list;
    raw_signature signatures[AUTH_JWS_SIGNATURES_MAX];
} raw_document;

/* Deeper and of more values than any that is taken, so that what others write is refused by name.
 */
static const json_rules document_rules = {
    .subject = "JWS",
    .guide = "RFC 7515 7.2.1, docs/jws.md",
    .size_max = AUTH_JWS_MAX,
    .depth_max = 8,
    .value_max = 64,
    .text_max = AUTH_JWS_MAX,
};

static const json_member signature_members[] = {
    JSON_MEMBER_TEXT(raw_signature, header, "protected", true),
    JSON_MEMBER_LONG_TEXT(raw_signature, signature, "signature", SIGNATURE_TEXT_MAX, true),
    JSON_MEMBER_REFUSED("header", "no signature covers a header that is not protected (RFC 7515 "
                                  "7.2.1); sign without"),
    JSON_MEMBER_END,
};

#define REFUSED_FLATTENED                                                                          \
    "the flattened form is not read (RFC 7515 7.2.2); write an array of signatures"

static const json_member document_members[] = {
    JSON_MEMBER_TEXT(raw_document, payload, "payload", true),
    JSON_MEMBER_OBJECTS(raw_document, list, signatures, "signatures", signature_members, true),
    JSON_MEMBER_REFUSED("protected", REFUSED_FLATTENED),
    JSON_MEMBER_REFUSED("header", REFUSED_FLATTENED),
    JSON_MEMBER_REFUSED("signature", REFUSED_FLATTENED),
    JSON_MEMBER_END,
};

static auth_status read_document(auth_bytes text, auth_jws *jws, auth_error *err)
{
    raw_document raw = {.head = {false}};
    auth_status status = json_open(text, &document_rules, &jws->document, err);
    if (status == AUTH_STATUS_OK)
        status = json_decode(jws->document, document_members, &raw, err);
    if (status != AUTH_STATUS_OK)
        return status;
    jws->payload_text = raw.payload;
    jws->count = raw.list.count;
    for (size_t i = 0; i < jws->count; i++) {
        jws->signatures[i].header_text = raw.signatures[i].header;
        jws->signatures[i].text = raw.signatures[i].signature;
    }
    return AUTH_STATUS_OK;
}

/* Takes what stands before the next dot, or all that is left. */
static auth_bytes take_part(auth_bytes *rest)
{
    if (rest->len == 0)
        return *rest;
    const uint8_t *dot = memchr(rest->data, '.', rest->len);
    size_t len = dot == NULL ? rest->len : (size_t)(dot - rest->data);
    size_t skipped = dot == NULL ? len : len + 1;
    auth_bytes part = {rest->data, len};
    *rest = (auth_bytes){rest->data + skipped, rest->len - skipped};
    return part;
}

/* RFC 7515 section 7.1. A payload that is empty could be a detached one as well (appendix F). */
static auth_status read_compact(auth_bytes text, auth_jws *jws, auth_error *err)
{
    auth_status status = auth_buf_new(AUTH_JWS_MAX, &jws->text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(jws->text, text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes rest = auth_buf_bytes(jws->text);
    jws->is_compact = true;
    jws->count = 1;
    jws->signatures[0].header_text = take_part(&rest);
    jws->payload_text = take_part(&rest);
    jws->signatures[0].text = rest;
    if (jws->signatures[0].header_text.len == 0 || jws->payload_text.len == 0 || rest.len == 0 ||
        memchr(rest.data, '.', rest.len) != NULL) {
        return auth_error_set(
            err, AUTH_STATUS_MALFORMED,
            "JWS: not header, payload and signature with a dot between them, none "
            "empty (RFC 7515 7.1); send the text as it was signed");
    }
    if (rest.len > SIGNATURE_TEXT_MAX) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "JWS: the signature has more than %d characters, which none has that "
                              "is read here; let the signer sign anew",
                              SIGNATURE_TEXT_MAX);
    }
    return AUTH_STATUS_OK;
}

static auth_status decode_signature(const auth_jws_rules *rules, auth_jws *jws, size_t index,
                                    auth_error *err)
{
    jws_signature *signature = &jws->signatures[index];
    auth_status status = jws_header_read(rules, jws->decoded, signature, err);
    if (status == AUTH_STATUS_OK)
        status = jws_decode(AUTH_CODEC_BASE64URL, signature->text, jws->decoded, &signature->octets,
                            err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "JWS: signature %zu", index + 1);
    return status;
}

/* Two signatures of one certificate are one signer, who may not count twice. */
static auth_status check_signers(const auth_jws *jws, auth_error *err)
{
    for (size_t i = 1; i < jws->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (auth_bytes_equal(jws_view(jws, jws->signatures[i].chain[0]),
                                 jws_view(jws, jws->signatures[j].chain[0])))
                return auth_error_set(err, AUTH_STATUS_CONFLICT,
                                      "JWS: signatures %zu and %zu have the same certificate; one "
                                      "signer signs once, remove one",
                                      j + 1, i + 1);
        }
    }
    return AUTH_STATUS_OK;
}

static auth_status decode_payload(auth_jws *jws, auth_error *err)
{
    auth_status status =
        jws_decode(AUTH_CODEC_BASE64URL, jws->payload_text, jws->decoded, &jws->payload, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "JWS: payload");
    return status;
}

/* Headers come first, since they tell why a payload may be none. */
static auth_status decode(const auth_jws_rules *rules, auth_jws *jws, auth_error *err)
{
    auth_status status = auth_buf_new(AUTH_JWS_MAX, &jws->decoded, err);
    for (size_t i = 0; i < jws->count && status == AUTH_STATUS_OK; i++)
        status = decode_signature(rules, jws, i, err);
    if (status == AUTH_STATUS_OK)
        status = check_signers(jws, err);
    return status == AUTH_STATUS_OK ? decode_payload(jws, err) : status;
}

/* The white space of JSON (RFC 8259 section 2). */
static bool is_object(auth_bytes text)
{
    size_t i = 0;
    while (i < text.len && (text.data[i] == ' ' || text.data[i] == '\t' || text.data[i] == '\n' ||
                            text.data[i] == '\r'))
        i++;
    return i < text.len && text.data[i] == '{';
}

static auth_status check_size(size_t len, size_t max_size, auth_error *err)
{
    size_t max = max_size == 0 || max_size > AUTH_JWS_MAX ? AUTH_JWS_MAX : max_size;
    if (len <= max)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_LIMIT,
                          "JWS: %zu octets, %zu at the most; divide the document", len, max);
}

auth_status auth_jws_parse(auth_bytes text, const auth_jws_rules *rules, auth_jws **out,
                           auth_error *err)
{
    auth_status status = jws_check_type(rules->type, err);
    if (status == AUTH_STATUS_OK)
        status = check_size(text.len, rules->max_size, err);
    if (status != AUTH_STATUS_OK)
        return status;
    AUTH_AUTO(auth_jws) *jws = calloc(1, sizeof *jws);
    if (jws == NULL)
        return auth_error_memory(err);
    (void)stpcpy(jws->type, rules->type);
    status = is_object(text) ? read_document(text, jws, err) : read_compact(text, jws, err);
    if (status == AUTH_STATUS_OK)
        status = decode(rules, jws, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(jws);
    return status;
}
