/* SPDX-License-Identifier: Apache-2.0 */
/* Small helpers for text from outside: what may be shown, what is UTF-8. Pure. */
#ifndef DAEMON_TEXT_H
#define DAEMON_TEXT_H

#include <auth/bytes.h>

/* Room for a word as daemon_mask shows it. */
#define DAEMON_MASKED_SIZE 96

/*
 * Writes text as a log or an error may repeat it: runs of more than three digits become "...",
 * since they may be those of a person number, what is not visible ASCII becomes '?', and what does
 * not fit is cut.
 */
void daemon_mask(auth_bytes text, char out[DAEMON_MASKED_SIZE]);

/* Tells whether octets are UTF-8 without control characters, a tab apart (RFC 3629). */
bool daemon_is_text(auth_bytes octets);

/* The view without blanks and tabs at both ends. */
auth_bytes daemon_trim(auth_bytes text);

/* Tells whether octets are this text; the second form takes A to Z as a to z. */
bool daemon_is(auth_bytes octets, const char *text);
bool daemon_is_caseless(auth_bytes octets, const char *text);

/* Reads a whole decimal number without a sign: false when it is none or above max. */
bool daemon_read_decimal(auth_bytes text, uint64_t max, uint64_t *out);

#endif
