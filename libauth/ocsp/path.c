/* SPDX-License-Identifier: Apache-2.0 */
/* Requests in the path of a GET: base64, percent-encoded (RFC 6960 appendix A.1). */
#include "ocsp/ocsp.h"

#include <auth/codec.h>

/* base64 of the longest request, with padding. */
#define BASE64_MAX (((size_t)AUTH_OCSP_REQUEST_MAX + 2) / 3 * 4)

static auth_status refuse(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED, "OCSP request in a path: %s", what);
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes one character, undoing percent-encoding once (RFC 3986 2.1). */
static bool take_character(auth_bytes *path, uint8_t *out)
{
    size_t len = 1;
    *out = path->data[0];
    if (*out == '%') {
        if (path->len < 3)
            return false;
        int high = hex_digit(path->data[1]);
        int low = hex_digit(path->data[2]);
        if (high < 0 || low < 0)
            return false;
        *out = (uint8_t)(high * 16 + low);
        len = 3;
    }
    path->data += len;
    path->len -= len;
    return true;
}

static auth_status undo_percent(auth_bytes path, uint8_t base64[BASE64_MAX], size_t *len,
                                auth_error *err)
{
    *len = 0;
    while (path.len > 0) {
        if (*len == BASE64_MAX)
            return auth_error_set(err, AUTH_STATUS_LIMIT,
                                  "OCSP request in a path: above %d octets of DER",
                                  AUTH_OCSP_REQUEST_MAX);
        if (!take_character(&path, &base64[*len]))
            return refuse(err, "'%' without two hex digits (RFC 3986 2.1)");
        (*len)++;
    }
    return AUTH_STATUS_OK;
}

auth_status auth_ocsp_request_parse_path(auth_bytes path, auth_ocsp_request **out, auth_error *err)
{
    if (path.len > AUTH_OCSP_PATH_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "OCSP request in a path: %zu characters, at most %d", path.len,
                              AUTH_OCSP_PATH_MAX);
    /*
     * A responder's address may end in "/" and get another one. No request begins with it: the
     * base64 of a SEQUENCE begins with M.
     */
    while (path.len > 0 && path.data[0] == '/') {
        path.data++;
        path.len--;
    }
    uint8_t base64[BASE64_MAX];
    size_t len = 0;
    auth_status status = undo_percent(path, base64, &len, err);
    if (status != AUTH_STATUS_OK)
        return status;
    while (len % 4 != 0 && len < BASE64_MAX)
        base64[len++] = '=';

    AUTH_AUTO(auth_buf) *der = NULL;
    status = auth_buf_new(AUTH_OCSP_REQUEST_MAX, &der, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = auth_codec_decode(AUTH_CODEC_BASE64, (auth_bytes){base64, len}, der, err);
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "OCSP request in a path (RFC 6960 A.1)");
        return status;
    }
    return auth_ocsp_request_parse(auth_buf_bytes(der), out, err);
}

static const char *percent_encoded(uint8_t c)
{
    switch (c) {
    case '+':
        return "%2B";
    case '/':
        return "%2F";
    case '=':
        return "%3D";
    default:
        return NULL;
    }
}

static auth_status append_encoded(auth_bytes base64, auth_buf *out, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < base64.len && status == AUTH_STATUS_OK; i++) {
        const char *encoded = percent_encoded(base64.data[i]);
        auth_bytes piece =
            encoded == NULL ? (auth_bytes){base64.data + i, 1} : auth_bytes_from_text(encoded);
        status = auth_buf_append(out, piece, err);
    }
    return status;
}

auth_status auth_ocsp_request_encode_path(auth_bytes request, auth_buf *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *base64 = NULL;
    auth_status status = auth_buf_new(BASE64_MAX, &base64, err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_BASE64, request, base64, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t before = auth_buf_bytes(out).len;
    status = append_encoded(auth_buf_bytes(base64), out, err);
    if (status != AUTH_STATUS_OK)
        auth_buf_truncate(out, before);
    return status;
}
