/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

auth_status realm_path_join(const char *dir, const char *folder, const char *name,
                            const char *ending, char out[REALM_PATH_SIZE], auth_error *err)
{
    int len = folder == NULL
                  ? snprintf(out, REALM_PATH_SIZE, "%s/%s%s", dir, name, ending)
                  : snprintf(out, REALM_PATH_SIZE, "%s/%s/%s%s", dir, folder, name, ending);
    if (len > 0 && len < REALM_PATH_SIZE)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_LIMIT,
                          "realm: the path of its folder is too long; choose a shorter one");
}

static auth_status read_all(int file, const char *path, auth_buf *out, auth_error *err)
{
    uint8_t part[4096];
    for (;;) {
        ssize_t got = read(file, part, sizeof part);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return auth_error_set(err, AUTH_STATUS_IO, "%s: cannot be read: %s; look at its disk",
                                  path, strerror(errno));
        if (got == 0)
            return AUTH_STATUS_OK;
        auth_status status = auth_buf_append(out, (auth_bytes){part, (size_t)got}, err);
        if (status != AUTH_STATUS_OK) {
            auth_error_context(err, "%s", path);
            return status;
        }
    }
}

auth_status realm_file_read(const char *path, auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *made = NULL;
    struct stat info;
    auth_status status = auth_buf_new(REALM_FILE_MAX, &made, err);
    if (status != AUTH_STATUS_OK)
        return status;
    /* O_NONBLOCK: a FIFO of this name must not make us wait for who writes it. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 && errno == ENOENT)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "%s: is not there; name a folder that 'auth realm init' made, or "
                              "restore it",
                              path);
    if (file < 0)
        return auth_error_set(err, errno == EACCES ? AUTH_STATUS_DENIED : AUTH_STATUS_IO,
                              "%s: cannot be opened: %s; look at its owner and permissions", path,
                              strerror(errno));
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
        status = auth_error_set(err, AUTH_STATUS_IO, "%s: is no regular file; restore it", path);
    else
        status = read_all(file, path, made, err);
    (void)close(file);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}
