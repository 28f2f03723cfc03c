/* SPDX-License-Identifier: Apache-2.0 */
/* The citizen's side: a response to a challenge. */
#include "login/challenge.h"
#include "login/response.h"
#include "login/text.h"

#include <auth/codec.h>

static auth_status append_staple(auth_bytes staple, auth_buf *out, auth_error *err)
{
    if (staple.len == 0)
        return AUTH_STATUS_OK;
    auth_status status = auth_buf_append(out, auth_bytes_from_text(",\"ocsp\":\""), err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_BASE64, staple, out, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, auth_bytes_from_text("\""), err);
    return status;
}

/* Neither audience nor challenge has a character that JSON would escape. */
static auth_status write_payload(const auth_login_answer *answer, auth_buf *out, auth_error *err)
{
    auth_status status =
        auth_buf_printf(out, err, "{\"aud\":\"%s\",\"challenge\":\"%.*s\"", answer->audience,
                        (int)answer->challenge.len, (const char *)answer->challenge.data);
    if (status == AUTH_STATUS_OK)
        status = append_staple(answer->staple, out, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, auth_bytes_from_text("}"), err);
    return status;
}

static auth_status check(const auth_login_answer *answer, auth_error *err)
{
    login_challenge challenge;
    auth_status status = login_check_audience(answer->audience, err);
    if (status == AUTH_STATUS_OK)
        status = login_challenge_read(answer->challenge, &challenge, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (answer->staple.len > AUTH_LOGIN_STAPLE_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "login response: the staple has %zu octets, %zu at the most; send it "
                              "without, the application asks by itself",
                              answer->staple.len, AUTH_LOGIN_STAPLE_MAX);
    return AUTH_STATUS_OK;
}

auth_status auth_login_respond(const auth_login_answer *answer, auth_buf *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *payload = NULL;
    AUTH_AUTO(auth_buf) *response = NULL;
    auth_jws_signing signing = {
        .type = LOGIN_RESPONSE_TYPE,
        .signer = answer->signer,
        .chain = answer->chain,
        .chain_len = answer->chain_len,
        .signed_at = answer->now,
    };
    auth_status status = check(answer, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_LOGIN_RESPONSE_MAX, &payload, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_LOGIN_RESPONSE_MAX, &response, err);
    if (status == AUTH_STATUS_OK)
        status = write_payload(answer, payload, err);
    if (status == AUTH_STATUS_OK)
        status = auth_jws_sign_compact(auth_buf_bytes(payload), &signing, response, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, auth_buf_bytes(response), err);
    return status;
}
