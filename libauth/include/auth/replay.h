/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_replay
 * @brief was this nonce seen before, by any process of this host
 *
 * A replay memory holds, for a bounded number of nonces, that they were used, until they expire. It
 * lies in a file that all processes of a host map, or in the memory of one process.
 *
 * The invariant: of all calls with one nonce, in whatever thread or process, at most one is told
 * that it is fresh, until the nonce has expired. A process that is killed at any place leaves the
 * memory whole; a nonce that it was about to be told of counts as used. When there is no room, and
 * when the memory cannot be read, the answer is no.
 *
 * It keeps 53 bits of a keyed hash of each nonce, so that fewer than one fresh nonce in a hundred
 * thousand millions is taken for a used one. It reads no clock. The file is not synced: after a
 * loss of power nonces may be forgotten, so let challenges live for minutes, not days.
 *
 * Threads: a memory may be used by several at once. Fork: in a file it is shared with the child;
 * without one, each process goes on with its own, and neither knows of the other's.
 */
#ifndef AUTH_REPLAY_H
#define AUTH_REPLAY_H

#include <auth/bytes.h>
#include <auth/time.h>

AUTH_BEGIN_DECLS

/* Bounds. */
#define AUTH_REPLAY_CAPACITY_MAX ((size_t)1 << 24)
#define AUTH_REPLAY_NONCE_MAX 1024
#define AUTH_REPLAY_LIFETIME_MAX 86400 /* seconds from now until a nonce expires */

/* Zero is a good value. */
typedef struct auth_replay_options {
    /*
     * The folder of the file "replay.memory": the user's own, closed to others; it is made when it
     * is not there. NULL: the memory of this process.
     */
    const char *folder;
    /*
     * The folder is shared by the processes of a group, which is closed to others. Each of them can
     * make the others forget nonces, and end them by cutting the file.
     */
    bool is_group;
    /* Nonces that have not expired; 0: 65536. Of a file that is there, its own counts. */
    size_t capacity;
} auth_replay_options;

typedef struct auth_replay auth_replay;

/**
 * Open a replay memory, and make its file when it is not there. A file that is none of ours is
 * refused and not replaced: it may hold what must not be forgotten.
 *
 * Ownership: gives *out, to be freed with auth_replay_free.
 * Errors: AUTH_STATUS_DENIED for a folder or file of another owner or open to others;
 * AUTH_STATUS_INVALID for a file of another form; AUTH_STATUS_LIMIT for a capacity above
 * AUTH_REPLAY_CAPACITY_MAX; AUTH_STATUS_UNAVAILABLE when another process does not finish making it;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_IO; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_replay_open(const auth_replay_options *options, auth_replay **out,
                                      auth_error *err) AUTH_MUST_CHECK;

/**
 * Close a replay memory. NULL is fine. The file stays.
 */
AUTH_API void auth_replay_free(auth_replay *replay);

/**
 * Use a nonce: AUTH_STATUS_OK means that it was fresh, and from now on it is not.
 *
 * expires is the last second in which the nonce is accepted by the caller's own rules; until then
 * it is remembered. Give the same each time, since it decides how long.
 *
 * Errors: AUTH_STATUS_CONFLICT when it was used before; AUTH_STATUS_LIMIT when there is no room for
 * it: refuse, as nothing would be known of its next use; AUTH_STATUS_EXPIRED when expires lies
 * before now; AUTH_STATUS_INVALID when it lies more than AUTH_REPLAY_LIFETIME_MAX after now, or the
 * nonce is empty or above AUTH_REPLAY_NONCE_MAX octets; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_replay_check(auth_replay *replay, auth_bytes nonce, auth_time expires,
                                       auth_time now, auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(auth_replay)

AUTH_END_DECLS

#endif
