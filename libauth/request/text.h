/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of single values in requests and policies. Internal to request. */
#ifndef REQUEST_TEXT_H
#define REQUEST_TEXT_H

#include <auth/request.h>

/* What an identifier is, for error texts. */
#define REQUEST_IDENTIFIER_RULE                                                                    \
    "an identifier has 1 to 64 characters a to z, 0 to 9 and inner hyphens, and no twelve digits " \
    "in a row as a person number has"

/* Tells whether text is an identifier of a realm, an office, an officer or a profile. */
bool request_is_identifier(auth_bytes text);

/* Copies an identifier that was checked. */
void request_keep_identifier(auth_bytes text, char out[AUTH_IDENTIFIER_SIZE]);

/* Tells whether text is a UUID version 7 in lower case (RFC 9562 section 5.7). */
bool request_is_id(auth_bytes text);

/* Tells whether text is count ASCII digits. */
bool request_are_digits(auth_bytes text, size_t count);

/*
 * Checks text for people: what may stand in an attribute of a name, up to max characters, no space
 * at either end, and nothing that may be a person number, since such texts are read by many.
 * Errors: AUTH_STATUS_INVALID, without the text; AUTH_STATUS_MEMORY.
 */
auth_status request_check_text(auth_bytes text, size_t max, auth_error *err) AUTH_MUST_CHECK;

#endif
