/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/list_files.h"

#include "fetch/crl.h"
#include "fetch/fetcher.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "crl-"
#define NAME_SIZE (sizeof PREFIX + 1 + (size_t)2 * FETCH_KEY_SIZE)
#define MODE_OWNER 0600
#define MODE_GROUP 0660

struct list_files {
    int folder;
    bool is_group;
    size_t list_max;
    size_t total_max;
};

auth_status list_files_open(const char *folder, bool is_group, size_t list_max, size_t total_max,
                            list_files **out, auth_error *err)
{
    list_files *files = calloc(1, sizeof *files);
    if (files == NULL)
        return auth_error_memory(err);
    *files = (list_files){
        .folder = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
        .is_group = is_group,
        .list_max = list_max,
        .total_max = total_max,
    };
    if (files->folder < 0) {
        free(files);
        return auth_error_set(err, AUTH_STATUS_IO,
                              "cache folder: it cannot be opened: %s; look at the disk",
                              strerror(errno));
    }
    *out = files;
    return AUTH_STATUS_OK;
}

void list_files_free(list_files *files)
{
    if (files == NULL)
        return;
    (void)close(files->folder);
    free(files);
}

/* ".crl-<hex>" while it is written, "crl-<hex>" then. */
static const char *name_of(const uint8_t *key, char room[NAME_SIZE])
{
    size_t len = (size_t)snprintf(room, NAME_SIZE, "." PREFIX);
    for (size_t i = 0; i < FETCH_KEY_SIZE; i++)
        len += (size_t)snprintf(room + len, NAME_SIZE - len, "%02x", key[i]);
    return room + 1;
}

/* How long ago a file was written, by the clock on the wall, which may have been set since. */
static int64_t age_ms(const struct stat *about)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    int64_t seconds = (int64_t)now.tv_sec - (int64_t)about->st_mtim.tv_sec;
    return seconds < 0 ? 0 : seconds * 1000;
}

static auth_fetch_outcome read_octets(int file, size_t len, uint8_t **out, auth_error *err)
{
    size_t got = 0;
    ssize_t part = 1;
    uint8_t *octets = malloc(len + 1);
    if (octets == NULL) {
        (void)auth_error_memory(err);
        return AUTH_FETCH_OUTCOME_FAULT;
    }
    while (got < len && part > 0) {
        part = read(file, octets + got, len - got);
        got += part > 0 ? (size_t)part : 0;
    }
    if (got < len) {
        free(octets);
        return outcome_set(err, AUTH_FETCH_OUTCOME_NO_SOURCE, "the file is cut");
    }
    *out = octets;
    return AUTH_FETCH_OUTCOME_FOUND;
}

static auth_fetch_outcome read_list(const list_files *files, int file, const uint8_t *key,
                                    const fetch_issuer *issuer, fetch_list **out, auth_error *err)
{
    struct stat about;
    uint8_t *octets = NULL;
    AUTH_AUTO(auth_crl) *crl = NULL;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) ||
        (size_t)about.st_size > files->list_max)
        return outcome_set(err, AUTH_FETCH_OUTCOME_NO_SOURCE, "the file is not one of ours");
    size_t len = (size_t)about.st_size;
    auth_fetch_outcome outcome = read_octets(file, len, &octets, err);
    if (outcome != AUTH_FETCH_OUTCOME_FOUND)
        return outcome;
    outcome = crl_verify(issuer, (auth_bytes){octets, len}, &crl, err);
    free(octets);
    if (outcome != AUTH_FETCH_OUTCOME_FOUND)
        return outcome;
    if (list_new(key, crl, out, err) != AUTH_STATUS_OK)
        return AUTH_FETCH_OUTCOME_FAULT;
    (void)AUTH_TAKE(crl);
    (*out)->fetched_ms = fetch_clock_ms() - age_ms(&about);
    return AUTH_FETCH_OUTCOME_FOUND;
}

auth_fetch_outcome list_files_read(const list_files *files, const uint8_t key[FETCH_KEY_SIZE],
                                   const fetch_issuer *issuer, fetch_list **out, auth_error *err)
{
    char room[NAME_SIZE];
    int file =
        openat(files->folder, name_of(key, room), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return outcome_set(err, AUTH_FETCH_OUTCOME_NO_SOURCE, "there is no such file");
    auth_fetch_outcome outcome = read_list(files, file, key, issuer, out, err);
    (void)close(file);
    return outcome;
}

/* The lists in the folder. */
typedef struct listing {
    size_t count;
    size_t octets;
    char oldest[NAME_SIZE];
    struct timespec when;
} listing;

static bool is_before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

static void add(const list_files *files, const char *name, listing *all)
{
    struct stat about;
    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 || strlen(name) >= NAME_SIZE ||
        fstatat(files->folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (all->count == 0 || is_before(&about.st_mtim, &all->when)) {
        (void)snprintf(all->oldest, sizeof all->oldest, "%s", name);
        all->when = about.st_mtim;
    }
    all->count++;
    all->octets += (size_t)about.st_size;
}

static bool look_through(const list_files *files, listing *all)
{
    /* A descriptor of its own: reading a folder moves its place. */
    int copy = openat(files->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    if (stream == NULL) {
        if (copy >= 0)
            (void)close(copy);
        return false;
    }
    const struct dirent *entry = NULL;
    *all = (listing){0};
    while ((entry = readdir(stream)) != NULL)
        add(files, entry->d_name, all);
    (void)closedir(stream);
    return true;
}

/* The oldest go, until there is room for what is there. */
static void make_room(const list_files *files)
{
    listing all;
    for (size_t i = 0; i < FETCH_LISTS && look_through(files, &all); i++) {
        if (all.count <= FETCH_LISTS && all.octets <= files->total_max)
            return;
        if (unlinkat(files->folder, all.oldest, 0) != 0)
            return;
    }
}

static bool write_octets(int file, auth_bytes octets)
{
    while (octets.len > 0) {
        ssize_t written = write(file, octets.data, octets.len);
        if (written <= 0)
            return false;
        octets = (auth_bytes){octets.data + written, octets.len - (size_t)written};
    }
    return true;
}

/*
 * Whoever has the file's lock writes. One that comes to it just after it was renamed writes into
 * the file that others read; they find no signature then, and ask the server.
 */
void list_files_write(const list_files *files, const fetch_list *list)
{
    char room[NAME_SIZE];
    const char *name = name_of(list->key, room);
    int file = openat(files->folder, room, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
                      MODE_OWNER);
    if (file < 0)
        return;
    if (flock(file, LOCK_EX | LOCK_NB) == 0) {
        bool is_written = ftruncate(file, 0) == 0 &&
                          fchmod(file, files->is_group ? MODE_GROUP : MODE_OWNER) == 0 &&
                          write_octets(file, auth_crl_der(list->crl));
        if (!is_written || renameat(files->folder, room, files->folder, name) != 0)
            (void)unlinkat(files->folder, room, 0);
        make_room(files);
    }
    (void)close(file);
}
