/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys that subcommands sign with: a file, or a PKCS#11 URI. */
#ifndef CLI_SIGNER_H
#define CLI_SIGNER_H

#include "command.h"

#include <auth/key.h>

/* Rows for a subcommand's options: where the key is, and where its passphrase or PIN is. */
#define CLI_OPTION_KEY                                                                             \
    {                                                                                              \
        "key", "FILE|URI", N_("the private key: a PKCS#8 file, or a pkcs11: URI"), NULL            \
    }
#define CLI_OPTION_PASSPHRASE_FILE                                                                 \
    {                                                                                              \
        "passphrase-file", "FILE", N_("read the key's passphrase or PIN from the first line"),     \
            NULL                                                                                   \
    }
#define CLI_OPTION_PASSPHRASE_FD                                                                   \
    {                                                                                              \
        "passphrase-fd", "N", N_("read the key's passphrase or PIN from this descriptor"), NULL    \
    }

/*
 * Reads what --passphrase-file or --passphrase-fd names; what says what it is for.
 *
 * Ownership: gives *out, to be freed with auth_secret_free.
 * Errors: AUTH_STATUS_DENIED when neither is given; else as auth_passphrase_read.
 */
auth_status cli_passphrase_read(const cli_call *call, const char *what, auth_secret **out,
                                auth_error *err) AUTH_MUST_CHECK;

/* Tells whether a key is named by a PKCS#11 URI. */
bool cli_is_token_uri(const char *key);

/* Opens the key of a file or URI. Ownership and errors: as cli_signer_open. */
auth_status cli_signer_open_named(const cli_call *call, const char *key, auth_signer **out,
                                  auth_error *err) AUTH_MUST_CHECK;

/* The same as auth_passphrase_ask, the context being the call. */
auth_status cli_passphrase_ask(void *call, const char *what, auth_secret **out, auth_error *err);

/*
 * Opens the key that --key names, with the passphrase that --passphrase-file names.
 *
 * Ownership: gives *out, to be freed with auth_signer_free.
 * Errors: as auth_signer_load and auth_signer_open_token.
 */
auth_status cli_signer_open(const cli_call *call, auth_signer **out,
                            auth_error *err) AUTH_MUST_CHECK;

#endif
