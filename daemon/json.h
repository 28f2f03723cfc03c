/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes JSON (RFC 8259), a value at a time, into a buffer with a maximum. The first failure is
 * kept and told at the end. What is not UTF-8 becomes U+FFFD. name is NULL for elements of arrays
 * and for the outermost value.
 */
#ifndef DAEMON_JSON_H
#define DAEMON_JSON_H

#include <auth/bytes.h>

typedef struct daemon_json {
    auth_buf *out; /* borrowed */
    bool needs_comma;
    auth_status status;
    auth_error error;
} daemon_json;

daemon_json daemon_json_on(auth_buf *out);
void daemon_json_open(daemon_json *json, const char *name, char bracket); /* '{' or '[' */
void daemon_json_close(daemon_json *json, char bracket);                  /* '}' or ']' */
void daemon_json_text(daemon_json *json, const char *name, auth_bytes text);
void daemon_json_number(daemon_json *json, const char *name, int64_t number);
void daemon_json_bool(daemon_json *json, const char *name, bool value);
void daemon_json_null(daemon_json *json, const char *name);
/* What is JSON already, and was checked to be. */
void daemon_json_raw(daemon_json *json, const char *name, auth_bytes value);

/* Errors: AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY. */
auth_status daemon_json_end(const daemon_json *json, auth_error *err) AUTH_MUST_CHECK;

#endif
