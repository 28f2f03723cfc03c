/* SPDX-License-Identifier: Apache-2.0 */
#include "keep.h"

#include "registry/seal.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GENERATION_SIZE 4

struct lra_keep {
    pthread_mutex_t lock;
    lra_keep_setting setting;
    registry_crypto *crypto;
    lra_spool *spool; /* NULL after a disk failed, until it is mended */
    bool is_failed;
};

static registry_seal_place place_of(const uint8_t id[LRA_SPOOL_ID_SIZE],
                                    const lra_known_office *office, uint32_t generation)
{
    return (registry_seal_place){.field = REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT,
                                 .row = {id, LRA_SPOOL_ID_SIZE},
                                 .office_path = office->path,
                                 .generation = generation};
}

static auth_status find_office(const lra_keep *keep, lra_known_office *out, auth_error *err)
{
    *out = lra_known_where(keep->setting.known);
    if (out->path[0] != '\0')
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                          "spool: the registry has not told yet where this office lies, so nothing "
                          "can be sealed; bring the line to the registry up once");
}

static auth_status seal(void *context, const uint8_t id[LRA_SPOOL_ID_SIZE], auth_bytes in,
                        auth_buf *out, auth_error *err)
{
    const lra_keep *keep = context;
    lra_known_office office;
    auth_status status = find_office(keep, &office, err);
    if (status != AUTH_STATUS_OK)
        return status;
    uint32_t generation = office.generation;
    uint8_t octets[GENERATION_SIZE] = {(uint8_t)(generation >> 24), (uint8_t)(generation >> 16),
                                       (uint8_t)(generation >> 8), (uint8_t)generation};
    registry_seal_place place = place_of(id, &office, generation);
    status = auth_buf_append(out, (auth_bytes){octets, sizeof octets}, err);
    return status == AUTH_STATUS_OK
               ? registry_seal(keep->setting.ring, keep->crypto, &place, in, out, err)
               : status;
}

/* To the spool NOT_FOUND is a file that is gone; here it is the key that is, and the file waits. */
static auth_status tell_unopened(auth_status status, const auth_error *why, auth_error *err)
{
    return auth_error_set(err, status == AUTH_STATUS_NOT_FOUND ? AUTH_STATUS_DENIED : status, "%s",
                          why->text);
}

static auth_status unseal(void *context, const uint8_t id[LRA_SPOOL_ID_SIZE], auth_bytes in,
                          auth_buf *out, auth_error *err)
{
    const lra_keep *keep = context;
    lra_known_office office;
    AUTH_AUTO(auth_buf) *clear = NULL;
    auth_status status = find_office(keep, &office, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (in.len < GENERATION_SIZE)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "spool: a document is too short to be sealed; look into bad");
    uint32_t generation = (uint32_t)in.data[0] << 24 | (uint32_t)in.data[1] << 16 |
                          (uint32_t)in.data[2] << 8 | in.data[3];
    registry_seal_place place = place_of(id, &office, generation);
    auth_bytes sealed = {in.data + GENERATION_SIZE, in.len - GENERATION_SIZE};
    auth_error why;
    status = registry_unseal(keep->setting.ring, keep->crypto, &place, sealed, &clear, &why);
    if (status != AUTH_STATUS_OK)
        return tell_unopened(status, &why, err);
    return auth_buf_append(out, auth_buf_bytes(clear), err);
}

/* The spool has one context for all of its callbacks, and the daemon its own. */
static void notice(void *context, lra_spool_event event, const char *name, const char *why)
{
    const lra_keep *keep = context;
    if (keep->setting.notice != NULL)
        keep->setting.notice(keep->setting.context, event, name, why);
}

static auth_status open_spool(lra_keep *keep, auth_error *err)
{
    lra_spool_options options = {.seal = seal,
                                 .open = unseal,
                                 .notice = notice,
                                 .context = keep,
                                 .max_count = keep->setting.max_count,
                                 .max_bytes = keep->setting.max_bytes};
    return lra_spool_open(keep->setting.folder, &options, &keep->spool, err);
}

auth_status lra_keep_new(const lra_keep_setting *setting, lra_keep **out, auth_error *err)
{
    lra_keep *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->setting = *setting;
    (void)pthread_mutex_init(&made->lock, NULL);
    auth_status status = registry_crypto_new(&made->crypto, err);
    if (status == AUTH_STATUS_OK)
        status = open_spool(made, err);
    if (status == AUTH_STATUS_OK)
        *out = made;
    else
        lra_keep_free(made);
    return status;
}

void lra_keep_free(lra_keep *keep)
{
    if (keep == NULL)
        return;
    lra_spool_free(keep->spool);
    registry_crypto_free(keep->crypto);
    (void)pthread_mutex_destroy(&keep->lock);
    free(keep);
}

static auth_status begin(lra_keep *keep, auth_error *err)
{
    (void)pthread_mutex_lock(&keep->lock);
    if (keep->spool != NULL)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_IO,
                          "spool: its disk failed, and it could not be opened anew; look at the "
                          "log and the disk");
}

static auth_status end(lra_keep *keep, auth_status status)
{
    keep->is_failed = keep->is_failed || status == AUTH_STATUS_IO;
    (void)pthread_mutex_unlock(&keep->lock);
    return status;
}

/* The number of an officer as an owner of documents. */
static auth_status number_of(const lra_keep *keep, const char *officer, uint64_t *out,
                             auth_error *err)
{
    uint8_t hash[REGISTRY_HASH_SIZE];
    auth_bytes text = auth_bytes_from_text(officer);
    auth_status status = registry_sha256(keep->crypto, &text, 1, hash, err);
    if (status == AUTH_STATUS_OK)
        memcpy(out, hash, sizeof *out);
    return status;
}

auth_status lra_keep_put(lra_keep *keep, const char *officer, const uint8_t id[LRA_SPOOL_ID_SIZE],
                         auth_bytes document, auth_error *err)
{
    uint64_t owner = 0;
    auth_status status = begin(keep, err);
    if (status == AUTH_STATUS_OK)
        status = number_of(keep, officer, &owner, err);
    return end(keep, status == AUTH_STATUS_OK
                         ? lra_spool_put_of(keep->spool, owner, id, document, err)
                         : status);
}

auth_status lra_keep_next(lra_keep *keep, const uint8_t *after, auth_time now,
                          uint8_t id[LRA_SPOOL_ID_SIZE], auth_buf **document, auth_error *err)
{
    auth_status status = begin(keep, err);
    if (status != AUTH_STATUS_OK)
        return end(keep, status);
    return end(keep, after == NULL
                         ? lra_spool_next(keep->spool, now, id, document, err)
                         : lra_spool_next_after(keep->spool, after, now, id, document, err));
}

auth_status lra_keep_defer(lra_keep *keep, const uint8_t id[LRA_SPOOL_ID_SIZE], auth_time until,
                           auth_error *err)
{
    auth_status status = begin(keep, err);
    return end(keep,
               status == AUTH_STATUS_OK ? lra_spool_defer(keep->spool, id, until, err) : status);
}

auth_status lra_keep_done(lra_keep *keep, const uint8_t *ids, size_t count, auth_error *err)
{
    auth_status status = begin(keep, err);
    return end(keep,
               status == AUTH_STATUS_OK ? lra_spool_done(keep->spool, ids, count, err) : status);
}

lra_spool_state lra_keep_find(lra_keep *keep, const uint8_t id[LRA_SPOOL_ID_SIZE])
{
    (void)pthread_mutex_lock(&keep->lock);
    lra_spool_state state =
        keep->spool == NULL ? LRA_SPOOL_NOWHERE : lra_spool_find(keep->spool, id);
    (void)pthread_mutex_unlock(&keep->lock);
    return state;
}

lra_spool_counts lra_keep_count(lra_keep *keep)
{
    lra_spool_counts counts = {.waiting = 0};
    (void)pthread_mutex_lock(&keep->lock);
    if (keep->spool != NULL)
        counts = lra_spool_count(keep->spool);
    (void)pthread_mutex_unlock(&keep->lock);
    return counts;
}

bool lra_keep_is_due(lra_keep *keep, auth_time now)
{
    (void)pthread_mutex_lock(&keep->lock);
    bool is_due = keep->spool != NULL && lra_spool_is_due(keep->spool, now);
    (void)pthread_mutex_unlock(&keep->lock);
    return is_due;
}

auth_status lra_keep_check(lra_keep *keep, auth_error *err)
{
    auth_status status = begin(keep, err);
    if (status == AUTH_STATUS_OK)
        status = keep->is_failed ? auth_error_set(err, AUTH_STATUS_IO,
                                                  "spool: its disk failed; look at the log and the "
                                                  "disk")
                                 : lra_spool_check_room(keep->spool, err);
    return end(keep, status);
}

size_t lra_keep_list(lra_keep *keep, const uint8_t *after, uint8_t (*out)[LRA_SPOOL_ID_SIZE],
                     size_t max)
{
    (void)pthread_mutex_lock(&keep->lock);
    size_t count = keep->spool == NULL ? 0 : lra_spool_list(keep->spool, after, out, max);
    (void)pthread_mutex_unlock(&keep->lock);
    return count;
}

auth_status lra_keep_mend(lra_keep *keep, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    (void)pthread_mutex_lock(&keep->lock);
    if (keep->is_failed || keep->spool == NULL) {
        lra_spool_free(keep->spool);
        keep->spool = NULL;
        status = open_spool(keep, err);
        keep->is_failed = status != AUTH_STATUS_OK;
    }
    (void)pthread_mutex_unlock(&keep->lock);
    return status;
}

auth_time lra_id_time(const uint8_t id[LRA_SPOOL_ID_SIZE])
{
    int64_t ms = 0;
    for (size_t i = 0; i < 6; i++)
        ms = ms << 8 | id[i];
    return ms / 1000;
}
