/* SPDX-License-Identifier: Apache-2.0 */
#include "key/openssl.h"

#include <openssl/err.h>

bool openssl_lacks_memory(void)
{
    return ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
}

const char *openssl_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason == NULL ? "no reason given" : reason;
}

#undef openssl_failed /* defined here, not called */
auth_status openssl_failed(auth_error *err, const char *what)
{
    if (openssl_lacks_memory()) {
        ERR_clear_error();
        return auth_error_memory(err);
    }
    return auth_error_set(err, AUTH_STATUS_CRYPTO,
                          "%s: OpenSSL failed: %s; look at its providers (openssl list -providers)",
                          what, openssl_reason());
}
