/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/crl_address.h"

#include <auth/codec.h>

#define ADDRESS_MAX 1024

auth_status realm_crl_address(const char *base, auth_bytes key_id, int64_t shard,
                              const char *ending, auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(ADDRESS_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(text, err, "%s/crl/", base);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_HEX, key_id, text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(text, err, "/%lld%s", (long long)shard, ending);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(text, (auth_bytes){(const uint8_t *)"", 1}, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(text);
    return status;
}

auth_bytes realm_crl_number(int64_t number, uint8_t room[REALM_CRL_NUMBER_SIZE])
{
    size_t first = REALM_CRL_NUMBER_SIZE;
    do {
        room[--first] = (uint8_t)number;
        number >>= 8;
    } while (number > 0);
    return (auth_bytes){room + first, REALM_CRL_NUMBER_SIZE - first};
}
