/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key for which a certificate is asked: a certification request that the holder brings, or a
 * new key that is made here and written to a file of its own before anybody hears of it.
 */
#ifndef CLI_HOLDER_H
#define CLI_HOLDER_H

#include "officer.h"

#define CLI_OPTION_CSR                                                                             \
    {                                                                                              \
        "csr", "FILE", N_("the certification request for the new key, PEM or DER"), NULL           \
    }
#define CLI_OPTION_KEY_OUT                                                                         \
    {                                                                                              \
        "key-out", "FILE", N_("make a new key, in this new file, instead of --csr"), NULL          \
    }
#define CLI_OPTION_KEY_TYPE                                                                        \
    {                                                                                              \
        "key-type", "TYPE", N_("the type of the new key, instead of p256"), cli_key_types          \
    }
#define CLI_OPTION_KEY_PASSPHRASE_FILE                                                             \
    {                                                                                              \
        "key-passphrase-file", "FILE", N_("encrypt the new key under the first line"), NULL        \
    }

/* The names of types that need no size, ending in NULL. */
extern const char *const cli_key_types[];

/* Tells whether exactly one of --csr and --key-out was given; CLI_USAGE and a message when not. */
cli_exit cli_holder_check(const cli_call *call);

/*
 * Reads --csr, whose proof of possession is checked, or makes the key of --key-out and a request
 * for it.
 *
 * Ownership: gives *out, DER, to be freed with auth_buf_free.
 * Errors: AUTH_STATUS_CONFLICT when the file of --key-out is there; those of cli_input_read,
 * auth_csr_parse and auth_csr_check_possession.
 */
auth_status cli_holder_request(const cli_call *call, auth_buf **out,
                               auth_error *err) AUTH_MUST_CHECK;

/* Reads and checks a certification request in a file. Ownership and errors: as above. */
auth_status cli_holder_read(const char *path, auth_buf **out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Removes the file of --key-out when nothing can come of its key: the request was refused before it
 * was taken (answer is NULL and code CLI_NO or CLI_USAGE), or decided without a certificate.
 */
void cli_holder_settle(const cli_call *call, const cli_answer *answer, cli_exit code);

/* Room for the name of a file beside that of --key-out. */
#define CLI_HOLDER_PATH_SIZE 4096

/*
 * Names the file beside --key-out with another ending: "li.pem" gives "li.cer".
 *
 * Errors: AUTH_STATUS_LIMIT.
 */
auth_status cli_holder_beside(const cli_call *call, const char *ending,
                              char out[CLI_HOLDER_PATH_SIZE], auth_error *err) AUTH_MUST_CHECK;

/*
 * Fetches a certificate.
 *
 * Ownership: gives *out, to be freed with auth_buf_free.
 * Errors: those of cli_officer_ask; AUTH_STATUS_MALFORMED when it is none.
 */
auth_status cli_certificate_fetch(cli_officer *officer, const char *serial, bool is_chain,
                                  auth_buf **out, auth_error *err) AUTH_MUST_CHECK;

/* The serial number of the certificate that came of an item; NULL when there is none. */
const char *cli_certificate_of(const cli_answer *answer, size_t item);

#endif
