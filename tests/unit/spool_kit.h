/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the spool share: ids, documents, and a seal that hides and binds to the id. */
#ifndef SPOOL_KIT_H
#define SPOOL_KIT_H

#include "harness/disk.h"
#include "lra/spool.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIT_NOW ((auth_time)1767225600)

/* The example of GB 11643, which nobody has. */
#define KIT_NUMBER "11010519491231002X"

typedef struct kit_id {
    uint8_t octets[LRA_SPOOL_ID_SIZE];
} kit_id;

static inline kit_id kit_id_of(uint32_t n)
{
    kit_id id = {{0x01, 0x9b, 0, 0, 0, 0, 0x70, 0, 0x80}};
    for (int i = 0; i < 4; i++)
        id.octets[2 + i] = (uint8_t)(n >> (24 - 8 * i));
    return id;
}

/* A document that names a person, and is another for each n. */
static inline auth_bytes kit_document(uint32_t n, char out[128])
{
    int len =
        snprintf(out, 128, "{\"number\":\"%s\",\"n\":%u,\"signature\":\"...\"}", KIT_NUMBER, n);
    return (auth_bytes){(const uint8_t *)out, (size_t)len};
}

typedef struct kit_events {
    size_t count[8];
    char last[512]; /* name and why of the last one */
    bool seal_fails;
    bool opens_nothing;
    bool hides_nothing;
} kit_events;

static inline void kit_notice(void *context, lra_spool_event event, const char *name,
                              const char *why)
{
    kit_events *it = context;
    it->count[event]++;
    (void)snprintf(it->last, sizeof it->last, "%s: %s", name, why);
}

/* As good as a cipher for what is tested here: no clear text, bound to the id, every octet counts.
 */
static inline auth_status kit_seal(void *context, const uint8_t id[LRA_SPOOL_ID_SIZE],
                                   auth_bytes in, auth_buf *out, auth_error *err)
{
    static uint32_t nonce;
    const kit_events *it = context;
    uint8_t *room = NULL;
    if (it->seal_fails)
        return auth_error_set(err, AUTH_STATUS_UNAVAILABLE, "the token is not there; plug it in");
    if (it->hides_nothing)
        return auth_buf_append(out, in, err);
    auth_status status = auth_buf_extend(out, in.len + 5, &room, err);
    if (status != AUTH_STATUS_OK)
        return status;
    nonce++;
    memcpy(room, &nonce, sizeof nonce);
    for (size_t i = 0; i < in.len; i++) {
        room[4 + i] = (uint8_t)(in.data[i] ^ id[i % 16] ^ (i * 7 + nonce + 0x5a));
        room[4 + in.len] = (uint8_t)(room[4 + in.len] + in.data[i]);
    }
    return AUTH_STATUS_OK;
}

static inline auth_status kit_unseal(void *context, const uint8_t id[LRA_SPOOL_ID_SIZE],
                                     auth_bytes in, auth_buf *out, auth_error *err)
{
    uint32_t nonce = 0;
    uint8_t sum = 0;
    uint8_t *room = NULL;
    const kit_events *it = context;
    if (it->opens_nothing || in.len < 6)
        return auth_error_set(err, AUTH_STATUS_UNTRUSTED, "the seal does not open; find its key");
    auth_status status = auth_buf_extend(out, in.len - 5, &room, err);
    if (status != AUTH_STATUS_OK)
        return status;
    memcpy(&nonce, in.data, sizeof nonce);
    for (size_t i = 0; i < in.len - 5; i++) {
        room[i] = (uint8_t)(in.data[4 + i] ^ id[i % 16] ^ (i * 7 + nonce + 0x5a));
        sum = (uint8_t)(sum + room[i]);
    }
    return sum == in.data[in.len - 1]
               ? AUTH_STATUS_OK
               : auth_error_set(err, AUTH_STATUS_UNTRUSTED, "the seal does not open; look at it");
}

static inline lra_spool_options kit_options(kit_events *events)
{
    return (lra_spool_options){.seal = kit_seal,
                               .open = kit_unseal,
                               .notice = kit_notice,
                               .context = events};
}

static inline lra_spool *kit_open(const char *folder, const lra_spool_options *options)
{
    auth_error err;
    lra_spool *spool = NULL;
    assert_ok(lra_spool_open(folder, options, &spool, &err), &err);
    return spool;
}

static inline auth_status kit_try_put(lra_spool *spool, uint32_t n, auth_error *err)
{
    char room[128];
    kit_id id = kit_id_of(n);
    return lra_spool_put(spool, id.octets, kit_document(n, room), err);
}

static inline void kit_put(lra_spool *spool, uint32_t n)
{
    auth_error err;
    assert_ok(kit_try_put(spool, n, &err), &err);
}

/* The next document must be that of n. */
static inline void kit_expect(lra_spool *spool, uint32_t n)
{
    char room[128];
    auth_error err;
    kit_id id;
    kit_id expected = kit_id_of(n);
    auth_buf *document = NULL;
    assert_ok(lra_spool_next(spool, KIT_NOW, id.octets, &document, &err), &err);
    ck_assert_mem_eq(id.octets, expected.octets, sizeof id.octets);
    assert_bytes(auth_buf_bytes(document), kit_document(n, room));
    auth_buf_free(document);
}

static inline void kit_done(lra_spool *spool, uint32_t n)
{
    auth_error err;
    kit_id id = kit_id_of(n);
    assert_ok(lra_spool_done(spool, id.octets, 1, &err), &err);
}

static inline void kit_expect_none(lra_spool *spool)
{
    auth_error err;
    kit_id id;
    auth_buf *document = NULL;
    assert_fails(lra_spool_next(spool, KIT_NOW, id.octets, &document, &err), AUTH_STATUS_NOT_FOUND,
                 &err);
}

/* How many files a folder of the spool holds, and the path of the last one met. */
static inline size_t kit_files(const char *folder, const char *name, char path[512])
{
    size_t count = 0;
    DIR *names = opendir(harness_path(folder, name));
    ck_assert_ptr_nonnull(names);
    for (const struct dirent *entry = readdir(names); entry != NULL; entry = readdir(names)) {
        if (entry->d_name[0] == '.')
            continue;
        count++;
        if (path != NULL)
            (void)snprintf(path, 512, "%s/%s/%s", folder, name, entry->d_name);
    }
    (void)closedir(names);
    return count;
}

#endif
