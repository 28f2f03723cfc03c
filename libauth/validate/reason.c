/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of reasons and purposes. */
#include "base/oid.h"
#include "validate/finding.h"

#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct reason_row {
    auth_verdict_reason reason;
    const char *name;
    const char *clause;
    const char *text;
    const char *remedy;
} reason_row;

static const reason_row reasons[] = {
#define AUTH_VERDICT_REASON_ROW(id, number, label, section, sentence, help)                        \
    {AUTH_VERDICT_REASON_##id, (label), (section), (sentence), (help)},
#include <auth/verdict_reason.def>
};

static const reason_row *reason_find(auth_verdict_reason reason)
{
    const reason_row *fault = &reasons[0];
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].reason == reason)
            return &reasons[i];
        if (reasons[i].reason == AUTH_VERDICT_REASON_FAULT)
            fault = &reasons[i];
    }
    return fault;
}

const char *auth_verdict_reason_name(auth_verdict_reason reason)
{
    return reason_find(reason)->name;
}

const char *auth_verdict_reason_text(auth_verdict_reason reason)
{
    return reason_find(reason)->text;
}

const char *auth_verdict_reason_clause(auth_verdict_reason reason)
{
    return reason_find(reason)->clause;
}

const char *auth_verdict_reason_remedy(auth_verdict_reason reason)
{
    return reason_find(reason)->remedy;
}

static const purpose_rules purposes[] = {
#define AUTH_PURPOSE_ROW(id, number, label, eku, usage, authority, openssl, text)                  \
    {AUTH_PURPOSE_##id, (label), OID_##eku, (usage), (authority), (openssl)},
#include <auth/purpose.def>
};

static const char purpose_names[] =
#define AUTH_PURPOSE_ROW(id, number, label, eku, usage, authority, openssl, text) " " label
#include <auth/purpose.def>
    ;

#define PURPOSE_COUNT (sizeof purposes / sizeof purposes[0])

const purpose_rules *purpose_find(auth_purpose purpose)
{
    for (size_t i = 0; i < PURPOSE_COUNT; i++) {
        if (purposes[i].purpose == purpose)
            return &purposes[i];
    }
    return NULL;
}

const char *auth_purpose_name(auth_purpose purpose)
{
    const purpose_rules *rules = purpose_find(purpose);
    return rules == NULL ? "" : rules->name;
}

auth_status auth_purpose_find(const char *name, auth_purpose *out, auth_error *err)
{
    for (size_t i = 0; i < PURPOSE_COUNT; i++) {
        if (strcmp(purposes[i].name, name) == 0) {
            *out = purposes[i].purpose;
            return AUTH_STATUS_OK;
        }
    }
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND, "there is no such purpose; there are:%s",
                          purpose_names);
}

const char *auth_revocation_source_name(auth_revocation_source source)
{
    static const char *const names[] = {
        [AUTH_REVOCATION_SOURCE_NONE] = "none",
        [AUTH_REVOCATION_SOURCE_CRL] = "crl",
        [AUTH_REVOCATION_SOURCE_OCSP] = "ocsp",
    };
    return (size_t)source < sizeof names / sizeof names[0] ? names[source] : names[0];
}

AUTH_PRINTF(2, 0)
static void write_detail(finding *found, const char *format, va_list arguments)
{
    if (vsnprintf(found->detail, sizeof found->detail, format, arguments) < 0)
        found->detail[0] = '\0';
}

bool finding_set(finding *found, auth_verdict_reason reason, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_detail(found, format, arguments);
    va_end(arguments);
    found->reason = reason;
    return false;
}
