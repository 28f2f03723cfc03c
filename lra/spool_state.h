/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the spool share of an open one. */
#ifndef LRA_SPOOL_STATE_H
#define LRA_SPOOL_STATE_H

#include "disk/file.h"
#include "spool_list.h"

struct lra_spool {
    lra_spool_options options; /* with their defaults filled in */
    disk_fd folder;            /* holds the lock */
    disk_fd tmp;
    disk_fd new;
    disk_fd sent;
    disk_fd bad;
    spool_list waiting;
    spool_list delivered;
    size_t bad_count;
    uint64_t bytes; /* of all three */
    disk_hash *hash;
    bool is_dead;
};

void spool_notify(const lra_spool *spool, lra_spool_event event, const char *name, const char *why);

/* Errors: AUTH_STATUS_IO once a sync has failed. */
auth_status spool_check_alive(const lra_spool *spool, auth_error *err) AUTH_MUST_CHECK;

/*
 * Moves a file between two folders; spool_sync_move makes all that was moved between them durable.
 * After a failure the spool is dead.
 *
 * Errors: AUTH_STATUS_IO.
 */
auth_status spool_rename(lra_spool *spool, int from, int to, const char *name,
                         auth_error *err) AUTH_MUST_CHECK;
auth_status spool_sync_move(lra_spool *spool, int from, int to, auth_error *err) AUTH_MUST_CHECK;

/*
 * Moves a damaged file to bad, counts it there and tells so. The caller takes its row away.
 *
 * Errors: AUTH_STATUS_IO.
 */
auth_status spool_set_aside(lra_spool *spool, int from, const char *name, uint64_t size,
                            const char *why, auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads the file of a row and opens it. *why tells what is wrong with the file and that it belongs
 * in bad; the call succeeds then, without a document.
 *
 * Errors: as disk_file_open; what open returns; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status spool_read(lra_spool *spool, int folder, const spool_row *row, auth_buf **document,
                       const char **why, auth_error *err) AUTH_MUST_CHECK;

/* Takes the row of a file away that is gone, and tells so. */
void spool_forget_lost(lra_spool *spool, spool_list *list, spool_row *row, const char *why);

/* Lets go of delivered documents, oldest first, while there are more than max. */
void spool_forget(lra_spool *spool, size_t max);

#endif
