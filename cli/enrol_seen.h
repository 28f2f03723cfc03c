/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The persons and keys that a table has spoken of, by their digests: no document may speak twice of
 * one person or key, nor would two documents of one table fare better.
 */
#ifndef CLI_ENROL_SEEN_H
#define CLI_ENROL_SEEN_H

#include "enrol_line.h"
#include "registry/crypto.h"

/* Made by zeros and cli_enrol_seen_begin, ended by cli_enrol_seen_end. */
typedef struct cli_enrol_seen {
    registry_crypto *crypto;
    uint8_t (*rows)[AUTH_REQUEST_HASH_SIZE];
    size_t capacity; /* a power of two, more than twice as many as there can be */
} cli_enrol_seen;

/*
 * Makes room for so many lines.
 *
 * Errors: AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status cli_enrol_seen_begin(cli_enrol_seen *seen, size_t lines,
                                 auth_error *err) AUTH_MUST_CHECK;
void cli_enrol_seen_end(cli_enrol_seen *seen);

/* Forgets all of them. */
void cli_enrol_seen_clear(cli_enrol_seen *seen);

/*
 * Notes the person and the key of a line, which must be there for the first time. Its column
 * becomes the one that was looked at.
 *
 * Errors: AUTH_STATUS_CONFLICT when it was there; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status cli_enrol_seen_check(cli_enrol_seen *seen, const cli_enrol_form *form,
                                 cli_enrol_line *line, auth_error *err) AUTH_MUST_CHECK;

/* Notes a person, who may have been there. Errors: AUTH_STATUS_CRYPTO. */
auth_status cli_enrol_seen_note(cli_enrol_seen *seen, const auth_person_number *number,
                                auth_error *err) AUTH_MUST_CHECK;

#endif
