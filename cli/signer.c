/* SPDX-License-Identifier: Apache-2.0 */
#include "signer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More descriptors than any shell opens. */
#define DESCRIPTOR_MAX 65535

static auth_status read_from_descriptor(const char *text, auth_secret **out, auth_error *err)
{
    char *end = NULL;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number > DESCRIPTOR_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              _("not the number of a descriptor; write 3 with 3<file"));
    return auth_passphrase_read(NULL, (int)number, out, err);
}

auth_status cli_passphrase_read(const cli_call *call, const char *what, auth_secret **out,
                                auth_error *err)
{
    const char *path = cli_value(call, "passphrase-file");
    const char *descriptor = cli_value(call, "passphrase-fd");
    if (path == NULL && descriptor == NULL)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              _("%s needs a passphrase or PIN; give --passphrase-file"), what);
    auth_status status = path != NULL ? auth_passphrase_read(path, -1, out, err)
                                      : read_from_descriptor(descriptor, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, path != NULL ? "--passphrase-file" : "--passphrase-fd");
    return status;
}

auth_status cli_passphrase_ask(void *call, const char *what, auth_secret **out, auth_error *err)
{
    return cli_passphrase_read(call, what, out, err);
}

bool cli_is_token_uri(const char *key) { return strncmp(key, "pkcs11:", strlen("pkcs11:")) == 0; }

auth_status cli_signer_open_named(const cli_call *call, const char *key, auth_signer **out,
                                  auth_error *err)
{
    cli_call asked = *call;
    return cli_is_token_uri(key) ? auth_signer_open_token(key, cli_passphrase_ask, &asked, out, err)
                                 : auth_signer_load(key, cli_passphrase_ask, &asked, out, err);
}

auth_status cli_signer_open(const cli_call *call, auth_signer **out, auth_error *err)
{
    auth_status status = cli_signer_open_named(call, cli_value(call, "key"), out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "--key");
    return status;
}
