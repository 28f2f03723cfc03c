/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define OTHERS (S_IRWXG | S_IRWXO)

void disk_fd_cleanup(const disk_fd *descriptor)
{
    int error = errno;
    if (*descriptor >= 0)
        (void)close(*descriptor);
    errno = error;
}

static const char *remedy(int error)
{
    if (error == ENOSPC || error == EDQUOT)
        return "make room on its disk";
    if (error == EIO)
        return "look at the disk and the kernel's log before going on";
    return "look at the folder, its disk and its permissions";
}

auth_status disk_failed(auth_error *err, const char *what, const char *verb)
{
    int error = errno;
    auth_status status = auth_error_set(err, AUTH_STATUS_IO, "%s: cannot %s: %s; %s", what, verb,
                                        strerror(error), remedy(error));
    errno = error;
    return status;
}

static auth_status not_there(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND, "%s: is not there; name one that is", what);
}

static auth_status not_private(auth_error *err, const char *what, const char *rule)
{
    return auth_error_set(err, AUTH_STATUS_DENIED, "%s: %s; nobody else may change or read it",
                          what, rule);
}

/* Who may write here may replace what is journalled or kept, and who may read sees it. */
static auth_status check_owner(const struct stat *info, const char *what, auth_error *err)
{
    if (info->st_uid != geteuid())
        return not_private(err, what, "belongs to another user");
    if ((info->st_mode & OTHERS) != 0)
        return not_private(err, what, "is open to group or others");
    return AUTH_STATUS_OK;
}

auth_status disk_folder_open(int parent, const char *path, const char *what, disk_fd *out,
                             auth_error *err)
{
    struct stat info;
    AUTH_AUTO(disk_fd)
    found = openat(parent, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (found < 0 && errno == ENOENT)
        return not_there(err, what);
    if (found < 0 && (errno == ELOOP || errno == ENOTDIR))
        return not_private(err, what, "is no folder but something else, as a symbolic link");
    if (found < 0 || fstat(found, &info) != 0)
        return disk_failed(err, what, "open the folder");
    auth_status status = check_owner(&info, what, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = found;
    found = -1;
    return AUTH_STATUS_OK;
}

auth_status disk_folder_make(int parent, const char *name, const char *what, disk_fd *out,
                             auth_error *err)
{
    if (mkdirat(parent, name, S_IRWXU) == 0) {
        auth_status status = disk_folder_sync(parent, what, err);
        if (status != AUTH_STATUS_OK)
            return status;
    } else if (errno != EEXIST) {
        return disk_failed(err, what, "make the folder");
    }
    return disk_folder_open(parent, name, what, out, err);
}

auth_status disk_lock(int descriptor, const char *what, auth_error *err)
{
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        return AUTH_STATUS_OK;
    if (errno == EWOULDBLOCK)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "%s: another process works with it; stop that one first", what);
    return disk_failed(err, what, "lock it");
}

auth_status disk_file_open(int folder, const char *name, int flags, const char *what, disk_fd *out,
                           uint64_t *size, auth_error *err)
{
    struct stat info;
    /* O_NONBLOCK: a FIFO of this name must not make us wait for who writes it. */
    AUTH_AUTO(disk_fd)
    found = openat(folder, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (found < 0 && errno == ENOENT)
        return not_there(err, what);
    if (found < 0 && (errno == ELOOP || errno == ENXIO || errno == EISDIR))
        return not_private(err, what, "is no regular file");
    if (found < 0 || fstat(found, &info) != 0)
        return disk_failed(err, what, "open it");
    if (!S_ISREG(info.st_mode))
        return not_private(err, what, "is no regular file");
    if (info.st_nlink != 1)
        return not_private(err, what, "has a second name");
    auth_status status = check_owner(&info, what, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *size = (uint64_t)info.st_size;
    *out = found;
    found = -1;
    return AUTH_STATUS_OK;
}

static auth_status write_and_sync(int descriptor, auth_bytes octets, const char *what,
                                  auth_error *err)
{
    auth_status status = disk_write(descriptor, octets, what, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return fsync(descriptor) == 0 ? AUTH_STATUS_OK : disk_failed(err, what, "sync it");
}

auth_status disk_file_create(int folder, const char *name, auth_bytes octets, const char *what,
                             auth_error *err)
{
    AUTH_AUTO(disk_fd)
    made = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  S_IRUSR | S_IWUSR);
    if (made < 0 && errno == EEXIST)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "%s: is there already and is not overwritten; look what it is", what);
    if (made < 0)
        return disk_failed(err, what, "make it");
    auth_status status = write_and_sync(made, octets, what, err);
    if (status != AUTH_STATUS_OK) {
        int error = errno;
        (void)unlinkat(folder, name, 0);
        errno = error;
    }
    return status;
}

auth_status disk_write(int descriptor, auth_bytes octets, const char *what, auth_error *err)
{
    while (octets.len > 0) {
        ssize_t written = write(descriptor, octets.data, octets.len);
        if (written == 0)
            errno = ENOSPC;
        if (written == 0 || (written < 0 && errno != EINTR))
            return disk_failed(err, what, "write");
        if (written > 0) {
            octets.data += written;
            octets.len -= (size_t)written;
        }
    }
    return AUTH_STATUS_OK;
}

auth_status disk_read(int descriptor, uint64_t offset, uint8_t *out, size_t len, const char *what,
                      size_t *got, auth_error *err)
{
    size_t done = 0;
    while (done < len) {
        ssize_t count = pread(descriptor, out + done, len - done, (off_t)(offset + done));
        if (count < 0 && errno != EINTR)
            return disk_failed(err, what, "read");
        if (count == 0)
            break;
        if (count > 0)
            done += (size_t)count;
    }
    *got = done;
    return AUTH_STATUS_OK;
}

auth_status disk_folder_sync(int folder, const char *what, auth_error *err)
{
    return fsync(folder) == 0 ? AUTH_STATUS_OK : disk_failed(err, what, "sync its folder");
}
