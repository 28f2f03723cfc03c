/* SPDX-License-Identifier: Apache-2.0 */
#include "hash.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct disk_hash {
    EVP_MD *sha256;
    EVP_MD_CTX *context;
};

static auth_status failed(auth_error *err)
{
    ERR_clear_error();
    return auth_error_set(err, AUTH_STATUS_CRYPTO,
                          "SHA-256: OpenSSL failed; look at its providers (openssl list "
                          "-providers)");
}

auth_status disk_hash_new(disk_hash **out, auth_error *err)
{
    AUTH_AUTO(disk_hash) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    made->context = EVP_MD_CTX_new();
    if (made->sha256 == NULL || made->context == NULL)
        return failed(err);
    *out = AUTH_TAKE(made);
    return AUTH_STATUS_OK;
}

void disk_hash_free(disk_hash *hash)
{
    if (hash == NULL)
        return;
    EVP_MD_CTX_free(hash->context);
    EVP_MD_free(hash->sha256);
    free(hash);
}

auth_status disk_hash_two(disk_hash *hash, auth_bytes first, auth_bytes second,
                          uint8_t out[DISK_HASH_SIZE], auth_error *err)
{
    bool is_done = EVP_DigestInit_ex2(hash->context, hash->sha256, NULL) == 1 &&
                   EVP_DigestUpdate(hash->context, first.data, first.len) == 1 &&
                   EVP_DigestUpdate(hash->context, second.data, second.len) == 1 &&
                   EVP_DigestFinal_ex(hash->context, out, NULL) == 1;
    return is_done ? AUTH_STATUS_OK : failed(err);
}
