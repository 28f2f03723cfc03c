/* SPDX-License-Identifier: Apache-2.0 */
/* Responses in the spelling in which auth_login_respond and auth_jws_sign_compact write them. */
#include "jws/algorithm.h"
#include "login/response.h"
#include "login/text.h"
#include "x509/view.h"

#include <auth/cert.h>
#include <auth/codec.h>
#include <string.h>

/* Characters of base64 for the largest certificate that is read, as in jws/. */
#define CERTIFICATE_TEXT_MAX ((AUTH_CERT_MAX + 2) / 3 * 4)
/* Digits of the largest time. */
#define TIME_DIGITS_MAX 12

static bool take(auth_bytes *rest, const char *text)
{
    size_t len = strlen(text);
    if (rest->len < len || memcmp(rest->data, text, len) != 0)
        return false;
    *rest = (auth_bytes){rest->data + len, rest->len - len};
    return true;
}

/* Takes what stands before the next octet of this kind, which is taken too. */
static bool take_before(auth_bytes *rest, int end, auth_bytes *out)
{
    const uint8_t *at = rest->len == 0 ? NULL : memchr(rest->data, end, rest->len);
    if (at == NULL)
        return false;
    size_t len = (size_t)(at - rest->data);
    *out = (auth_bytes){rest->data, len};
    *rest = (auth_bytes){at + 1, rest->len - len - 1};
    return len > 0;
}

static bool take_time(auth_bytes *rest, auth_time *out)
{
    auth_time value = 0;
    size_t count = 0;
    while (count < rest->len && count < TIME_DIGITS_MAX && rest->data[count] >= '0' &&
           rest->data[count] <= '9')
        value = value * 10 + (rest->data[count++] - '0');
    if (count == 0 || (rest->data[0] == '0' && count > 1) || value > AUTH_TIME_MAX)
        return false;
    *rest = (auth_bytes){rest->data + count, rest->len - count};
    *out = value;
    return true;
}

static bool decode(auth_codec codec, auth_bytes text, auth_buf *decoded, auth_bytes *out)
{
    size_t at = auth_buf_bytes(decoded).len;
    if (auth_codec_decode(codec, text, decoded, NULL) != AUTH_STATUS_OK)
        return false;
    auth_bytes all = auth_buf_bytes(decoded);
    *out = (auth_bytes){all.data + at, all.len - at};
    return out->len > 0;
}

/* The first certificate is read when it is validated, or was when it is one that is known. */
static bool take_certificate(auth_bytes *rest, login_response *out)
{
    auth_bytes text;
    x509_cert_view view;
    auth_bytes *row = &out->chain[out->chain_len];
    return out->chain_len < AUTH_JWS_CHAIN_MAX && take(rest, "\"") &&
           take_before(rest, '"', &text) && text.len <= CERTIFICATE_TEXT_MAX &&
           decode(AUTH_CODEC_BASE64, text, out->decoded, row) &&
           (out->chain_len++ == 0 || x509_cert_view_parse(*row, &view, NULL) == AUTH_STATUS_OK);
}

static bool read_header(auth_bytes json, login_response *out)
{
    auth_bytes algorithm;
    if (!take(&json, "{\"alg\":\"") || !take_before(&json, '"', &algorithm) ||
        !take(&json, ",\"typ\":\"" LOGIN_RESPONSE_TYPE "\",\"x5c\":["))
        return false;
    out->algorithm = jws_algorithm_named(algorithm);
    if ((int)out->algorithm == 0)
        return false;
    do {
        if (!take_certificate(&json, out))
            return false;
    } while (take(&json, ","));
    return take(&json, "],\"iat\":") && take_time(&json, &out->signed_at) && take(&json, "}") &&
           json.len == 0;
}

static bool is_base64url(auth_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return true;
}

static bool read_payload(auth_bytes json, login_response *out)
{
    auth_bytes staple;
    if (!take(&json, "{\"aud\":\"") || !take_before(&json, '"', &out->audience) ||
        !login_is_audience(out->audience) || !take(&json, ",\"challenge\":\"") ||
        !take_before(&json, '"', &out->challenge) || out->challenge.len > AUTH_CHALLENGE_MAX ||
        !is_base64url(out->challenge))
        return false;
    if (take(&json, ",\"ocsp\":\"") &&
        (!take_before(&json, '"', &staple) ||
         !decode(AUTH_CODEC_BASE64, staple, out->decoded, &out->staple) ||
         out->staple.len > AUTH_LOGIN_STAPLE_MAX))
        return false;
    return take(&json, "}") && json.len == 0;
}

bool login_response_read_own(auth_bytes text, login_response *out)
{
    auth_bytes rest = text;
    auth_bytes header;
    auth_bytes payload;
    auth_bytes json;
    if (!take_before(&rest, '.', &header) || !take_before(&rest, '.', &payload) || rest.len == 0)
        return false;
    out->input = (auth_bytes){text.data, header.len + 1 + payload.len};
    return decode(AUTH_CODEC_BASE64URL, rest, out->decoded, &out->signature) &&
           out->signature.len <= AUTH_SIGNATURE_MAX &&
           decode(AUTH_CODEC_BASE64URL, header, out->decoded, &json) && read_header(json, out) &&
           decode(AUTH_CODEC_BASE64URL, payload, out->decoded, &json) && read_payload(json, out);
}
