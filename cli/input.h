/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates, CRLs, requests and responses from files. A file holds PEM or DER, one object or
 * many; what else stands in a PEM file, a key for one, is left alone.
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <auth/bytes.h>

typedef enum cli_kind {
    CLI_KIND_CERTIFICATE,
    CLI_KIND_CRL,
    CLI_KIND_REQUEST,
    CLI_KIND_OCSP_RESPONSE,
} cli_kind;

typedef struct cli_input cli_input;

/*
 * Reads the objects of a kind from a file, '-' being standard input. There is at least one. DER
 * does not tell of which kind it is: that shows when the object is parsed.
 *
 * Ownership: gives *out, to be freed with cli_input_free; borrows path.
 * Errors: AUTH_STATUS_IO; AUTH_STATUS_LIMIT above 64 MiB or 100,000 objects; AUTH_STATUS_MALFORMED
 * when it is neither PEM nor DER; AUTH_STATUS_NOT_FOUND when no object is of this kind;
 * AUTH_STATUS_MEMORY. All name the file.
 */
auth_status cli_input_read(const char *path, cli_kind kind, cli_input **out,
                           auth_error *err) AUTH_MUST_CHECK;

void cli_input_free(cli_input *input);

size_t cli_input_count(const cli_input *input);

/* Views the DER of an object, counted from 0; valid until the input is freed. */
auth_bytes cli_input_der(const cli_input *input, size_t index);

/* Puts the file's name, and the object's number when there are several, in front of an error. */
void cli_input_context(const cli_input *input, size_t index, auth_error *err);

AUTH_DEFINE_CLEANUP(cli_input)

#endif
