/* SPDX-License-Identifier: Apache-2.0 */
#include "known.h"

#include "disk/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "known"
#define NEW_NAME "known.new"
#define WHAT "spool file known"

struct lra_known {
    pthread_mutex_t lock;
    disk_fd folder;
    char realm[AUTH_IDENTIFIER_SIZE];
    char office[AUTH_IDENTIFIER_SIZE];
    bool is_changed; /* something is other than the file says */
    bool is_touched; /* it is the same, and was said again */
    auth_time saved_at;
    lra_known_table table;
};

static auth_status read_text(int folder, auth_buf *out, auth_error *err)
{
    AUTH_AUTO(disk_fd) file = -1;
    uint64_t size = 0;
    size_t got = 0;
    uint8_t *room = NULL;
    auth_status status = disk_file_open(folder, FILE_NAME, O_RDONLY, WHAT, &file, &size, err);
    if (status == AUTH_STATUS_OK && size > LRA_KNOWN_TEXT_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT, WHAT ": it is too large; remove it");
    if (status == AUTH_STATUS_OK)
        status = auth_buf_extend(out, (size_t)size, &room, err);
    if (status == AUTH_STATUS_OK)
        status = disk_read(file, 0, room, (size_t)size, WHAT, &got, err);
    if (status == AUTH_STATUS_OK && got != size)
        status = auth_error_set(err, AUTH_STATUS_IO, WHAT ": it became shorter; remove it");
    return status;
}

static auth_status load(lra_known *known, bool *is_damaged, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(LRA_KNOWN_TEXT_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = read_text(known->folder, text, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return AUTH_STATUS_OK;
    if (status == AUTH_STATUS_MEMORY)
        return status;
    *is_damaged =
        status != AUTH_STATUS_OK ||
        !lra_known_text_read(auth_buf_bytes(text), known->realm, known->office, &known->table);
    if (*is_damaged)
        known->table = (lra_known_table){.count = 0};
    return AUTH_STATUS_OK;
}

auth_status lra_known_open(const char *folder, const char *realm, const char *office,
                           lra_known **out, bool *is_damaged, auth_error *err)
{
    lra_known *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->folder = -1;
    (void)pthread_mutex_init(&made->lock, NULL);
    (void)snprintf(made->realm, sizeof made->realm, "%s", realm);
    (void)snprintf(made->office, sizeof made->office, "%s", office);
    *is_damaged = false;
    auth_status status = disk_folder_open(AT_FDCWD, folder, "spool folder", &made->folder, err);
    if (status == AUTH_STATUS_OK)
        status = load(made, is_damaged, err);
    if (status == AUTH_STATUS_OK)
        *out = made;
    else
        lra_known_free(made);
    return status;
}

void lra_known_free(lra_known *known)
{
    if (known == NULL)
        return;
    disk_fd_cleanup(&known->folder);
    (void)pthread_mutex_destroy(&known->lock);
    free(known);
}

void lra_known_note_office(lra_known *known, const char *path, int64_t number, uint32_t generation,
                           auth_time at)
{
    if (strlen(path) >= LRA_KNOWN_PATH_SIZE)
        return;
    (void)pthread_mutex_lock(&known->lock);
    lra_known_office *office = &known->table.office;
    known->is_touched = true;
    known->is_changed = known->is_changed || strcmp(office->path, path) != 0 ||
                        office->number != number || office->generation != generation;
    (void)snprintf(office->path, sizeof office->path, "%s", path);
    office->number = number;
    office->generation = generation;
    office->at = at;
    (void)pthread_mutex_unlock(&known->lock);
}

static lra_known_officer *find(lra_known_table *table, const uint8_t *certificate)
{
    for (size_t i = 0; i < table->count; i++) {
        if (memcmp(table->officers[i].certificate, certificate, REGISTRY_HASH_SIZE) == 0)
            return &table->officers[i];
    }
    return NULL;
}

static lra_known_officer *oldest(lra_known_table *table)
{
    lra_known_officer *found = &table->officers[0];
    for (size_t i = 1; i < table->count; i++) {
        if (table->officers[i].at < found->at)
            found = &table->officers[i];
    }
    return found;
}

/* Two threads may bring answers in another order than they were given; a bad one counts first. */
static bool is_older(const lra_known_officer *officer, const lra_known_officer *row)
{
    return officer->at < row->at || (officer->at == row->at && officer->is_good && !row->is_good);
}

void lra_known_note(lra_known *known, const lra_known_officer *officer)
{
    (void)pthread_mutex_lock(&known->lock);
    lra_known_table *table = &known->table;
    lra_known_officer *row = find(table, officer->certificate);
    bool is_new = row == NULL;
    if (is_new && table->count < LRA_KNOWN_MAX)
        row = &table->officers[table->count++];
    else if (is_new)
        row = oldest(table);
    if (is_new || !is_older(officer, row)) {
        known->is_touched = true;
        known->is_changed = known->is_changed || is_new || row->is_good != officer->is_good;
        *row = *officer;
    }
    (void)pthread_mutex_unlock(&known->lock);
}

lra_known_office lra_known_where(lra_known *known)
{
    (void)pthread_mutex_lock(&known->lock);
    lra_known_office office = known->table.office;
    (void)pthread_mutex_unlock(&known->lock);
    return office;
}

bool lra_known_find(lra_known *known, const uint8_t certificate[REGISTRY_HASH_SIZE],
                    lra_known_officer *out)
{
    (void)pthread_mutex_lock(&known->lock);
    const lra_known_officer *row = find(&known->table, certificate);
    if (row != NULL)
        *out = *row;
    (void)pthread_mutex_unlock(&known->lock);
    return row != NULL;
}

size_t lra_known_list(lra_known *known, lra_known_officer *out, size_t max)
{
    (void)pthread_mutex_lock(&known->lock);
    size_t count = known->table.count < max ? known->table.count : max;
    memcpy(out, known->table.officers, count * sizeof *out);
    (void)pthread_mutex_unlock(&known->lock);
    return count;
}

/* The new file whole, then its name: a crash leaves the one or the other. */
static auth_status replace(const lra_known *known, auth_bytes text, auth_error *err)
{
    (void)unlinkat(known->folder, NEW_NAME, 0);
    auth_status status = disk_file_create(known->folder, NEW_NAME, text, WHAT, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (renameat(known->folder, NEW_NAME, known->folder, FILE_NAME) != 0)
        return disk_failed(err, WHAT, "give it its name");
    return disk_folder_sync(known->folder, WHAT, err);
}

/* Under the lock. */
static bool is_due(const lra_known *known, auth_time now)
{
    bool is_late = now - known->saved_at >= LRA_KNOWN_SAVE_S || now < known->saved_at;
    return known->table.office.path[0] != '\0' &&
           (known->is_changed || (known->is_touched && is_late));
}

auth_status lra_known_save(lra_known *known, auth_time now, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(LRA_KNOWN_TEXT_MAX, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    (void)pthread_mutex_lock(&known->lock);
    bool is_wanted = is_due(known, now);
    if (is_wanted) {
        status = lra_known_text_write(&known->table, known->realm, known->office, text, err);
        known->is_changed = known->is_touched = false;
        known->saved_at = now;
    }
    (void)pthread_mutex_unlock(&known->lock);
    if (is_wanted && status == AUTH_STATUS_OK)
        status = replace(known, auth_buf_bytes(text), err);
    if (status != AUTH_STATUS_OK) {
        (void)pthread_mutex_lock(&known->lock);
        known->is_changed = true;
        (void)pthread_mutex_unlock(&known->lock);
    }
    return status;
}
