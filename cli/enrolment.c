/* SPDX-License-Identifier: Apache-2.0 */
#include "enrolment.h"

#include "registry/crypto.h"

#define GROUP 4
#define LETTERS 16

/* In groups, from letters and digits that are not taken for each other. */
static auth_status make_code(char out[CLI_CODE_SIZE], auth_error *err)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    uint8_t random[LETTERS];
    size_t used = 0;
    auth_status status = registry_random(random, sizeof random, err);
    for (size_t i = 0; i < LETTERS; i++) {
        if (i > 0 && i % GROUP == 0)
            out[used++] = '-';
        out[used++] = letters[random[i] % (sizeof letters - 1)];
    }
    out[used] = '\0';
    auth_secret_wipe(random, sizeof random);
    return status;
}

auth_status cli_codes_make(cli_codes *out, uint8_t hash[AUTH_REQUEST_HASH_SIZE], auth_error *err)
{
    auth_status status = make_code(out->first, err);
    if (status == AUTH_STATUS_OK)
        status = make_code(out->second, err);
    if (status == AUTH_STATUS_OK)
        status = auth_request_activation_hash(auth_bytes_from_text(out->first),
                                              auth_bytes_from_text(out->second), hash, err);
    return status;
}
