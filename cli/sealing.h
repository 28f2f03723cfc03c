/* SPDX-License-Identifier: Apache-2.0 */
/* Key files of sealing, as subcommands name them. */
#ifndef CLI_SEALING_H
#define CLI_SEALING_H

#include "command.h"
#include "registry/keyring.h"

#define CLI_OPTION_SEAL_KEY                                                                        \
    {                                                                                              \
        "seal-key", "FILE...", N_("a key file of sealing, one for each generation"), NULL          \
    }
#define CLI_OPTION_REALM                                                                           \
    {                                                                                              \
        "realm", "NAME", N_("the name of the realm"), NULL                                         \
    }
/* What an encrypted key file opens with; the PIN or passphrase as for other keys. */
#define CLI_OPTION_SEAL_TOKEN                                                                      \
    {                                                                                              \
        "token", "FILE|URI", N_("the RSA key that the key file is encrypted to"), NULL             \
    }

/*
 * Reads the key files of --seal-key, for the realm of --realm, with the key of --token.
 *
 * Ownership: gives *out, to be freed with registry_keyring_free.
 * Errors: those of registry_keyring_load and cli_signer_open_named.
 */
auth_status cli_sealing_open(const cli_call *call, registry_crypto *crypto, registry_keyring **out,
                             auth_error *err) AUTH_MUST_CHECK;

#endif
