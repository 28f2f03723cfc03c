/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate in a header that a proxy sets. */
#include "login/work.h"

#include <auth/pem.h>
#include <string.h>

/* PEM of the largest certificate, each octet of it percent-encoded, with room for some more. */
#define HEADER_MAX (6 * AUTH_CERTIFICATE_MAX)

static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes percent-encoding (RFC 3986 2.1); false for a '%' without two hex digits. */
static bool decode_percent(auth_bytes text, uint8_t *out, size_t *len)
{
    *len = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.data[i];
        if (octet == '%') {
            int high = i + 2 < text.len ? digit_of(text.data[i + 1]) : -1;
            int low = i + 2 < text.len ? digit_of(text.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            octet = (uint8_t)(high << 4 | low);
            i += 2;
        }
        out[(*len)++] = octet;
    }
    return true;
}

/* Reads the one certificate in a text. Errors: AUTH_STATUS_MALFORMED and those of auth_pem_next. */
static auth_status read_pem(auth_bytes pem, auth_buf *der, auth_error *err)
{
    char name[AUTH_PEM_LABEL_SIZE];
    auth_status status = auth_pem_next(&pem, name, der, err);
    if (status == AUTH_STATUS_OK && strcmp(name, "CERTIFICATE") != 0)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "certificate header: PEM of something else (RFC 7468 5.1); pass the "
                              "client's certificate on");
    return status;
}

static auth_status read_header(auth_bytes header, auth_buf *der, auth_error *err)
{
    AUTH_AUTO(auth_buf) *pem = NULL;
    uint8_t *room = NULL;
    size_t len = 0;
    if (header.len > HEADER_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "certificate header: %zu octets, %zu at the "
                              "most; look at the proxy",
                              header.len, HEADER_MAX);
    auth_status status = auth_buf_new(HEADER_MAX, &pem, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_extend(pem, header.len, &room, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!decode_percent(header, room, &len))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "certificate header: '%%' without two hex digits (RFC 3986 2.1); "
                              "encode it once, as $ssl_client_escaped_cert is");
    auth_buf_truncate(pem, len);
    return read_pem(auth_buf_bytes(pem), der, err);
}

/* The verdict about what is no certificate. */
static auth_status refuse(auth_verifier *verifier, const auth_login_input *input,
                          const char *detail, auth_login_verdict *out, auth_error *err)
{
    login_work work;
    auth_status status = login_work_begin(&work, verifier, input, out, err);
    if (status == AUTH_STATUS_OK)
        status = login_decide_because(&work, AUTH_LOGIN_REASON_MALFORMED, "%s", detail);
    login_work_end(&work, status);
    return status;
}

static auth_status refuse_fault(auth_verifier *verifier, const auth_login_input *input,
                                auth_status status, const auth_error *why, auth_login_verdict *out,
                                auth_error *err)
{
    login_work work;
    if (login_work_begin(&work, verifier, input, out, NULL) == AUTH_STATUS_OK && err != NULL)
        *err = *why;
    login_work_end(&work, status);
    return status;
}

auth_status auth_peer_verify_header(auth_verifier *verifier, const auth_login_input *input,
                                    auth_bytes header, auth_login_verdict *out, auth_error *err)
{
    auth_error why;
    AUTH_AUTO(auth_buf) *der = NULL;
    if (header.len == 0)
        return auth_peer_verify(verifier, input, NULL, 0, out, err);
    auth_status status = auth_buf_new(AUTH_CERTIFICATE_MAX, &der, &why);
    if (status == AUTH_STATUS_OK)
        status = read_header(header, der, &why);
    if (status != AUTH_STATUS_OK && auth_status_is_fault(status))
        return refuse_fault(verifier, input, status, &why, out, err);
    if (status != AUTH_STATUS_OK)
        return refuse(verifier, input, why.text, out, err);
    auth_bytes certificate = auth_buf_bytes(der);
    return auth_peer_verify(verifier, input, &certificate, 1, out, err);
}
