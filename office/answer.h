/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as JSON: one spelling of ids, times and serial numbers. Internal to office/. */
#ifndef OFFICE_ANSWER_H
#define OFFICE_ANSWER_H

#include "document.h"

/* The largest answer. */
#define OFFICE_ANSWER_MAX ((size_t)8 << 20)

/* Writes the members of an answer's object; visit NULL is never asked for. */
typedef struct office_answer {
    auth_buf *text;
    daemon_json json;
} office_answer;

/* Begins an object. Ownership: office_answer_clear, also after a failure. */
auth_status office_answer_begin(office_answer *out, auth_error *err) AUTH_MUST_CHECK;
void office_answer_clear(office_answer *it);

/* Ends the object and answers with it. */
auth_status office_answer_send(office_answer *it, daemon_request *request, int status,
                               auth_error *err) AUTH_MUST_CHECK;

/* Members. Bytes without data, no time and NULL become null. */
void office_put_id(daemon_json *json, const char *name, auth_bytes id);
void office_put_hex(daemon_json *json, const char *name, auth_bytes octets);
void office_put_time(daemon_json *json, const char *name, auth_time time);
void office_put_text(daemon_json *json, const char *name, const char *text);

/* The signatures that are still missing, alike ones counted: "needs". */
void office_put_needs(daemon_json *json, const auth_request_verdict *verdict, bool is_open);

/* The members of a request's row but "items": a list counts them, a request tells each. of is the
 * identifier of its office. */
void office_put_request(daemon_json *json, const registry_request *row, const char *of);

/* "items" of a request, with what became of them. */
auth_status office_put_items(daemon_json *json, registry_connection *connection, auth_bytes id,
                             auth_error *err) AUTH_MUST_CHECK;

/* An element of "items". */
void office_put_item(daemon_json *json, const registry_item *item);

/* "signatures" of a request. */
auth_status office_put_signatures(daemon_json *json, registry_connection *connection, auth_bytes id,
                                  auth_error *err) AUTH_MUST_CHECK;

/* read.c: what became of a request, as the polls tell it, but "items". */
void office_put_outcome(daemon_json *json, const registry_request *row);

/* "good", "revoked", "suspended" or "expired". */
const char *office_status_name(const registry_certificate_status *of, auth_time now);

/* "next": the id after which the next page begins, or null. */
void office_put_next(daemon_json *json, const char *id);

#endif
