/* SPDX-License-Identifier: Apache-2.0 */
#include "spool.h"
#include "spool_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one owner may have of the spool is one of so many parts. */
#define SHARES 4

const char *lra_spool_event_name(lra_spool_event event)
{
    static const char *const names[] = {
#define LRA_SPOOL_EVENT(id, name, text) [LRA_SPOOL_##id] = (name),
#include "spool_event.def"
    };
    return (size_t)event < sizeof names / sizeof names[0] ? names[event] : NULL;
}

void lra_spool_free(lra_spool *spool)
{
    if (spool == NULL)
        return;
    disk_fd_cleanup(&spool->bad);
    disk_fd_cleanup(&spool->sent);
    disk_fd_cleanup(&spool->new);
    disk_fd_cleanup(&spool->tmp);
    disk_fd_cleanup(&spool->folder);
    spool_list_clear(&spool->waiting);
    spool_list_clear(&spool->delivered);
    disk_hash_free(spool->hash);
    free(spool);
}

auth_status spool_check_alive(const lra_spool *spool, auth_error *err)
{
    if (!spool->is_dead)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_IO,
                          "spool: an earlier call on its disk failed, so nothing more is accepted; "
                          "look at the disk, then open the spool again");
}

static auth_status check_document(const uint8_t id[LRA_SPOOL_ID_SIZE], auth_bytes document,
                                  auth_error *err)
{
    if (!spool_id_is_good(id))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "spool: the request id is no UUID of version 7 (RFC 9562 5.7); make "
                              "a new one");
    if (document.len == 0 || document.len > LRA_SPOOL_FILE_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "spool: the document has %zu octets; it must have 1 to %zu",
                              document.len, LRA_SPOOL_FILE_MAX);
    return AUTH_STATUS_OK;
}

/* Looks for the document under its id. *is_kept: it is here already, whole and the same. */
static auth_status compare_kept(lra_spool *spool, int folder, spool_list *list,
                                const uint8_t id[LRA_SPOOL_ID_SIZE], auth_bytes document,
                                bool *is_kept, auth_error *err)
{
    const char *why = NULL;
    char name[SPOOL_NAME_SIZE];
    AUTH_AUTO(auth_buf) *kept = NULL;
    spool_row *row = spool_list_find(list, id);
    if (row == NULL)
        return AUTH_STATUS_OK;
    auth_status status = spool_read(spool, folder, row, &kept, &why, err);
    if (status == AUTH_STATUS_NOT_FOUND) {
        spool_forget_lost(spool, list, row, "it was taken away");
        return AUTH_STATUS_OK;
    }
    if (status != AUTH_STATUS_OK)
        return status;
    if (why == NULL) {
        *is_kept = auth_bytes_equal(auth_buf_bytes(kept), document);
        return *is_kept ? AUTH_STATUS_OK
                        : auth_error_set(err, AUTH_STATUS_CONFLICT,
                                         "spool: another document has this request id; ask for its "
                                         "outcome, or sign anew with a new id");
    }
    /* What is damaged gives way to the document, which is here again. */
    uint64_t size = row->size;
    spool_name_write(row->id, row->hash, name);
    spool->bytes -= size;
    spool_list_remove(list, row);
    return spool_set_aside(spool, folder, name, size, why, err);
}

static auth_status seal(const lra_spool *spool, const uint8_t id[LRA_SPOOL_ID_SIZE],
                        auth_bytes document, auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *sealed = NULL;
    auth_status status = auth_buf_new(LRA_SPOOL_FILE_MAX, &sealed, err);
    if (status == AUTH_STATUS_OK)
        status = spool->options.seal(spool->options.context, id, document, sealed, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes octets = auth_buf_bytes(sealed);
    if (octets.len == 0 || memmem(octets.data, octets.len, document.data, document.len) != NULL)
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "spool: the seal left the document as it was; report this");
    *out = AUTH_TAKE(sealed);
    return AUTH_STATUS_OK;
}

static size_t count_all(const lra_spool *spool)
{
    return spool->waiting.count + spool->delivered.count + spool->bad_count;
}

void spool_forget(lra_spool *spool, size_t max)
{
    while (spool->delivered.count > max) {
        char name[SPOOL_NAME_SIZE];
        spool_row *oldest = &spool->delivered.rows[0];
        spool_name_write(oldest->id, oldest->hash, name);
        /* One that cannot be removed is met again at the next opening. */
        (void)unlinkat(spool->sent, name, 0);
        spool->bytes -= oldest->size;
        spool_list_remove(&spool->delivered, oldest);
    }
}

/* Delivered documents give way, those that wait and damaged ones do not. */
static auth_status check_room(const lra_spool *spool, uint64_t size, auth_error *err)
{
    const lra_spool_options *options = &spool->options;
    uint64_t delivered = 0;
    for (size_t i = 0; i < spool->delivered.count; i++)
        delivered += spool->delivered.rows[i].size;
    if (spool->waiting.count + spool->bad_count < options->max_count &&
        spool->bytes - delivered + size <= options->max_bytes)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_LIMIT,
                          "spool: it is full with %zu documents that wait and %zu that are "
                          "damaged; bring the line to the registry back, look into bad, or allow "
                          "more",
                          spool->waiting.count, spool->bad_count);
}

/* What one owner has waiting leaves room for the others. */
static auth_status check_share(const lra_spool *spool, uint64_t owner, uint64_t size,
                               auth_error *err)
{
    const lra_spool_options *options = &spool->options;
    size_t count = 0;
    uint64_t bytes = 0;
    for (size_t i = 0; owner != 0 && i < spool->waiting.count; i++) {
        const spool_row *row = &spool->waiting.rows[i];
        count += row->owner == owner;
        bytes += row->owner == owner ? row->size : 0;
    }
    if (count == 0 ||
        (count < options->max_count / SHARES && bytes + size <= options->max_bytes / SHARES))
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_LIMIT,
                          "spool: %zu documents of one officer wait, which is a quarter of it; "
                          "bring the line to the registry back, allow more, or have another "
                          "officer enter",
                          count);
}

static auth_status make_room(lra_spool *spool, uint64_t owner, uint64_t size, auth_error *err)
{
    const lra_spool_options *options = &spool->options;
    auth_status status = check_room(spool, size, err);
    if (status == AUTH_STATUS_OK)
        status = check_share(spool, owner, size, err);
    while (status == AUTH_STATUS_OK && spool->delivered.count > 0 &&
           (count_all(spool) >= options->max_count || spool->bytes + size > options->max_bytes))
        spool_forget(spool, spool->delivered.count - 1);
    return status;
}

static auth_status write_tmp(lra_spool *spool, const char *name, auth_bytes sealed, auth_error *err)
{
    auth_status status = disk_file_create(spool->tmp, name, sealed, "spool", err);
    /* A full disk says what it means, and nothing of the file is left. */
    if (status == AUTH_STATUS_IO && errno != ENOSPC && errno != EDQUOT)
        spool->is_dead = true;
    return status;
}

auth_status spool_rename(lra_spool *spool, int from, int to, const char *name, auth_error *err)
{
    if (renameat2(from, name, to, name, RENAME_NOREPLACE) == 0)
        return AUTH_STATUS_OK;
    spool->is_dead = true;
    return disk_failed(err, "spool", "move a file");
}

auth_status spool_sync_move(lra_spool *spool, int from, int to, auth_error *err)
{
    /* The new name first: a file that has none any more is lost. */
    auth_status status = disk_folder_sync(to, "spool", err);
    if (status == AUTH_STATUS_OK && from != spool->tmp)
        status = disk_folder_sync(from, "spool", err);
    spool->is_dead = spool->is_dead || status != AUTH_STATUS_OK;
    return status;
}

static auth_status store(lra_spool *spool, uint64_t owner, const uint8_t id[LRA_SPOOL_ID_SIZE],
                         auth_bytes sealed, auth_error *err)
{
    char name[SPOOL_NAME_SIZE];
    spool_row row = {.size = sealed.len, .owner = owner};
    memcpy(row.id, id, sizeof row.id);
    auth_status status = disk_hash_two(spool->hash, sealed, (auth_bytes){NULL, 0}, row.hash, err);
    if (status == AUTH_STATUS_OK)
        status = spool_list_reserve(&spool->waiting, err);
    if (status == AUTH_STATUS_OK)
        status = make_room(spool, owner, sealed.len, err);
    if (status != AUTH_STATUS_OK)
        return status;
    spool_name_write(row.id, row.hash, name);
    status = write_tmp(spool, name, sealed, err);
    if (status == AUTH_STATUS_OK)
        status = spool_rename(spool, spool->tmp, spool->new, name, err);
    if (status == AUTH_STATUS_OK)
        status = spool_sync_move(spool, spool->tmp, spool->new, err);
    if (status != AUTH_STATUS_OK)
        return status;
    spool_list_add(&spool->waiting, &row);
    spool->bytes += row.size;
    return AUTH_STATUS_OK;
}

auth_status lra_spool_put_of(lra_spool *spool, uint64_t owner, const uint8_t id[LRA_SPOOL_ID_SIZE],
                             auth_bytes document, auth_error *err)
{
    bool is_kept = false;
    AUTH_AUTO(auth_buf) *sealed = NULL;
    auth_status status = spool_check_alive(spool, err);
    if (status == AUTH_STATUS_OK)
        status = check_document(id, document, err);
    if (status == AUTH_STATUS_OK)
        status = compare_kept(spool, spool->new, &spool->waiting, id, document, &is_kept, err);
    if (status == AUTH_STATUS_OK && !is_kept)
        status = compare_kept(spool, spool->sent, &spool->delivered, id, document, &is_kept, err);
    if (status != AUTH_STATUS_OK || is_kept)
        return status;
    status = seal(spool, id, document, &sealed, err);
    return status == AUTH_STATUS_OK ? store(spool, owner, id, auth_buf_bytes(sealed), err) : status;
}

auth_status lra_spool_put(lra_spool *spool, const uint8_t id[LRA_SPOOL_ID_SIZE],
                          auth_bytes document, auth_error *err)
{
    return lra_spool_put_of(spool, 0, id, document, err);
}

lra_spool_state lra_spool_find(const lra_spool *spool, const uint8_t id[LRA_SPOOL_ID_SIZE])
{
    if (spool_list_find(&spool->waiting, id) != NULL)
        return LRA_SPOOL_WAITING;
    return spool_list_find(&spool->delivered, id) != NULL ? LRA_SPOOL_SENT : LRA_SPOOL_NOWHERE;
}

lra_spool_counts lra_spool_count(const lra_spool *spool)
{
    return (lra_spool_counts){spool->waiting.count, spool->delivered.count, spool->bad_count,
                              spool->bytes};
}

auth_status lra_spool_check_room(const lra_spool *spool, auth_error *err)
{
    auth_status status = spool_check_alive(spool, err);
    return status == AUTH_STATUS_OK ? check_room(spool, 1, err) : status;
}
