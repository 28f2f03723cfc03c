/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool of an auth-lra: signed documents that wait until the registry can be reached.
 *
 * Its one invariant: a document that lra_spool_put accepted is on the disk, sealed, until
 * lra_spool_done says that it was delivered; no crash and no damage to another file loses it.
 *
 * A folder with four folders: tmp, new, sent and bad. A document is one file, named by its request
 * id and the SHA-256 of the file; it is written in tmp, synced and moved to new, so that a file in
 * new is whole. Documents name persons: only what the seal callback makes of them reaches the disk.
 *
 * Delivery is repeated until lra_spool_done; it must be idempotent by id, and so a document is
 * delivered once in effect. After a sync that failed a spool takes nothing more and must be opened
 * again. It reads no clock and knows nothing of what a document says. One process, one thread at a
 * time.
 */
#ifndef LRA_SPOOL_H
#define LRA_SPOOL_H

#include <auth/time.h>

#define LRA_SPOOL_ID_SIZE 16                  /* a UUID of version 7 (RFC 9562 5.7) */
#define LRA_SPOOL_FILE_MAX ((size_t)8 << 20)  /* octets of a sealed document */
#define LRA_SPOOL_COUNT_MAX ((size_t)1 << 20) /* the most that options may allow */

typedef enum lra_spool_event {
#define LRA_SPOOL_EVENT(id, name, text) LRA_SPOOL_##id,
#include "spool_event.def"
} lra_spool_event;

/* The name of an event, as in logs: "set-aside". */
const char *lra_spool_event_name(lra_spool_event event);

/*
 * Seals or opens a document and appends the result to out. The id belongs to what is sealed, so
 * that a file under another name does not open. An answer below AUTH_STATUS_MEMORY says that these
 * octets do not open; a fault goes up.
 */
typedef auth_status (*lra_spool_crypt)(void *context, const uint8_t id[LRA_SPOOL_ID_SIZE],
                                       auth_bytes in, auth_buf *out, auth_error *err);

/* Hears of an event. name is the file's, or "inode N" when it is none of ours: it may say anything.
 */
typedef void (*lra_spool_notice)(void *context, lra_spool_event event, const char *name,
                                 const char *why);

typedef struct lra_spool_options {
    lra_spool_crypt seal;
    lra_spool_crypt open;
    lra_spool_notice notice; /* NULL: nobody listens */
    void *context;           /* of all three */
    size_t max_count;        /* files in all folders; 0: 100,000 */
    uint64_t max_bytes;      /* of all files; 0: 4 GiB */
    size_t max_sent;         /* delivered documents that are kept; 0: 10,000 */
    int64_t retry_s;         /* until what could not be read or opened is tried again; 0: 600 */
} lra_spool_options;

typedef struct lra_spool_counts {
    size_t waiting;
    size_t sent;
    size_t bad;
    uint64_t bytes; /* of all files */
} lra_spool_counts;

typedef enum lra_spool_state {
    LRA_SPOOL_NOWHERE, /* never put, or delivered so long ago that it is forgotten */
    LRA_SPOOL_WAITING,
    LRA_SPOOL_SENT,
} lra_spool_state;

typedef struct lra_spool lra_spool;

/*
 * Opens the spool in a folder, which must be there, this user's own and closed to others. Makes the
 * four folders when they are missing, removes what a crash left in tmp, and sets aside what cannot
 * be a document.
 *
 * Ownership: gives *out, to be freed with lra_spool_free; context is borrowed until then.
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_CONFLICT when another process has it;
 * AUTH_STATUS_DENIED for permissions; AUTH_STATUS_INVALID for options that cannot be;
 * AUTH_STATUS_LIMIT when it holds more files than the options allow twice over; AUTH_STATUS_IO;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status lra_spool_open(const char *folder, const lra_spool_options *options, lra_spool **out,
                           auth_error *err) AUTH_MUST_CHECK;

/* Closes a spool. NULL is fine. */
void lra_spool_free(lra_spool *spool);

/*
 * Keeps a document. When it returns AUTH_STATUS_OK the document survives a loss of power. The same
 * document under the same id is accepted again and kept once.
 *
 * Errors: AUTH_STATUS_CONFLICT when another document has this id; AUTH_STATUS_INVALID when the id
 * is no UUID of version 7; AUTH_STATUS_LIMIT when the document is empty or too large or the spool
 * is full, and then nothing of it is kept; what seal and open return; AUTH_STATUS_INTERNAL when the
 * seal left the document as it was; AUTH_STATUS_IO; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status lra_spool_put(lra_spool *spool, const uint8_t id[LRA_SPOOL_ID_SIZE],
                          auth_bytes document, auth_error *err) AUTH_MUST_CHECK;

/*
 * The same for one of several owners, by a number that is not 0: beyond his first document he may
 * have a quarter of the spool, so that the others' are kept, too. Whose a document is is known in
 * this process only.
 *
 * Errors: those of lra_spool_put; AUTH_STATUS_LIMIT also when his quarter is full.
 */
auth_status lra_spool_put_of(lra_spool *spool, uint64_t owner, const uint8_t id[LRA_SPOOL_ID_SIZE],
                             auth_bytes document, auth_error *err) AUTH_MUST_CHECK;

/*
 * Gives the waiting document with the smallest id that is not deferred beyond now. It stays until
 * lra_spool_done. What is damaged is set aside, what cannot be read or opened is deferred, and both
 * are told to notice: the next document is tried.
 *
 * Ownership: gives *document, to be freed with auth_buf_free, which wipes it.
 * Errors: AUTH_STATUS_NOT_FOUND when none is due; AUTH_STATUS_IO; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO; faults of open.
 */
auth_status lra_spool_next(lra_spool *spool, auth_time now, uint8_t id[LRA_SPOOL_ID_SIZE],
                           auth_buf **document, auth_error *err) AUTH_MUST_CHECK;

/* The same with the smallest id behind another one. */
auth_status lra_spool_next_after(lra_spool *spool, const uint8_t after[LRA_SPOOL_ID_SIZE],
                                 auth_time now, uint8_t id[LRA_SPOOL_ID_SIZE], auth_buf **document,
                                 auth_error *err) AUTH_MUST_CHECK;

/*
 * Passes a waiting document over until a time, in this process.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when it does not wait.
 */
auth_status lra_spool_defer(lra_spool *spool, const uint8_t id[LRA_SPOOL_ID_SIZE], auth_time until,
                            auth_error *err) AUTH_MUST_CHECK;

/*
 * Says that the delivery of some documents was acknowledged, whose ids stand one behind the other;
 * the disk is waited for once. Twice is fine.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when there is none with one of the ids, the others are done;
 * AUTH_STATUS_IO: then they may be delivered again. AUTH_STATUS_MEMORY.
 */
auth_status lra_spool_done(lra_spool *spool, const uint8_t *ids, size_t count,
                           auth_error *err) AUTH_MUST_CHECK;

/* Tells where a document is. */
lra_spool_state lra_spool_find(const lra_spool *spool, const uint8_t id[LRA_SPOOL_ID_SIZE]);

/* Tells whether a document waits that is not deferred beyond now. */
bool lra_spool_is_due(const lra_spool *spool, auth_time now);

/* Copies the ids of documents that wait, in order, those after one (NULL: from the first); returns
 * how many. */
size_t lra_spool_list(const lra_spool *spool, const uint8_t *after,
                      uint8_t (*out)[LRA_SPOOL_ID_SIZE], size_t max);

/*
 * Says whether there is room for one more document, be it a small one.
 *
 * Errors: AUTH_STATUS_LIMIT; AUTH_STATUS_IO once a sync has failed.
 */
auth_status lra_spool_check_room(const lra_spool *spool, auth_error *err) AUTH_MUST_CHECK;

/* Tells how much there is. */
lra_spool_counts lra_spool_count(const lra_spool *spool);

AUTH_DEFINE_CLEANUP(lra_spool)

#endif
