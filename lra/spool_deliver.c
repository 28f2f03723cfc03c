/* SPDX-License-Identifier: Apache-2.0 */
#include "spool_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Names that a damaged file may have in bad, when one of the same name is there already. */
#define BAD_NAMES 100

void spool_notify(const lra_spool *spool, lra_spool_event event, const char *name, const char *why)
{
    if (spool->options.notice != NULL)
        spool->options.notice(spool->options.context, event, name, why);
}

static bool move_to_bad(const lra_spool *spool, int from, const char *name)
{
    char other[SPOOL_NAME_SIZE + 8];
    if (renameat2(from, name, spool->bad, name, RENAME_NOREPLACE) == 0)
        return true;
    for (unsigned n = 1; n < BAD_NAMES && errno == EEXIST; n++) {
        (void)snprintf(other, sizeof other, "%s.%u", name, n);
        if (renameat2(from, name, spool->bad, other, RENAME_NOREPLACE) == 0)
            return true;
    }
    return false;
}

auth_status spool_set_aside(lra_spool *spool, int from, const char *name, uint64_t size,
                            const char *why, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    if (!move_to_bad(spool, from, name))
        status = disk_failed(err, "spool", "set a damaged file aside");
    if (status == AUTH_STATUS_OK)
        status = disk_folder_sync(spool->bad, "spool", err);
    if (status == AUTH_STATUS_OK)
        status = disk_folder_sync(from, "spool", err);
    if (status != AUTH_STATUS_OK) {
        spool->is_dead = true;
        return status;
    }
    spool->bad_count++;
    spool->bytes += size;
    spool_notify(spool, LRA_SPOOL_SET_ASIDE, name, why);
    return AUTH_STATUS_OK;
}

static auth_status read_file(int folder, const spool_row *row, auth_buf *out, const char **why,
                             auth_error *err)
{
    char name[SPOOL_NAME_SIZE];
    AUTH_AUTO(disk_fd) file = -1;
    uint64_t size = 0;
    size_t got = 0;
    uint8_t *room = NULL;
    spool_name_write(row->id, row->hash, name);
    auth_status status = disk_file_open(folder, name, O_RDONLY, "spool file", &file, &size, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (size != row->size) {
        *why = "it has another size than when it was listed";
        return AUTH_STATUS_OK;
    }
    status = auth_buf_extend(out, (size_t)size, &room, err);
    if (status == AUTH_STATUS_OK)
        status = disk_read(file, 0, room, (size_t)size, "spool file", &got, err);
    if (status == AUTH_STATUS_OK && got != size)
        *why = "it became shorter while it was read";
    return status;
}

static auth_status check_hash(const lra_spool *spool, const spool_row *row, auth_bytes octets,
                              const char **why, auth_error *err)
{
    uint8_t hash[DISK_HASH_SIZE];
    auth_status status = disk_hash_two(spool->hash, octets, (auth_bytes){NULL, 0}, hash, err);
    if (status == AUTH_STATUS_OK && memcmp(hash, row->hash, sizeof hash) != 0)
        *why = "its octets are not those that its name tells (SHA-256)";
    return status;
}

auth_status spool_read(lra_spool *spool, int folder, const spool_row *row, auth_buf **document,
                       const char **why, auth_error *err)
{
    AUTH_AUTO(auth_buf) *sealed = NULL;
    AUTH_AUTO(auth_buf) *opened = NULL;
    *why = NULL;
    auth_status status = auth_buf_new(LRA_SPOOL_FILE_MAX, &sealed, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(LRA_SPOOL_FILE_MAX, &opened, err);
    if (status == AUTH_STATUS_OK)
        status = read_file(folder, row, sealed, why, err);
    if (status == AUTH_STATUS_OK && *why == NULL)
        status = check_hash(spool, row, auth_buf_bytes(sealed), why, err);
    if (status != AUTH_STATUS_OK || *why != NULL)
        return status;
    status =
        spool->options.open(spool->options.context, row->id, auth_buf_bytes(sealed), opened, err);
    if (status == AUTH_STATUS_OK)
        *document = AUTH_TAKE(opened);
    return status;
}

/* after NULL: from the first. */
static spool_row *find_due(const lra_spool *spool, const uint8_t *after, auth_time now)
{
    for (size_t i = 0; i < spool->waiting.count; i++) {
        spool_row *row = &spool->waiting.rows[i];
        if (row->not_before <= now &&
            (after == NULL || memcmp(row->id, after, LRA_SPOOL_ID_SIZE) > 0))
            return row;
    }
    return NULL;
}

static void retry_later(const lra_spool *spool, spool_row *row, auth_time now,
                        lra_spool_event event, const char *name, const char *why)
{
    row->not_before = now + spool->options.retry_s;
    spool_notify(spool, event, name, why);
}

void spool_forget_lost(lra_spool *spool, spool_list *list, spool_row *row, const char *why)
{
    char name[SPOOL_NAME_SIZE];
    spool_name_write(row->id, row->hash, name);
    spool->bytes -= row->size;
    spool_list_remove(list, row);
    spool_notify(spool, LRA_SPOOL_LOST, name, why);
}

/* One file that cannot be delivered must not keep those behind it. */
static auth_status pass_over(lra_spool *spool, spool_row *row, auth_time now, auth_status status,
                             const auth_error *why)
{
    char name[SPOOL_NAME_SIZE];
    spool_name_write(row->id, row->hash, name);
    if (status == AUTH_STATUS_NOT_FOUND) {
        spool_forget_lost(spool, &spool->waiting, row, why->text);
        return AUTH_STATUS_OK;
    }
    if (status == AUTH_STATUS_IO) {
        retry_later(spool, row, now, LRA_SPOOL_UNREADABLE, name, why->text);
        return AUTH_STATUS_OK;
    }
    if (auth_status_is_fault(status))
        return status;
    retry_later(spool, row, now, LRA_SPOOL_UNOPENED, name, why->text);
    return AUTH_STATUS_OK;
}

static auth_status set_row_aside(lra_spool *spool, spool_row *row, const char *why, auth_error *err)
{
    char name[SPOOL_NAME_SIZE];
    uint64_t size = row->size;
    spool_name_write(row->id, row->hash, name);
    spool->bytes -= size;
    spool_list_remove(&spool->waiting, row);
    return spool_set_aside(spool, spool->new, name, size, why, err);
}

static auth_status next(lra_spool *spool, const uint8_t *after, auth_time now,
                        uint8_t id[LRA_SPOOL_ID_SIZE], auth_buf **document, auth_error *err)
{
    auth_status status = spool_check_alive(spool, err);
    while (status == AUTH_STATUS_OK) {
        const char *why = NULL;
        auth_error found = {AUTH_STATUS_OK, ""};
        AUTH_AUTO(auth_buf) *opened = NULL;
        spool_row *row = find_due(spool, after, now);
        if (row == NULL)
            return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                                  "spool: no document is due; put one or wait");
        status = spool_read(spool, spool->new, row, &opened, &why, &found);
        if (status == AUTH_STATUS_OK && why == NULL) {
            memcpy(id, row->id, sizeof row->id);
            *document = AUTH_TAKE(opened);
            return AUTH_STATUS_OK;
        }
        if (status == AUTH_STATUS_OK)
            status = set_row_aside(spool, row, why, err);
        else if ((status = pass_over(spool, row, now, status, &found)) != AUTH_STATUS_OK)
            return auth_error_set(err, status, "%s", found.text);
    }
    return status;
}

auth_status lra_spool_next(lra_spool *spool, auth_time now, uint8_t id[LRA_SPOOL_ID_SIZE],
                           auth_buf **document, auth_error *err)
{
    return next(spool, NULL, now, id, document, err);
}

auth_status lra_spool_next_after(lra_spool *spool, const uint8_t after[LRA_SPOOL_ID_SIZE],
                                 auth_time now, uint8_t id[LRA_SPOOL_ID_SIZE], auth_buf **document,
                                 auth_error *err)
{
    return next(spool, after, now, id, document, err);
}

static auth_status not_waiting(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "spool: no document with this request id waits; put it first");
}

auth_status lra_spool_defer(lra_spool *spool, const uint8_t id[LRA_SPOOL_ID_SIZE], auth_time until,
                            auth_error *err)
{
    spool_row *row = spool_list_find(&spool->waiting, id);
    if (row == NULL)
        return not_waiting(err);
    row->not_before = until;
    return AUTH_STATUS_OK;
}

/* From where it waits to sent, as it is listed; on the disk after the folders were synced. */
static auth_status pass_on(lra_spool *spool, const uint8_t id[LRA_SPOOL_ID_SIZE], bool *is_missing,
                           auth_error *err)
{
    char name[SPOOL_NAME_SIZE];
    if (spool_list_find(&spool->delivered, id) != NULL)
        return AUTH_STATUS_OK;
    spool_row *row = spool_list_find(&spool->waiting, id);
    *is_missing = *is_missing || row == NULL;
    if (row == NULL)
        return AUTH_STATUS_OK;
    spool_name_write(row->id, row->hash, name);
    if (faccessat(spool->new, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT) {
        spool_forget_lost(spool, &spool->waiting, row, "it was taken away");
        *is_missing = true;
        return AUTH_STATUS_OK;
    }
    auth_status status = spool_list_reserve(&spool->delivered, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = spool_rename(spool, spool->new, spool->sent, name, err);
    if (status != AUTH_STATUS_OK)
        return status;
    spool_list_add(&spool->delivered, row);
    spool_list_remove(&spool->waiting, row);
    return AUTH_STATUS_OK;
}

auth_status lra_spool_done(lra_spool *spool, const uint8_t *ids, size_t count, auth_error *err)
{
    bool is_missing = false;
    size_t waiting = spool->waiting.count;
    auth_status status = spool_check_alive(spool, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < count; i++) {
        const uint8_t *id = ids + i * LRA_SPOOL_ID_SIZE;
        status = pass_on(spool, id, &is_missing, err);
    }
    if (status == AUTH_STATUS_OK && spool->waiting.count < waiting)
        status = spool_sync_move(spool, spool->new, spool->sent, err);
    if (status != AUTH_STATUS_OK)
        return status;
    spool_forget(spool, spool->options.max_sent);
    return is_missing ? not_waiting(err) : AUTH_STATUS_OK;
}

bool lra_spool_is_due(const lra_spool *spool, auth_time now)
{
    return find_due(spool, NULL, now) != NULL;
}

size_t lra_spool_list(const lra_spool *spool, const uint8_t *after,
                      uint8_t (*out)[LRA_SPOOL_ID_SIZE], size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < spool->waiting.count && count < max; i++) {
        const uint8_t *id = spool->waiting.rows[i].id;
        if (after == NULL || memcmp(id, after, LRA_SPOOL_ID_SIZE) > 0)
            memcpy(out[count++], id, LRA_SPOOL_ID_SIZE);
    }
    return count;
}
