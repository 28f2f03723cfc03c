/* SPDX-License-Identifier: Apache-2.0 */
#include "embed_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK "cluster"
#define MARK_TEXT "PostgreSQL cluster of a libauth registry; see 'auth registry embed --help'\n"

/*
 * pg_ctl hands paths to a shell inside double quotes, and PostgreSQL parts lists of directories at
 * commas.
 */
#define FORBIDDEN "\"'`$\\,"

void place_path(const embed_place *place, const char *name, char out[PLACE_PATH_SIZE])
{
    (void)snprintf(out, PLACE_PATH_SIZE, "%s/%s", place->dir, name);
}

static auth_status refuse(auth_error *err, const char *path, int error)
{
    auth_status status = error == ENOENT || error == ENOTDIR ? AUTH_STATUS_NOT_FOUND
                         : error == EACCES || error == EPERM ? AUTH_STATUS_DENIED
                                                             : AUTH_STATUS_IO;
    return auth_error_set(err, status, "%s: %s", path, strerror(error));
}

static auth_status resolve(const char *dir, embed_place *out, auth_error *err)
{
    char path[PATH_MAX];
    if (realpath(dir, path) == NULL)
        return refuse(err, dir, errno);
    for (const char *at = path; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f || strchr(FORBIDDEN, *at) != NULL) {
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "%s: the path holds a control character or one of %s, which "
                                  "PostgreSQL's programs cannot take; choose another directory",
                                  path, FORBIDDEN);
        }
    }
    if (strlen(path) >= sizeof out->dir) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "%s: the path is longer than %d octets; choose a shorter one", path,
                              PLACE_DIR_MAX - 1);
    }
    (void)snprintf(out->dir, sizeof out->dir, "%s", path);
    return AUTH_STATUS_OK;
}

bool place_has(const embed_place *place, const char *name)
{
    char path[PLACE_PATH_SIZE];
    struct stat file;
    place_path(place, name, path);
    return lstat(path, &file) == 0;
}

auth_status place_find(const char *dir, embed_place *out, auth_error *err)
{
    embed_place place;
    auth_status status = resolve(dir, &place, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!place_has(&place, MARK)) {
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "%s: holds no cluster of a registry; make one with 'auth registry "
                              "embed'",
                              place.dir);
    }
    *out = place;
    return AUTH_STATUS_OK;
}

/* The name of something that stands in a directory; "" when there is nothing. */
static auth_status find_entry(const char *dir, char name[NAME_MAX + 1], auth_error *err)
{
    DIR *entries = opendir(dir);
    if (entries == NULL)
        return refuse(err, dir, errno);
    name[0] = '\0';
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)snprintf(name, NAME_MAX + 1, "%s", entry->d_name);
    }
    (void)closedir(entries);
    return AUTH_STATUS_OK;
}

static bool may_enter(const struct stat *folder, const registry_account *as)
{
    mode_t bit = folder->st_uid == as->uid   ? S_IXUSR
                 : folder->st_gid == as->gid ? S_IXGRP
                                             : S_IXOTH;
    return as->uid == 0 || (folder->st_mode & bit) != 0;
}

/* The server runs as somebody else than root, who made the way there. */
static auth_status check_way(const embed_place *place, const registry_account *as, auth_error *err)
{
    char path[PLACE_DIR_MAX];
    size_t len = strlen(place->dir);
    for (size_t i = 1; i <= len; i++) {
        if (i < len && place->dir[i] != '/')
            continue;
        (void)snprintf(path, sizeof path, "%.*s", (int)i, place->dir);
        struct stat folder;
        if (stat(path, &folder) != 0)
            return refuse(err, path, errno);
        if (!may_enter(&folder, as)) {
            return auth_error_set(err, AUTH_STATUS_DENIED,
                                  "%s: account %s, as which the server runs, may not enter %s; run "
                                  "'chmod o+x' on it or choose a directory under /var/lib",
                                  place->dir, as->name, path);
        }
    }
    return AUTH_STATUS_OK;
}

auth_status place_claim(const char *dir, const registry_account *as, embed_place *out,
                        auth_error *err)
{
    embed_place place;
    char entry[NAME_MAX + 1];
    mode_t mode = as->uid == geteuid() ? 0700 : 0711;
    if (mkdir(dir, mode) != 0 && errno != EEXIST) {
        int error = errno;
        auth_status status = refuse(err, dir, error);
        if (error == ENOENT)
            auth_error_context(err, "the folder around it must be there");
        return status;
    }
    auth_status status = resolve(dir, &place, err);
    if (status == AUTH_STATUS_OK)
        status = check_way(&place, as, err);
    if (status == AUTH_STATUS_OK)
        status = find_entry(place.dir, entry, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!place_has(&place, MARK) && entry[0] != '\0' && strcmp(entry, MARK ".new") != 0) {
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "%s: holds something else (%s), which is left alone; name a new or "
                              "empty directory",
                              place.dir, entry);
    }
    if (!place_has(&place, MARK))
        status = place_write(&place, MARK, MARK_TEXT, err);
    if (status == AUTH_STATUS_OK)
        *out = place;
    return status;
}

/* Makes a directory, or takes one that is as's, and closes it to everybody else. */
static auth_status make_folder(const char *path, const registry_account *as, auth_error *err)
{
    struct stat folder;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return refuse(err, path, errno);
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return refuse(err, path, errno);
    auth_status status = AUTH_STATUS_OK;
    if (fstat(descriptor, &folder) != 0)
        status = refuse(err, path, errno);
    else if (folder.st_uid != as->uid && folder.st_uid != geteuid())
        status = auth_error_set(err, AUTH_STATUS_DENIED,
                                "%s: belongs to user %u; it must be %s's: run 'chown' on it", path,
                                (unsigned)folder.st_uid, as->name);
    else if (fchown(descriptor, as->uid, as->gid) != 0 || fchmod(descriptor, 0700) != 0)
        status = refuse(err, path, errno);
    (void)close(descriptor);
    return status;
}

auth_status place_folder(const embed_place *place, const char *name, const registry_account *as,
                         auth_error *err)
{
    char path[PLACE_PATH_SIZE];
    place_path(place, name, path);
    return make_folder(path, as, err);
}

auth_status place_sync(const embed_place *place, auth_error *err)
{
    int descriptor = open(place->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return refuse(err, place->dir, errno);
    int error = fsync(descriptor) == 0 ? 0 : errno;
    (void)close(descriptor);
    return error == 0 ? AUTH_STATUS_OK : refuse(err, place->dir, error);
}

static int write_all(int descriptor, const char *text)
{
    for (size_t len = strlen(text); len > 0;) {
        ssize_t written = write(descriptor, text, len);
        if (written < 0 && errno != EINTR)
            return errno;
        text += written > 0 ? written : 0;
        len -= written > 0 ? (size_t)written : 0;
    }
    return fsync(descriptor) == 0 ? 0 : errno;
}

auth_status place_write(const embed_place *place, const char *name, const char *text,
                        auth_error *err)
{
    char path[PLACE_PATH_SIZE];
    char fresh[PLACE_PATH_SIZE + 8];
    place_path(place, name, path);
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    int descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (descriptor < 0)
        return refuse(err, fresh, errno);
    int error = write_all(descriptor, text);
    if (close(descriptor) != 0 && error == 0)
        error = errno;
    if (error == 0 && rename(fresh, path) != 0)
        error = errno;
    return error == 0 ? place_sync(place, err) : refuse(err, path, error);
}

auth_status place_read(const embed_place *place, const char *name, char *out, size_t size,
                       auth_error *err)
{
    char path[PLACE_PATH_SIZE];
    place_path(place, name, path);
    int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return refuse(err, path, errno);
    ssize_t len = read(descriptor, out, size - 1);
    int error = errno;
    (void)close(descriptor);
    if (len < 0)
        return refuse(err, path, error);
    while (len > 0 && out[len - 1] == '\n')
        len--;
    out[len] = '\0';
    return AUTH_STATUS_OK;
}

auth_status place_lock(const embed_place *place, int *out, auth_error *err)
{
    char path[PLACE_PATH_SIZE];
    place_path(place, "lock", path);
    int descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return refuse(err, path, errno);
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        int error = errno;
        (void)close(descriptor);
        if (error != EWOULDBLOCK)
            return refuse(err, path, error);
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "%s: somebody is starting or stopping this cluster just now; try "
                              "again",
                              place->dir);
    }
    *out = descriptor;
    return AUTH_STATUS_OK;
}
