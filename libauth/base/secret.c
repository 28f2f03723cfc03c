/* SPDX-License-Identifier: Apache-2.0 */
#include <auth/secret.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct auth_secret {
    uint8_t *data;
    size_t len;
    size_t mapped_len; /* whole pages */
};

auth_status auth_secret_new(size_t len, auth_secret **out, auth_error *err)
{
    if (len == 0 || len > AUTH_SECRET_MAX) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "a secret of %zu octets; it must have 1 to %zu", len,
                              AUTH_SECRET_MAX);
    }
    auth_secret *secret = calloc(1, sizeof *secret);
    if (secret == NULL)
        return auth_error_memory(err);

    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t mapped_len = (len + page - 1) / page * page;
    void *data = mmap(NULL, mapped_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) {
        free(secret);
        return auth_error_memory(err);
    }
    /* Best effort: RLIMIT_MEMLOCK may be small, and an unlocked secret is better than none. */
    (void)mlock(data, mapped_len);
    (void)madvise(data, mapped_len, MADV_DONTDUMP);

    secret->data = data;
    secret->len = len;
    secret->mapped_len = mapped_len;
    *out = secret;
    return AUTH_STATUS_OK;
}

auth_status auth_secret_from_bytes(auth_bytes bytes, auth_secret **out, auth_error *err)
{
    auth_secret *secret = NULL;
    auth_status status = auth_secret_new(bytes.len, &secret, err);
    if (status != AUTH_STATUS_OK)
        return status;
    memcpy(secret->data, bytes.data, bytes.len);
    *out = secret;
    return AUTH_STATUS_OK;
}

void auth_secret_free(auth_secret *secret)
{
    if (secret == NULL)
        return;
    auth_secret_wipe(secret->data, secret->len);
    (void)munmap(secret->data, secret->mapped_len);
    free(secret);
}

uint8_t *auth_secret_data(auth_secret *secret) { return secret->data; }

auth_bytes auth_secret_bytes(const auth_secret *secret)
{
    return (auth_bytes){secret->data, secret->len};
}

bool auth_secret_equal(auth_bytes a, auth_bytes b)
{
    if (a.len != b.len)
        return false;
    /* volatile keeps the compiler from leaving the loop early. */
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < a.len; i++)
        difference = (uint8_t)(difference | (a.data[i] ^ b.data[i]));
    return difference == 0;
}

void auth_secret_wipe(void *data, size_t len)
{
    if (len > 0)
        explicit_bzero(data, len);
}
