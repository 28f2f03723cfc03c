/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/conf.h"

#include <string.h>

#define NAME_MAX_LEN 64
/* NAMEDATALEN - 1 of PostgreSQL. */
#define LOGIN_MAX_LEN 63
/* A person number has no place in a name that everybody sees (docs/request.md). */
#define DIGITS_MAX 11
/* What one error text can show of the faults of a file. */
#define FAULTS_MAX ((size_t)64 << 10)
#define FAULTS_SHOWN 400

static const daemon_option rows[] = {
    {.name = "realm", .type = DAEMON_TEXT, .fallback = NULL, .help = "the name of the realm"},
    {.name = "base",
     .type = DAEMON_TEXT,
     .fallback = NULL,
     .help = "the public address, http://HOST:PORT, that certificates name"},
    {.name = "registry",
     .type = DAEMON_TEXT,
     .fallback = REALM_REGISTRY_EMBEDDED,
     .help = "embedded, or a connection string without a user"},
    {.name = "account",
     .type = DAEMON_TEXT,
     .fallback = REALM_ACCOUNT,
     .help = "as whom daemons and the embedded registry run when root starts them"},
    {.name = "ra-listen",
     .type = DAEMON_ADDRESSES,
     .fallback = "127.0.0.1:8441",
     .help = "where auth-ra listens"},
    {.name = "lra-listen",
     .type = DAEMON_ADDRESSES,
     .fallback = "127.0.0.1:8442",
     .help = "where auth-lra listens"},
    {.name = "lra-office",
     .type = DAEMON_TEXT,
     .fallback = "",
     .help = "the office that auth-lra works for; none: there is no auth-lra here"},
    {.name = "ra-login",
     .type = DAEMON_TEXT,
     .fallback = "",
     .help = "as whom auth-ra logs in to the registry; none: auth_ra"},
    {.name = "lra-login",
     .type = DAEMON_TEXT,
     .fallback = "",
     .help = "as whom auth-lra logs in to the registry; none: auth_lra"},
    {.name = "ocsp-listen",
     .type = DAEMON_ADDRESSES,
     .fallback = "127.0.0.1:8080",
     .help = "where auth-ocsp listens"},
    {.name = "ca-workers",
     .type = DAEMON_NUMBER,
     .fallback = "0",
     .min = 0,
     .max = 256,
     .help = "threads of auth-ca; 0: one for each processor"},
    {.name = "shards",
     .type = DAEMON_NUMBER,
     .fallback = "1",
     .min = 1,
     .max = 32768,
     .help = "CRLs among which the certificates of citizens are shared out"},
    DAEMON_OPTION_END,
};

auth_status realm_identifier_check(const char *what, const char *text, auth_error *err)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    size_t digits = 0;
    size_t most = 0;
    for (size_t i = 0; i < len; i++) {
        digits = text[i] >= '0' && text[i] <= '9' ? digits + 1 : 0;
        most = digits > most ? digits : most;
    }
    if (text[len] == '\0' && len >= 1 && len <= NAME_MAX_LEN && text[0] != '-' &&
        text[len - 1] != '-' && most <= DIGITS_MAX)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "%s: must be 1 to %d small letters, digits and inner hyphens, with at "
                          "most %d digits in a row; choose such a name",
                          what, NAME_MAX_LEN, DIGITS_MAX);
}

auth_status realm_base_check(const char *text, auth_error *err)
{
    static const char scheme[] = "http://";
    size_t len = strlen(text);
    bool is_plain = true;
    for (size_t i = 0; i < len; i++)
        is_plain =
            is_plain && text[i] > ' ' && text[i] < 0x7f && strchr("\"<>\\^`{|}", text[i]) == NULL;
    if (strncmp(text, scheme, sizeof scheme - 1) == 0 && len > sizeof scheme - 1 && is_plain &&
        text[sizeof scheme - 1] != '/' && text[len - 1] != '/')
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "base: must be the public address that certificates name (RFC 5280 "
                          "4.2.1.13); write http://pki.example:8080, without a slash at its end");
}

/* Tells whether a connection string has a keyword: a word with '=' behind it, and blanks perhaps.
 */
static bool has_keyword(const char *text, const char *keyword)
{
    size_t len = strlen(keyword);
    for (const char *at = strstr(text, keyword); at != NULL; at = strstr(at + 1, keyword)) {
        const char *end = at + len + strspn(at + len, " \t");
        if (*end == '=' && (at == text || at[-1] == ' ' || at[-1] == '\t'))
            return true;
    }
    return false;
}

auth_status realm_registry_check(const char *text, auth_error *err)
{
    if (strcmp(text, REALM_REGISTRY_EMBEDDED) == 0)
        return AUTH_STATUS_OK;
    if (strstr(text, "://") == NULL && has_keyword(text, "host") && !has_keyword(text, "user"))
        return AUTH_STATUS_OK;
    return auth_error_set(
        err, AUTH_STATUS_INVALID,
        "registry: must be 'embedded' or a connection string of keywords and "
        "values with a host and without a user; write host=db.example dbname=auth "
        "sslmode=verify-full");
}

auth_status realm_login_check(const char *what, const char *text, const char *registry,
                              auth_error *err)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (len == 0 && text[0] == '\0')
        return AUTH_STATUS_OK;
    if (text[len] != '\0' || len > LOGIN_MAX_LEN || (text[0] >= '0' && text[0] <= '9'))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "%s: must be a login role of the database, 1 to %d small letters, "
                              "digits and underscores; write lra_xian",
                              what, LOGIN_MAX_LEN);
    if (strcmp(registry, REALM_REGISTRY_EMBEDDED) == 0)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "%s: an embedded registry has one login a daemon; leave this out, or "
                              "use a registry of its own",
                              what);
    return AUTH_STATUS_OK;
}

static auth_status check_value(daemon_faults *faults, const char *shown, auth_status status,
                               const auth_error *why, auth_error *err)
{
    return status == AUTH_STATUS_OK ? AUTH_STATUS_OK
                                    : daemon_fault(faults, err, "%s: %s", shown, why->text);
}

/* What the rows alone cannot tell. */
static auth_status check_values(const daemon_options *options, const char *shown,
                                daemon_faults *faults, auth_error *err)
{
    static const char *const logins[] = {"ra-login", "lra-login"};
    auth_error why;
    const char *office = daemon_options_text(options, "lra-office");
    auth_status found =
        realm_identifier_check("realm", daemon_options_text(options, "realm"), &why);
    auth_status status = check_value(faults, shown, found, &why, err);
    if (status != AUTH_STATUS_OK)
        return status;
    found = realm_base_check(daemon_options_text(options, "base"), &why);
    status = check_value(faults, shown, found, &why, err);
    if (status != AUTH_STATUS_OK)
        return status;
    found = realm_registry_check(daemon_options_text(options, "registry"), &why);
    status = check_value(faults, shown, found, &why, err);
    for (size_t i = 0; i < sizeof logins / sizeof logins[0] && status == AUTH_STATUS_OK; i++) {
        found = realm_login_check(logins[i], daemon_options_text(options, logins[i]),
                                  daemon_options_text(options, "registry"), &why);
        status = check_value(faults, shown, found, &why, err);
    }
    if (status != AUTH_STATUS_OK || office[0] == '\0')
        return status;
    found = realm_identifier_check("lra-office", office, &why);
    return check_value(faults, shown, found, &why, err);
}

/* Up to the end of a fault; the first one is shown in any case, cut if need be. */
static size_t shown_length(auth_bytes text)
{
    size_t len = text.len < FAULTS_SHOWN ? text.len : FAULTS_SHOWN;
    size_t whole = len;
    while (whole > 0 && text.data[whole - 1] != '\n')
        whole--;
    return whole > 0 ? whole - 1 : len;
}

/* An error is one line: faults are parted by " / ". Those without a line of the file lack its name.
 */
static auth_status refuse(const char *shown, const daemon_faults *faults, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_bytes rest = auth_buf_bytes(faults->text);
    rest.len = shown_length(rest);
    auth_status status = auth_buf_new((size_t)2 * FAULTS_SHOWN, &text, err);
    while (status == AUTH_STATUS_OK && rest.len > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.data);
        status = auth_buf_printf(text, err, "%s%.*s", auth_buf_bytes(text).len > 0 ? " / " : "",
                                 (int)len, (const char *)rest.data);
        size_t step = end == NULL ? len : len + 1;
        rest.data += step;
        rest.len -= step;
    }
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes made = auth_buf_bytes(text);
    bool is_named = made.len > strlen(shown) && memcmp(made.data, shown, strlen(shown)) == 0;
    return auth_error_set(err, AUTH_STATUS_INVALID, "%s%s%.*s", is_named ? "" : shown,
                          is_named ? "" : ": ", (int)made.len, (const char *)made.data);
}

auth_status realm_conf_parse(const char *shown, auth_bytes text, daemon_options **out,
                             auth_error *err)
{
    AUTH_AUTO(daemon_options) *options = NULL;
    AUTH_AUTO(auth_buf) *noted = NULL;
    auth_status status = auth_buf_new(FAULTS_MAX, &noted, err);
    daemon_faults faults = {.text = noted};
    if (status == AUTH_STATUS_OK)
        status = daemon_options_new(rows, NULL, &options, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_options_read(options, shown, text, &faults, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_options_check(options, &faults, err);
    if (status == AUTH_STATUS_OK && faults.count == 0)
        status = check_values(options, shown, &faults, err);
    if (status == AUTH_STATUS_OK && faults.count > 0)
        status = refuse(shown, &faults, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(options);
    return status;
}
