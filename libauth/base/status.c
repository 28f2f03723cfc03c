/* SPDX-License-Identifier: Apache-2.0 */
#include <auth/status.h>
#include <stddef.h>

typedef struct status_row {
    const char *name;
    const char *text;
    int http;
    bool is_retryable;
} status_row;

/* By number; between the rows of the table are empty ones. */
static const status_row rows[] = {
#define AUTH_STATUS_ROW(id, number, label, http_status, retryable, sentence)                       \
    [number] = {                                                                                   \
        .name = (label),                                                                           \
        .text = (sentence),                                                                        \
        .http = (http_status),                                                                     \
        .is_retryable = (retryable),                                                               \
    },
#include <auth/status.def>
};

static const status_row *row_of(auth_status status)
{
    size_t number = (size_t)status;
    if (number >= sizeof rows / sizeof rows[0] || rows[number].name == NULL)
        return &rows[AUTH_STATUS_INTERNAL];
    return &rows[number];
}

const char *auth_status_name(auth_status status) { return row_of(status)->name; }

const char *auth_status_text(auth_status status) { return row_of(status)->text; }

int auth_status_http(auth_status status) { return row_of(status)->http; }

bool auth_status_is_retryable(auth_status status) { return row_of(status)->is_retryable; }

bool auth_status_is_fault(auth_status status)
{
    return row_of(status) >= &rows[AUTH_STATUS_MEMORY];
}
