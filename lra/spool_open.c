/* SPDX-License-Identifier: Apache-2.0 */
#include "spool_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_COUNT 100000
#define DEFAULT_BYTES ((uint64_t)4 << 30)
#define DEFAULT_SENT 10000
#define DEFAULT_RETRY_S 600

/* A file as it is met in a folder. */
typedef struct met {
    const char *name;
    struct stat info;
} met;

typedef auth_status (*look)(lra_spool *spool, const met *file, auth_error *err);

/* A name that is not ours may hold anything, a person's number too: it is not repeated. */
static void tell_stranger(const lra_spool *spool, const met *file, const char *why)
{
    char name[40];
    (void)snprintf(name, sizeof name, "inode %" PRIuMAX, (uintmax_t)file->info.st_ino);
    spool_notify(spool, LRA_SPOOL_STRANGER, name, why);
}

/* Why a file is none of the spool's; NULL: it is one. */
static const char *strange(const met *file, spool_row *row)
{
    if (!S_ISREG(file->info.st_mode))
        return "it is no regular file";
    if (!spool_name_read(file->name, row->id, row->hash))
        return "its name is not that of a document";
    if (file->info.st_uid != geteuid())
        return "it belongs to another user";
    if ((file->info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return "it is open to group or others";
    if (file->info.st_nlink != 1)
        return "it has a second name";
    row->size = (uint64_t)file->info.st_size;
    return NULL;
}

static auth_status look_tmp(lra_spool *spool, const met *file, auth_error *err)
{
    spool_row row = {.size = 0};
    const char *why = strange(file, &row);
    if (why != NULL) {
        tell_stranger(spool, file, why);
        return AUTH_STATUS_OK;
    }
    if (unlinkat(spool->tmp, file->name, 0) != 0)
        return disk_failed(err, "spool", "remove a leftover in tmp");
    spool_notify(spool, LRA_SPOOL_LEFTOVER, file->name, "it was never acknowledged");
    return AUTH_STATUS_OK;
}

static auth_status take(lra_spool *spool, int folder, spool_list *list, const met *file,
                        auth_error *err)
{
    spool_row row = {.size = 0};
    const char *why = strange(file, &row);
    if (why != NULL) {
        tell_stranger(spool, file, why);
        return AUTH_STATUS_OK;
    }
    if (row.size == 0 || row.size > LRA_SPOOL_FILE_MAX)
        return spool_set_aside(spool, folder, file->name, row.size, "no document has its size",
                               err);
    if (spool_list_find(&spool->waiting, row.id) != NULL ||
        spool_list_find(&spool->delivered, row.id) != NULL)
        return spool_set_aside(spool, folder, file->name, row.size,
                               "another file has the same request id", err);
    auth_status status = spool_list_reserve(list, err);
    if (status != AUTH_STATUS_OK)
        return status;
    spool_list_add(list, &row);
    spool->bytes += row.size;
    return AUTH_STATUS_OK;
}

static auth_status look_new(lra_spool *spool, const met *file, auth_error *err)
{
    return take(spool, spool->new, &spool->waiting, file, err);
}

static auth_status look_sent(lra_spool *spool, const met *file, auth_error *err)
{
    return take(spool, spool->sent, &spool->delivered, file, err);
}

static auth_status look_bad(lra_spool *spool, const met *file, auth_error *err)
{
    (void)err;
    spool->bad_count++;
    spool->bytes += (uint64_t)file->info.st_size;
    return AUTH_STATUS_OK;
}

static bool is_dots(const char *name) { return strcmp(name, ".") == 0 || strcmp(name, "..") == 0; }

static auth_status walk(lra_spool *spool, DIR *names, look with, auth_error *err)
{
    /* What options allow, with room for strangers. */
    size_t left = 2 * spool->options.max_count + 1024;
    auth_status status = AUTH_STATUS_OK;
    while (status == AUTH_STATUS_OK) {
        errno = 0;
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own */
        const struct dirent *entry = readdir(names);
        if (entry == NULL)
            return errno == 0 ? AUTH_STATUS_OK : disk_failed(err, "spool", "list a folder");
        met file = {.name = entry->d_name};
        if (is_dots(entry->d_name))
            continue;
        if (left-- == 0)
            return auth_error_set(err, AUTH_STATUS_LIMIT,
                                  "spool: a folder holds far more files than the %zu that are "
                                  "allowed; look what they are",
                                  spool->options.max_count);
        if (fstatat(dirfd(names), entry->d_name, &file.info, AT_SYMLINK_NOFOLLOW) != 0)
            return disk_failed(err, "spool", "look at a file");
        status = with(spool, &file, err);
    }
    return status;
}

static auth_status read_folder(lra_spool *spool, int folder, look with, auth_error *err)
{
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = again < 0 ? NULL : fdopendir(again);
    if (names == NULL) {
        auth_status status = disk_failed(err, "spool", "list a folder");
        disk_fd_cleanup(&again);
        return status;
    }
    auth_status status = walk(spool, names, with, err);
    (void)closedir(names);
    return status;
}

static auth_status make_folders(lra_spool *spool, auth_error *err)
{
    auth_status status =
        disk_folder_make(spool->folder, "tmp", "spool folder tmp", &spool->tmp, err);
    if (status == AUTH_STATUS_OK)
        status = disk_folder_make(spool->folder, "new", "spool folder new", &spool->new, err);
    if (status == AUTH_STATUS_OK)
        status = disk_folder_make(spool->folder, "sent", "spool folder sent", &spool->sent, err);
    if (status == AUTH_STATUS_OK)
        status = disk_folder_make(spool->folder, "bad", "spool folder bad", &spool->bad, err);
    return status;
}

static auth_status load(lra_spool *spool, auth_error *err)
{
    /*
     * A process that was killed between a move and the sync of the folder acknowledged nothing; but
     * the same document may now be put again, is found here, and is acknowledged without a write.
     * The same holds of a process that had only just made the folders.
     */
    auth_status status = disk_folder_sync(spool->folder, "spool", err);
    if (status == AUTH_STATUS_OK)
        status = disk_folder_sync(spool->new, "spool", err);
    if (status == AUTH_STATUS_OK)
        status = read_folder(spool, spool->bad, look_bad, err);
    if (status == AUTH_STATUS_OK)
        status = read_folder(spool, spool->tmp, look_tmp, err);
    if (status == AUTH_STATUS_OK)
        status = read_folder(spool, spool->sent, look_sent, err);
    if (status == AUTH_STATUS_OK)
        status = read_folder(spool, spool->new, look_new, err);
    return status;
}

static void fill_in(lra_spool_options *options)
{
    if (options->max_count == 0)
        options->max_count = DEFAULT_COUNT;
    if (options->max_bytes == 0)
        options->max_bytes = DEFAULT_BYTES;
    if (options->max_sent == 0)
        options->max_sent = DEFAULT_SENT;
    if (options->retry_s == 0)
        options->retry_s = DEFAULT_RETRY_S;
}

static auth_status new_spool(const lra_spool_options *options, lra_spool **out, auth_error *err)
{
    AUTH_AUTO(lra_spool) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->folder = made->tmp = made->new = made->sent = made->bad = -1;
    made->options = *options;
    fill_in(&made->options);
    if (options->seal == NULL || options->open == NULL || options->retry_s < 0 ||
        made->options.max_count > LRA_SPOOL_COUNT_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "spool options: it needs a seal and its opening, at most %zu files "
                              "and a time to retry that is not negative",
                              LRA_SPOOL_COUNT_MAX);
    auth_status status = disk_hash_new(&made->hash, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}

auth_status lra_spool_open(const char *folder, const lra_spool_options *options, lra_spool **out,
                           auth_error *err)
{
    AUTH_AUTO(lra_spool) *made = NULL;
    auth_status status = new_spool(options, &made, err);
    if (status == AUTH_STATUS_OK)
        status = disk_folder_open(AT_FDCWD, folder, "spool folder", &made->folder, err);
    if (status == AUTH_STATUS_OK)
        status = disk_lock(made->folder, "spool", err);
    if (status == AUTH_STATUS_OK)
        status = make_folders(made, err);
    if (status == AUTH_STATUS_OK)
        status = load(made, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}
