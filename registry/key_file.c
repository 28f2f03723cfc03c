/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A symbolic link is followed, since that is how keys are exchanged and mounted; what counts is
 * checked on the descriptor that is then read.
 */
#include "key_file.h"
#include "key_text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static auth_status check_file(const char *path, const struct stat *file, auth_error *err)
{
    if (!S_ISREG(file->st_mode)) {
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "%s: not a regular file; keys are read from files only", path);
    }
    if (file->st_uid != 0 && file->st_uid != geteuid()) {
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "%s: owned by user %u, who can read and replace it; make a copy of "
                              "your own",
                              path, (unsigned)file->st_uid);
    }
    if ((file->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "%s: others than its owner may use it (mode %04o); run 'chmod 600' "
                              "on it, and change to a new key if somebody may have read it",
                              path, (unsigned)file->st_mode & 07777U);
    }
    if (file->st_size <= 0 || (size_t)file->st_size > KEY_TEXT_MAX) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "%s: %lld octets are not the size of a key file; name the file that "
                              "holds the key",
                              path, (long long)file->st_size);
    }
    return AUTH_STATUS_OK;
}

static auth_status read_open(const char *path, int descriptor, auth_secret **out, auth_error *err)
{
    struct stat file;
    if (fstat(descriptor, &file) != 0)
        return auth_error_set(err, AUTH_STATUS_IO, "%s: %s", path, strerror(errno));
    auth_status status = check_file(path, &file, err);
    if (status != AUTH_STATUS_OK)
        return status;
    AUTH_AUTO(auth_secret) *content = NULL;
    size_t size = (size_t)file.st_size;
    status = auth_secret_new(size, &content, err);
    for (size_t len = 0; len < size && status == AUTH_STATUS_OK;) {
        ssize_t got = read(descriptor, auth_secret_data(content) + len, size - len);
        if (got > 0)
            len += (size_t)got;
        else if (got == 0 || errno != EINTR)
            status = auth_error_set(err, AUTH_STATUS_IO, "%s: %s; look at the disk", path,
                                    got == 0 ? "it became shorter" : strerror(errno));
    }
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(content);
    return status;
}

auth_status registry_key_file_read(const char *path, auth_secret **out, auth_error *err)
{
    /* A pipe in its place must not make the caller wait. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0) {
        int error = errno;
        auth_status status = error == ENOENT || error == ENOTDIR ? AUTH_STATUS_NOT_FOUND
                             : error == EACCES || error == EPERM ? AUTH_STATUS_DENIED
                                                                 : AUTH_STATUS_IO;
        return auth_error_set(err, status, "%s: %s; name a key file that can be read", path,
                              strerror(error));
    }
    auth_status status = read_open(path, descriptor, out, err);
    (void)close(descriptor);
    return status;
}

static bool write_all(int descriptor, auth_bytes octets)
{
    while (octets.len > 0) {
        ssize_t written = write(descriptor, octets.data, octets.len);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            octets.data += written;
            octets.len -= (size_t)written;
        }
    }
    return true;
}

/* A new name lasts only when its folder is on disk too. */
static bool sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (len >= sizeof folder)
        return false;
    memcpy(folder, path, len);
    folder[len] = '\0';
    int descriptor = open(len == 0 ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_done = descriptor >= 0 && fsync(descriptor) == 0;
    if (descriptor >= 0)
        (void)close(descriptor);
    return is_done;
}

auth_status registry_key_file_create(const char *path, auth_bytes text, auth_error *err)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0 && errno == EEXIST) {
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "%s: there is a file of this name; a key is never overwritten, so "
                              "name a new file",
                              path);
    }
    if (descriptor < 0)
        return auth_error_set(err, AUTH_STATUS_IO, "%s: it cannot be made: %s", path,
                              strerror(errno));
    bool is_done = write_all(descriptor, text) && fsync(descriptor) == 0 && sync_folder(path);
    int error = errno;
    is_done = close(descriptor) == 0 && is_done;
    if (is_done)
        return AUTH_STATUS_OK;
    (void)unlink(path);
    return auth_error_set(err, AUTH_STATUS_IO, "%s: it cannot be written: %s; look at the disk",
                          path, strerror(error));
}
