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

/*
 * Opens the key that --key names, with the passphrase that --passphrase-file names.
 *
 * Ownership: gives *out, to be freed with auth_signer_free.
 * Errors: as auth_signer_load and auth_signer_open_token.
 */
auth_status cli_signer_open(const cli_call *call, auth_signer **out,
                            auth_error *err) AUTH_MUST_CHECK;

#endif
