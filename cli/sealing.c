/* SPDX-License-Identifier: Apache-2.0 */
#include "sealing.h"
#include "signer.h"

auth_status cli_sealing_open(const cli_call *call, registry_crypto *crypto, registry_keyring **out,
                             auth_error *err)
{
    AUTH_AUTO(auth_signer) *token = NULL;
    AUTH_AUTO(registry_keyring) *ring = NULL;
    size_t at = 0;
    auth_status status = registry_keyring_new(cli_value(call, "realm"), &ring, err);
    if (status == AUTH_STATUS_OK && cli_has(call, "token"))
        status = cli_signer_open_named(call, cli_value(call, "token"), &token, err);
    for (const char *path = cli_next_value(call, "seal-key", &at);
         path != NULL && status == AUTH_STATUS_OK; path = cli_next_value(call, "seal-key", &at))
        status = registry_keyring_load(ring, crypto, path, token, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(ring);
    return status;
}
