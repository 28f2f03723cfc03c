/* SPDX-License-Identifier: Apache-2.0 */
#include "login/response.h"
#include "jws/algorithm.h"
#include "login/text.h"

#include <auth/codec.h>

#define STAPLE_TEXT_MAX ((AUTH_LOGIN_STAPLE_MAX + 2) / 3 * 4)

typedef struct raw_payload {
    json_object_head head;
    auth_bytes audience;
    auth_bytes challenge;
    auth_bytes staple;
} raw_payload;

static const json_rules payload_rules = {
    .subject = "login response",
    .guide = "docs/login.md",
    .size_max = AUTH_LOGIN_RESPONSE_MAX,
    .depth_max = 2,
    .value_max = 16,
    .text_max = AUTH_LOGIN_AUDIENCE_SIZE - 1,
};

static const json_member payload_members[] = {
    JSON_MEMBER_TEXT(raw_payload, audience, "aud", true),
    JSON_MEMBER_LONG_TEXT(raw_payload, challenge, "challenge", AUTH_CHALLENGE_MAX, true),
    JSON_MEMBER_LONG_TEXT(raw_payload, staple, "ocsp", STAPLE_TEXT_MAX, false),
    JSON_MEMBER_REFUSED("exp", "the application says how long a challenge holds, not who answers "
                               "it; sign without"),
    JSON_MEMBER_REFUSED("sub", "the certificate says who it is, and a second name could be "
                               "another's; sign without"),
    JSON_MEMBER_END,
};

static auth_status read_staple(auth_bytes text, login_response *out, auth_error *err)
{
    if (text.data == NULL)
        return AUTH_STATUS_OK;
    auth_status status = auth_buf_new(AUTH_LOGIN_STAPLE_MAX, &out->decoded, err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_decode(AUTH_CODEC_BASE64, text, out->decoded, err);
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "login response: $.ocsp");
        return status;
    }
    out->staple = auth_buf_bytes(out->decoded);
    return AUTH_STATUS_OK;
}

static auth_status read_payload(auth_bytes json, login_response *out, auth_error *err)
{
    raw_payload raw = {.head = {false}};
    auth_status status = json_open(json, &payload_rules, &out->document, err);
    if (status == AUTH_STATUS_OK)
        status = json_decode(out->document, payload_members, &raw, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!login_is_audience(raw.audience))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "login response: $.aud: " LOGIN_AUDIENCE_RULE
                              "; write the application's origin as it does");
    out->audience = raw.audience;
    out->challenge = raw.challenge;
    return read_staple(raw.staple, out, err);
}

auth_status login_response_read_any(auth_bytes text, login_response *out, auth_error *err)
{
    auth_jws_rules rules = {.type = LOGIN_RESPONSE_TYPE, .max_size = AUTH_LOGIN_RESPONSE_MAX};
    auth_jws_signature_info info;
    auth_status status = auth_jws_parse(text, &rules, &out->jws, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!auth_jws_is_compact(out->jws) || !auth_jws_signature_at(out->jws, 0, &info))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "login response: General JSON, and not the compact form (RFC 7515 "
                              "7.1); one key signs a login");
    out->algorithm = info.algorithm;
    out->signed_at = info.signed_at;
    out->chain_len = info.chain_len;
    for (size_t i = 0; i < info.chain_len; i++)
        out->chain[i] = info.chain[i];
    return read_payload(auth_jws_payload(out->jws), out, err);
}

/* All that is decoded takes 4/3 of the text at the most: x5c is base64 in base64url. */
static auth_status make_room(size_t text_len, auth_buf **out, auth_error *err)
{
    uint8_t *room = NULL;
    auth_status status = auth_buf_new(2 * text_len, out, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_extend(*out, 2 * text_len, &room, err);
    if (status == AUTH_STATUS_OK)
        auth_buf_truncate(*out, 0);
    return status;
}

auth_status login_response_read(auth_bytes text, login_response *out, auth_error *err)
{
    if (text.len > AUTH_LOGIN_RESPONSE_MAX)
        return auth_error_set(
            err, AUTH_STATUS_LIMIT,
            "login response: %zu octets, %zu at the most; send fewer certificates", text.len,
            AUTH_LOGIN_RESPONSE_MAX);
    auth_status status = make_room(text.len, &out->decoded, err);
    if (status != AUTH_STATUS_OK || login_response_read_own(text, out))
        return status;
    login_response_clear(out);
    return login_response_read_any(text, out, err);
}

void login_response_clear(login_response *response)
{
    json_close(response->document);
    auth_jws_free(response->jws);
    auth_buf_free(response->decoded);
    *response = (login_response){.chain_len = 0};
}

auth_status login_response_verify(const login_response *response, const auth_public_key *key,
                                  auth_error *err)
{
    auth_signature octets;
    if (response->jws != NULL)
        return auth_jws_verify(response->jws, 0, key, err);
    if (jws_algorithm_key(response->algorithm) != auth_public_key_type(key)) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "login response: %s is no signature of a key of type %s (RFC 8725 "
                              "3.1); let the signer sign anew",
                              auth_jws_algorithm_name(response->algorithm),
                              auth_key_type_name(auth_public_key_type(key)));
    }
    auth_status status = jws_signature_read(response->algorithm, response->signature, &octets, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return auth_public_key_verify(key, jws_algorithm_identifier(response->algorithm),
                                  response->input, (auth_bytes){octets.octets, octets.len}, err);
}
