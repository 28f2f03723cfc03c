/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool as a daemon's threads use it: behind a lock, with documents sealed under the key of the
 * office, and opened anew after a disk that failed. Its one invariant: what lra_keep_put accepted
 * is durable and sealed as the registry would seal it: it opens under its own request id and the
 * path of this office only.
 *
 * A file is the key's generation in 4 octets, big-endian, and the sealed document.
 */
#ifndef LRA_KEEP_H
#define LRA_KEEP_H

#include "known.h"
#include "registry/keyring.h"
#include "spool.h"

/* The most ids that are listed at once. */
#define LRA_KEEP_LIST_MAX 1000

typedef struct lra_keep_setting {
    const char *folder;
    const registry_keyring *ring;
    lra_known *known;        /* which path and generation to seal with */
    lra_spool_notice notice; /* called under the lock */
    void *context;
    size_t max_count; /* as in lra_spool_options */
    uint64_t max_bytes;
} lra_keep_setting;

typedef struct lra_keep lra_keep;

/*
 * Opens the spool of a folder.
 *
 * Ownership: gives *out, to be freed with lra_keep_free; borrows all of setting until then.
 * Errors: those of lra_spool_open.
 */
auth_status lra_keep_new(const lra_keep_setting *setting, lra_keep **out,
                         auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. */
void lra_keep_free(lra_keep *keep);

/*
 * Keeps a document durably, for an officer, who may have a quarter of the spool.
 *
 * Errors: AUTH_STATUS_UNAVAILABLE when the registry has never told where this office lies, so that
 * there is no key to seal with; those of lra_spool_put_of.
 */
auth_status lra_keep_put(lra_keep *keep, const char *officer, const uint8_t id[LRA_SPOOL_ID_SIZE],
                         auth_bytes document, auth_error *err) AUTH_MUST_CHECK;

/* The same as the functions of the spool. */
auth_status lra_keep_next(lra_keep *keep, const uint8_t *after, auth_time now,
                          uint8_t id[LRA_SPOOL_ID_SIZE], auth_buf **document,
                          auth_error *err) AUTH_MUST_CHECK; /* after NULL: the first */
auth_status lra_keep_defer(lra_keep *keep, const uint8_t id[LRA_SPOOL_ID_SIZE], auth_time until,
                           auth_error *err) AUTH_MUST_CHECK;
auth_status lra_keep_done(lra_keep *keep, const uint8_t *ids, size_t count,
                          auth_error *err) AUTH_MUST_CHECK;
lra_spool_state lra_keep_find(lra_keep *keep, const uint8_t id[LRA_SPOOL_ID_SIZE]);
lra_spool_counts lra_keep_count(lra_keep *keep);

/* Whether a document waits that is due at a time: who comes later waits behind it. */
bool lra_keep_is_due(lra_keep *keep, auth_time now);

/*
 * Says whether it takes another document.
 *
 * Errors: AUTH_STATUS_LIMIT when it is full; AUTH_STATUS_IO when its disk failed.
 */
auth_status lra_keep_check(lra_keep *keep, auth_error *err) AUTH_MUST_CHECK;

/* Copies ids of documents that wait, in order, those after one (NULL: from the first). */
size_t lra_keep_list(lra_keep *keep, const uint8_t *after, uint8_t (*out)[LRA_SPOOL_ID_SIZE],
                     size_t max);

/*
 * Opens the spool anew when the disk failed under it; else does nothing.
 *
 * Errors: those of lra_spool_open.
 */
auth_status lra_keep_mend(lra_keep *keep, auth_error *err) AUTH_MUST_CHECK;

/* The time in an id of version 7 (RFC 9562 5.7), in seconds. */
auth_time lra_id_time(const uint8_t id[LRA_SPOOL_ID_SIZE]);

AUTH_DEFINE_CLEANUP(lra_keep)

#endif
