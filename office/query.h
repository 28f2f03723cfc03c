/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of a target, each with its rule. Internal to office/. */
#ifndef OFFICE_QUERY_H
#define OFFICE_QUERY_H

#include "state.h"

#define OFFICE_LIMIT_DEFAULT 100
#define OFFICE_LIMIT_MAX 1000

/*
 * Reads a parameter; each gives its fallback, or nothing, when it is not there.
 *
 * Errors: AUTH_STATUS_INVALID with its name and rule; AUTH_STATUS_MALFORMED; AUTH_STATUS_MEMORY.
 */
auth_status office_query_number(daemon_request *request, const char *name, int64_t max,
                                int64_t fallback, int64_t *out, auth_error *err) AUTH_MUST_CHECK;
auth_status office_query_limit(daemon_request *request, size_t *out,
                               auth_error *err) AUTH_MUST_CHECK;
auth_status office_query_time(daemon_request *request, const char *name, auth_time *out,
                              auth_error *err) AUTH_MUST_CHECK;
/* *is_there: out was filled. */
auth_status office_query_id(daemon_request *request, const char *name,
                            uint8_t out[REGISTRY_ID_SIZE], bool *is_there,
                            auth_error *err) AUTH_MUST_CHECK;
/* "" when it is not there. */
auth_status office_query_identifier(daemon_request *request, const char *name,
                                    char out[AUTH_IDENTIFIER_SIZE],
                                    auth_error *err) AUTH_MUST_CHECK;

/* The {id} of the path when it is an identifier. False: it is none. */
bool office_segment_identifier(const daemon_request *request, char out[AUTH_IDENTIFIER_SIZE]);

/* The {serial} of the path, in octets: *len of them. Errors: AUTH_STATUS_NOT_FOUND. */
auth_status office_segment_serial(const daemon_request *request, uint8_t out[OFFICE_SERIAL_SIZE],
                                  size_t *len, auth_error *err) AUTH_MUST_CHECK;

/* serial.c: reads a serial number in small hexadecimal. False: it is none. */
bool office_serial_parse(auth_bytes text, uint8_t out[OFFICE_SERIAL_SIZE], size_t *len);

#endif
