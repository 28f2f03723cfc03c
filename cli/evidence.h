/* SPDX-License-Identifier: Apache-2.0 */
/* How a person was identified: --evidence, as enrolments and rekeyings take it. */
#ifndef CLI_EVIDENCE_H
#define CLI_EVIDENCE_H

#include "command.h"

#include <auth/request.h>

#define CLI_OPTION_EVIDENCE                                                                        \
    {                                                                                              \
        "evidence", "METHOD=FILE...",                                                              \
            N_("how she was identified, and the record of it: id-card-read=record.xml"), NULL      \
    }

/* What the evidence of an item views. */
typedef struct cli_evidence {
    uint8_t digests[AUTH_REQUEST_EVIDENCE_MAX][AUTH_REQUEST_HASH_SIZE];
} cli_evidence;

/*
 * Reads each --evidence, "METHOD=FILE" or "METHOD=sha256:DIGEST", into an item, which views kept.
 *
 * Errors: AUTH_STATUS_INVALID, AUTH_STATUS_NOT_FOUND with the methods that there are; those of
 * cli_file_read.
 */
auth_status cli_evidence_read(const cli_call *call, cli_evidence *kept, auth_request_item *item,
                              auth_error *err) AUTH_MUST_CHECK;

/*
 * Writes the digest of the record that the office keeps: SHA-256 of a file.
 *
 * Errors: those of cli_file_read; AUTH_STATUS_CRYPTO.
 */
auth_status cli_evidence_hash(const char *path, uint8_t out[AUTH_REQUEST_HASH_SIZE],
                              auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads a digest: 64 hexadecimal digits.
 *
 * Errors: AUTH_STATUS_MALFORMED.
 */
auth_status cli_evidence_digest(auth_bytes text, uint8_t out[AUTH_REQUEST_HASH_SIZE],
                                auth_error *err) AUTH_MUST_CHECK;

#endif
