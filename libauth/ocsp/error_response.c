/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that report an error: five octets each, without a signature (RFC 6960 section 4.2.1). */
#include <auth/ocsp.h>

typedef struct error_row {
    auth_ocsp_response_status status;
    const char *name;
    const char *der;
} error_row;

#define ERROR_LEN 5

static const error_row rows[] = {
    {AUTH_OCSP_INTERNAL_ERROR, "internalError", "\x30\x03\x0a\x01\x02"},
    {AUTH_OCSP_MALFORMED_REQUEST, "malformedRequest", "\x30\x03\x0a\x01\x01"},
    {AUTH_OCSP_TRY_LATER, "tryLater", "\x30\x03\x0a\x01\x03"},
    {AUTH_OCSP_SIG_REQUIRED, "sigRequired", "\x30\x03\x0a\x01\x05"},
    {AUTH_OCSP_UNAUTHORIZED, "unauthorized", "\x30\x03\x0a\x01\x06"},
};

static const error_row *row_of(auth_ocsp_response_status status)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].status == status)
            return &rows[i];
    }
    return NULL;
}

const char *auth_ocsp_response_status_name(auth_ocsp_response_status status)
{
    if (status == AUTH_OCSP_SUCCESSFUL)
        return "successful";
    const error_row *row = row_of(status);
    return row == NULL ? "" : row->name;
}

auth_bytes auth_ocsp_error_response(auth_ocsp_response_status status)
{
    const error_row *row = row_of(status);
    if (row == NULL)
        row = &rows[0];
    return (auth_bytes){(const uint8_t *)row->der, ERROR_LEN};
}

auth_ocsp_response_status auth_ocsp_error_for(auth_status status)
{
    /* Not every status has a case of its own: what is added later is a fault of ours. */
    if (status == AUTH_STATUS_MALFORMED || status == AUTH_STATUS_LIMIT ||
        status == AUTH_STATUS_UNSUPPORTED)
        return AUTH_OCSP_MALFORMED_REQUEST;
    if (status == AUTH_STATUS_NOT_FOUND || status == AUTH_STATUS_DENIED)
        return AUTH_OCSP_UNAUTHORIZED;
    if (status == AUTH_STATUS_EXPIRED || auth_status_is_retryable(status))
        return AUTH_OCSP_TRY_LATER;
    return AUTH_OCSP_INTERNAL_ERROR;
}
