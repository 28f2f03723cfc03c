/* SPDX-License-Identifier: Apache-2.0 */
#include "login/text.h"

#include <string.h>

bool login_is_audience(auth_bytes text)
{
    if (text.len == 0 || text.len >= AUTH_LOGIN_AUDIENCE_SIZE)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.data[i];
        if (octet <= ' ' || octet >= 0x7f || octet == '"' || octet == '\\')
            return false;
    }
    return true;
}

auth_status login_check_audience(const char *audience, auth_error *err)
{
    if (audience != NULL && login_is_audience(auth_bytes_from_text(audience)))
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "login: audience: " LOGIN_AUDIENCE_RULE
                          "; give the application's https origin");
}

auth_status login_check_session(auth_bytes session, auth_error *err)
{
    if (session.len <= AUTH_LOGIN_SESSION_MAX)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "login: session: %zu octets, %d at the most; give the session's "
                          "identifier, or a hash of it",
                          session.len, AUTH_LOGIN_SESSION_MAX);
}

auth_status login_check_key(auth_bytes key, const char *name, auth_error *err)
{
    if (key.len == 0 || key.len >= AUTH_LOGIN_KEY_MIN)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "login: %s: %zu octets, %d random ones at the least; make a new one",
                          name, key.len, AUTH_LOGIN_KEY_MIN);
}

void login_keep_text(auth_bytes text, char out[AUTH_LOGIN_TEXT_SIZE])
{
    size_t len = text.len < AUTH_LOGIN_TEXT_SIZE ? text.len : AUTH_LOGIN_TEXT_SIZE - 1;
    while (len < text.len && len > 0 && (text.data[len] & 0xc0U) == 0x80U)
        len--;
    if (len > 0)
        memcpy(out, text.data, len);
    out[len] = '\0';
}
