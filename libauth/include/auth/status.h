/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_status
 * @brief the outcome of every libauth call that can fail
 *
 * One table, auth/status.def, holds every outcome: its number (stable, part of the ABI), its name
 * as it appears in JSON and logs, the HTTP status a daemon answers with, whether the same call may
 * succeed later without a change, and a text that may be shown to anybody. AUTH_STATUS_OK is 0.
 *
 * Outcomes below AUTH_STATUS_MEMORY are expected: the input decided them, and the docblock of a
 * function names the ones it can return. The others are faults of the machine and go up unchanged.
 */
#ifndef AUTH_STATUS_H
#define AUTH_STATUS_H

#include <auth/api.h>
#include <stdbool.h>

AUTH_BEGIN_DECLS

typedef enum auth_status {
#define AUTH_STATUS_ROW(id, number, name, http, retryable, text) AUTH_STATUS_##id = (number),
#include <auth/status.def>
} auth_status;

/**
 * Tell the name of a status, as in JSON and logs: "malformed".
 *
 * A number that is not in the table gives "internal".
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_status_name(auth_status status);

/**
 * Tell what a status means in one English sentence that may be shown to anybody.
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_status_text(auth_status status);

/**
 * Tell the HTTP status code that a daemon answers with (RFC 9110 section 15).
 */
AUTH_API int auth_status_http(auth_status status);

/**
 * Tell whether the same call may succeed later without a change of its input.
 */
AUTH_API bool auth_status_is_retryable(auth_status status);

/**
 * Tell whether a status is a fault of the machine rather than an answer about the input.
 */
AUTH_API bool auth_status_is_fault(auth_status status);

AUTH_END_DECLS

#endif
