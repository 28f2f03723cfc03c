/* SPDX-License-Identifier: Apache-2.0 */
#include "login.h"

#include <auth/key.h>
#include <time.h>

auth_status cli_login_secret(const cli_call *call, const char *option, auth_secret **out,
                             auth_error *err)
{
    const char *path = cli_value(call, option);
    if (path == NULL)
        return AUTH_STATUS_OK;
    auth_status status = auth_passphrase_read(path, -1, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "--%s", option);
    return status;
}

auth_bytes cli_login_view(const auth_secret *secret)
{
    return secret == NULL ? (auth_bytes){NULL, 0} : auth_secret_bytes(secret);
}

auth_bytes cli_login_text(const cli_call *call, const char *option)
{
    return auth_bytes_from_text(cli_value(call, option));
}

auth_status cli_login_now(const cli_call *call, auth_time *out, auth_error *err)
{
    const char *at = cli_value(call, "at");
    *out = (auth_time)time(NULL);
    if (at == NULL)
        return AUTH_STATUS_OK;
    auth_status status = auth_time_parse(auth_bytes_from_text(at), out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "--at");
    return status;
}

cli_exit cli_login_refuse(const cli_call *call, auth_status status, const auth_error *err)
{
    return status == AUTH_STATUS_INVALID ? cli_usage(call->command, "%s", err->text)
                                         : cli_error(call->command, err);
}
