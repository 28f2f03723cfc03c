/* SPDX-License-Identifier: Apache-2.0 */
#include "refused.h"

#include "disk/file.h"
#include "registry/ledger_body.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "refused"
#define WHAT "spool file of a refusal"
#define NEW_NAME "new"
/* "12 1767225600 " and the text; "12@7 1767225600 " when it is the matter of item 7 alone. */
#define FILE_SIZE (AUTH_ERROR_TEXT_SIZE + 64)
#define ITEM_SIZE 24
#define UUID_LEN 36

/* A refusal that is remembered, and since when. */
typedef struct mark {
    uint8_t id[LRA_SPOOL_ID_SIZE];
    auth_time at;
} mark;

struct lra_refused {
    pthread_mutex_t lock;
    disk_fd folder;
    size_t count; /* of marks */
    mark marks[LRA_REFUSED_MAX];
};

/* "@7" in front of *rest, or nothing: what follows is *rest then. */
static bool read_item(char **rest, size_t *out)
{
    *out = AUTH_REQUEST_NOWHERE;
    if (**rest != '@')
        return true;
    const char *digits = *rest + 1;
    *out = strtoul(digits, rest, 10);
    return digits[0] >= '0' && digits[0] <= '9' && *out < AUTH_REQUEST_ITEMS_MAX;
}

static bool read_refusal(char *text, lra_refusal *out)
{
    char *rest = NULL;
    char *end = strchr(text, '\n');
    long reason = strtol(text, &rest, 10);
    if (end == NULL || end[1] != '\0' || !read_item(&rest, &out->item) || *rest != ' ' ||
        reason < 0 || reason > UINT8_MAX ||
        auth_request_reason_name((auth_request_reason)reason)[0] == '\0')
        return false;
    char *after = NULL;
    long long at = strtoll(rest + 1, &after, 10);
    *end = '\0';
    if (after == rest + 1 || *after != ' ' || strlen(after + 1) >= sizeof out->text)
        return false;
    out->reason = (auth_request_reason)reason;
    out->at = at;
    (void)snprintf(out->text, sizeof out->text, "%s", after + 1);
    return true;
}

static auth_status read_file(int folder, const char *name, lra_refusal *out, auth_error *err)
{
    char text[FILE_SIZE] = "";
    AUTH_AUTO(disk_fd) file = -1;
    uint64_t size = 0;
    size_t got = 0;
    auth_status status = disk_file_open(folder, name, O_RDONLY, WHAT, &file, &size, err);
    if (status == AUTH_STATUS_OK)
        status = disk_read(file, 0, (uint8_t *)text, sizeof text - 1, WHAT, &got, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (got != size || strlen(text) != got || !read_refusal(text, out))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              WHAT ": it is damaged; ask for the request at the registry");
    return AUTH_STATUS_OK;
}

static mark *find_mark(lra_refused *refused, const uint8_t id[LRA_SPOOL_ID_SIZE])
{
    for (size_t i = 0; i < refused->count; i++) {
        if (memcmp(refused->marks[i].id, id, LRA_SPOOL_ID_SIZE) == 0)
            return &refused->marks[i];
    }
    return NULL;
}

/*
 * The one that was refused first gives way. The times in ids do not count: those are their makers',
 * who could push the refusals of others out by them.
 */
static void make_room(lra_refused *refused)
{
    char name[UUID_LEN + 1];
    mark *oldest = &refused->marks[0];
    if (refused->count < LRA_REFUSED_MAX)
        return;
    for (size_t i = 1; i < refused->count; i++) {
        if (refused->marks[i].at < oldest->at)
            oldest = &refused->marks[i];
    }
    registry_uuid_format(oldest->id, name);
    /* One that cannot be removed is met again at the next opening. */
    (void)unlinkat(refused->folder, name, 0);
    *oldest = refused->marks[--refused->count];
}

/* A damaged one is the first to give way. */
static void take(lra_refused *refused, const char *name)
{
    lra_refusal found;
    auth_error ignored;
    mark met = {.at = 0};
    if (!registry_uuid_parse(auth_bytes_from_text(name), met.id))
        return;
    if (read_file(refused->folder, name, &found, &ignored) == AUTH_STATUS_OK)
        met.at = found.at;
    make_room(refused);
    refused->marks[refused->count++] = met;
}

static auth_status load(lra_refused *refused, auth_error *err)
{
    int again = openat(refused->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = again < 0 ? NULL : fdopendir(again);
    if (names == NULL) {
        auth_status status = disk_failed(err, WHAT, "list the folder");
        disk_fd_cleanup(&again);
        return status;
    }
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own */
    for (const struct dirent *entry = readdir(names); entry != NULL; entry = readdir(names))
        take(refused, entry->d_name);
    (void)closedir(names);
    return AUTH_STATUS_OK;
}

auth_status lra_refused_open(const char *spool, lra_refused **out, auth_error *err)
{
    AUTH_AUTO(disk_fd) folder = -1;
    lra_refused *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->folder = -1;
    (void)pthread_mutex_init(&made->lock, NULL);
    auth_status status = disk_folder_open(AT_FDCWD, spool, "spool folder", &folder, err);
    if (status == AUTH_STATUS_OK)
        status = disk_folder_make(folder, FOLDER, "spool folder refused", &made->folder, err);
    if (status == AUTH_STATUS_OK)
        status = load(made, err);
    if (status == AUTH_STATUS_OK)
        *out = made;
    else
        lra_refused_free(made);
    return status;
}

void lra_refused_free(lra_refused *refused)
{
    if (refused == NULL)
        return;
    disk_fd_cleanup(&refused->folder);
    (void)pthread_mutex_destroy(&refused->lock);
    free(refused);
}

static auth_status store(lra_refused *refused, const uint8_t id[LRA_SPOOL_ID_SIZE], auth_time at,
                         auth_bytes text, auth_error *err)
{
    char name[UUID_LEN + 1];
    mark *known = find_mark(refused, id);
    if (known == NULL)
        make_room(refused);
    registry_uuid_format(id, name);
    (void)unlinkat(refused->folder, NEW_NAME, 0);
    auth_status status = disk_file_create(refused->folder, NEW_NAME, text, WHAT, err);
    if (status == AUTH_STATUS_OK && renameat(refused->folder, NEW_NAME, refused->folder, name) != 0)
        status = disk_failed(err, WHAT, "give it its name");
    if (status != AUTH_STATUS_OK)
        return status;
    if (known == NULL) {
        known = &refused->marks[refused->count++];
        memcpy(known->id, id, LRA_SPOOL_ID_SIZE);
    }
    known->at = at;
    return disk_folder_sync(refused->folder, WHAT, err);
}

auth_status lra_refused_note(lra_refused *refused, const uint8_t id[LRA_SPOOL_ID_SIZE],
                             const lra_refusal *refusal, auth_error *err)
{
    char text[FILE_SIZE];
    char item[ITEM_SIZE] = "";
    if (refusal->item != AUTH_REQUEST_NOWHERE)
        (void)snprintf(item, sizeof item, "@%zu", refusal->item);
    int len = snprintf(text, sizeof text, "%d%s %lld %s\n", (int)refusal->reason, item,
                       (long long)refusal->at, refusal->text);
    (void)pthread_mutex_lock(&refused->lock);
    auth_status status =
        store(refused, id, refusal->at, (auth_bytes){(const uint8_t *)text, (size_t)len}, err);
    (void)pthread_mutex_unlock(&refused->lock);
    return status;
}

auth_status lra_refused_find(lra_refused *refused, const uint8_t id[LRA_SPOOL_ID_SIZE],
                             lra_refusal *out, auth_error *err)
{
    char name[UUID_LEN + 1];
    registry_uuid_format(id, name);
    return read_file(refused->folder, name, out, err);
}

static auth_status forget(lra_refused *refused, mark *gone, auth_error *err)
{
    char name[UUID_LEN + 1];
    registry_uuid_format(gone->id, name);
    if (unlinkat(refused->folder, name, 0) != 0 && errno != ENOENT)
        return disk_failed(err, WHAT, "remove it");
    *gone = refused->marks[--refused->count];
    return disk_folder_sync(refused->folder, WHAT, err);
}

auth_status lra_refused_forget(lra_refused *refused, const uint8_t id[LRA_SPOOL_ID_SIZE],
                               auth_error *err)
{
    (void)pthread_mutex_lock(&refused->lock);
    mark *known = find_mark(refused, id);
    auth_status status = known == NULL ? AUTH_STATUS_OK : forget(refused, known, err);
    (void)pthread_mutex_unlock(&refused->lock);
    return status;
}

size_t lra_refused_count(lra_refused *refused)
{
    (void)pthread_mutex_lock(&refused->lock);
    size_t count = refused->count;
    (void)pthread_mutex_unlock(&refused->lock);
    return count;
}
