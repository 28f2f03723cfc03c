/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of outcomes and sources. */
#include "fetch/outcome.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct outcome_row {
    auth_fetch_outcome outcome;
    const char *name;
    auth_status status;
    const char *text;
    const char *remedy;
} outcome_row;

static const outcome_row outcomes[] = {
#define AUTH_FETCH_OUTCOME_ROW(id, number, label, result, sentence, help)                          \
    {AUTH_FETCH_OUTCOME_##id, (label), AUTH_STATUS_##result, (sentence), (help)},
#include <auth/fetch_outcome.def>
};

typedef struct source_row {
    auth_fetch_source source;
    const char *name;
} source_row;

static const source_row sources[] = {
#define AUTH_FETCH_SOURCE_ROW(id, number, label, sentence) {AUTH_FETCH_SOURCE_##id, (label)},
#include <auth/fetch_source.def>
};

static const outcome_row *find(auth_fetch_outcome outcome)
{
    const outcome_row *fault = &outcomes[0];
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        if (outcomes[i].outcome == outcome)
            return &outcomes[i];
        if (outcomes[i].outcome == AUTH_FETCH_OUTCOME_FAULT)
            fault = &outcomes[i];
    }
    return fault;
}

const char *auth_fetch_outcome_name(auth_fetch_outcome outcome) { return find(outcome)->name; }

const char *auth_fetch_outcome_text(auth_fetch_outcome outcome) { return find(outcome)->text; }

const char *auth_fetch_outcome_remedy(auth_fetch_outcome outcome) { return find(outcome)->remedy; }

const char *auth_fetch_source_name(auth_fetch_source source)
{
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        if (sources[i].source == source)
            return sources[i].name;
    }
    return "none";
}

auth_status outcome_status(auth_fetch_outcome outcome) { return find(outcome)->status; }

auth_fetch_outcome outcome_set(auth_error *err, auth_fetch_outcome outcome, const char *format, ...)
{
    char text[AUTH_ERROR_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)auth_error_set(err, outcome_status(outcome), "%s", text);
    return outcome;
}

auth_fetch_outcome outcome_of_check(auth_status status)
{
    switch (status) {
    case AUTH_STATUS_OK:
        return AUTH_FETCH_OUTCOME_FOUND;
    case AUTH_STATUS_LIMIT:
        return AUTH_FETCH_OUTCOME_TOO_LARGE;
    case AUTH_STATUS_DENIED:
        return AUTH_FETCH_OUTCOME_REFUSED;
    case AUTH_STATUS_UNTRUSTED:
    case AUTH_STATUS_NOT_FOUND:
        return AUTH_FETCH_OUTCOME_LYING;
    case AUTH_STATUS_EXPIRED:
        return AUTH_FETCH_OUTCOME_STALE;
    case AUTH_STATUS_UNAVAILABLE:
        return AUTH_FETCH_OUTCOME_DOWN;
    case AUTH_STATUS_MALFORMED:
    case AUTH_STATUS_INVALID:
    case AUTH_STATUS_UNSUPPORTED:
    case AUTH_STATUS_CONFLICT:
    case AUTH_STATUS_REVOKED:
    case AUTH_STATUS_UNKNOWN:
        return AUTH_FETCH_OUTCOME_MALFORMED;
    case AUTH_STATUS_MEMORY:
    case AUTH_STATUS_CRYPTO:
    case AUTH_STATUS_IO:
    case AUTH_STATUS_INTERNAL:
    default:
        return AUTH_FETCH_OUTCOME_FAULT;
    }
}
