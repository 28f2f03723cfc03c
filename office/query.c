/* SPDX-License-Identifier: Apache-2.0 */
#include "query.h"

#include "registry/ledger_body.h"

#include <string.h>

/* Finds a parameter; none gives data NULL. */
static auth_status find(daemon_request *request, const char *name, auth_bytes *out, auth_error *err)
{
    *out = (auth_bytes){NULL, 0};
    auth_status status = daemon_request_query(request, name, out, err);
    return status == AUTH_STATUS_NOT_FOUND ? AUTH_STATUS_OK : status;
}

auth_status office_query_number(daemon_request *request, const char *name, int64_t max,
                                int64_t fallback, int64_t *out, auth_error *err)
{
    auth_bytes text;
    uint64_t number = 0;
    auth_status status = find(request, name, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (text.data != NULL && !daemon_read_decimal(text, (uint64_t)max, &number))
        return auth_error_set(err, AUTH_STATUS_INVALID, "%s: must be a number from 0 to %lld", name,
                              (long long)max);
    *out = text.data == NULL ? fallback : (int64_t)number;
    return AUTH_STATUS_OK;
}

auth_status office_query_limit(daemon_request *request, size_t *out, auth_error *err)
{
    int64_t limit = 0;
    auth_status status =
        office_query_number(request, "limit", OFFICE_LIMIT_MAX, OFFICE_LIMIT_DEFAULT, &limit, err);
    if (status == AUTH_STATUS_OK && limit < 1)
        return auth_error_set(err, AUTH_STATUS_INVALID, "limit: must be 1 to %d rows",
                              OFFICE_LIMIT_MAX);
    if (status == AUTH_STATUS_OK)
        *out = (size_t)limit;
    return status;
}

auth_status office_query_time(daemon_request *request, const char *name, auth_time *out,
                              auth_error *err)
{
    auth_bytes text;
    auth_status status = find(request, name, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = REGISTRY_NO_TIME;
    if (text.data == NULL)
        return AUTH_STATUS_OK;
    return auth_time_parse(text, out, NULL) == AUTH_STATUS_OK
               ? AUTH_STATUS_OK
               : auth_error_set(err, AUTH_STATUS_INVALID,
                                "%s: must be a time as 2026-01-31T23:59:59Z (RFC 3339)", name);
}

auth_status office_query_id(daemon_request *request, const char *name,
                            uint8_t out[REGISTRY_ID_SIZE], bool *is_there, auth_error *err)
{
    auth_bytes text;
    auth_status status = find(request, name, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *is_there = text.data != NULL;
    if (*is_there && !registry_uuid_parse(text, out))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "%s: must be the id of a request, a UUID in small letters (RFC 9562)",
                              name);
    return AUTH_STATUS_OK;
}

static bool is_identifier(auth_bytes text)
{
    bool is_good = text.len > 0 && text.len < AUTH_IDENTIFIER_SIZE;
    for (size_t i = 0; is_good && i < text.len; i++) {
        uint8_t c = text.data[i];
        is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    return is_good;
}

auth_status office_query_identifier(daemon_request *request, const char *name,
                                    char out[AUTH_IDENTIFIER_SIZE], auth_error *err)
{
    auth_bytes text;
    auth_status status = find(request, name, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (text.data != NULL && !is_identifier(text))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "%s: must be an identifier of small letters, digits and hyphens",
                              name);
    if (text.data != NULL)
        memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return AUTH_STATUS_OK;
}

bool office_segment_identifier(const daemon_request *request, char out[AUTH_IDENTIFIER_SIZE])
{
    auth_bytes text = daemon_request_raw_segment(request, "id");
    if (!is_identifier(text))
        return false;
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return true;
}

auth_status office_segment_serial(const daemon_request *request, uint8_t out[OFFICE_SERIAL_SIZE],
                                  size_t *len, auth_error *err)
{
    return office_serial_parse(daemon_request_raw_segment(request, "serial"), out, len)
               ? AUTH_STATUS_OK
               : auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                                "certificate: this is no serial number; write it in small "
                                "hexadecimal, as the certificate shows it");
}
