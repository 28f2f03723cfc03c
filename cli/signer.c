/* SPDX-License-Identifier: Apache-2.0 */
#include "signer.h"

#include <string.h>

/* auth_passphrase_ask: the context is the call. */
static auth_status read_passphrase(void *context, const char *what, auth_secret **out,
                                   auth_error *err)
{
    const cli_call *call = context;
    const char *path = cli_value(call, "passphrase-file");
    if (path == NULL)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              _("%s needs a passphrase or PIN; give --passphrase-file"), what);
    auth_status status = auth_passphrase_read(path, -1, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "--passphrase-file");
    return status;
}

auth_status cli_signer_open(const cli_call *call, auth_signer **out, auth_error *err)
{
    const char *key = cli_value(call, "key");
    cli_call asked = *call;
    auth_status status = strncmp(key, "pkcs11:", strlen("pkcs11:")) == 0
                             ? auth_signer_open_token(key, read_passphrase, &asked, out, err)
                             : auth_signer_load(key, read_passphrase, &asked, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "--key");
    return status;
}
