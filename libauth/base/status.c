/* SPDX-License-Identifier: Apache-2.0 */
#include <auth/status.h>

typedef struct status_row {
    const char *name;
    const char *text;
    int http;
    bool is_retryable;
} status_row;

static const status_row *row_of(auth_status status)
{
    switch (status) {
#define AUTH_STATUS_ROW(id, number, label, http_status, retryable, sentence)                       \
    case AUTH_STATUS_##id: {                                                                       \
        static const status_row row = {                                                            \
            .name = (label),                                                                       \
            .text = (sentence),                                                                    \
            .http = (http_status),                                                                 \
            .is_retryable = (retryable),                                                           \
        };                                                                                         \
        return &row;                                                                               \
    }
#include <auth/status.def>
    }
    return row_of(AUTH_STATUS_INTERNAL);
}

const char *auth_status_name(auth_status status) { return row_of(status)->name; }

const char *auth_status_text(auth_status status) { return row_of(status)->text; }

int auth_status_http(auth_status status) { return row_of(status)->http; }

bool auth_status_is_retryable(auth_status status) { return row_of(status)->is_retryable; }

bool auth_status_is_fault(auth_status status) { return status >= AUTH_STATUS_MEMORY; }
