/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)1 << 16)

static bool is_dash(const char *path) { return path == NULL || strcmp(path, "-") == 0; }

static const char *input_name(const char *path)
{
    return is_dash(path) ? _("standard input") : path;
}

static auth_status read_failed(const char *path, auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_IO,
                          _("cannot read %s: %s; name a file that can be read"), input_name(path),
                          strerror(errno));
}

static auth_status read_chunks(FILE *in, const char *path, auth_buf *out, auth_error *err)
{
    for (;;) {
        uint8_t *chunk = NULL;
        size_t before = auth_buf_bytes(out).len;
        auth_status status = auth_buf_extend(out, CHUNK, &chunk, err);
        if (status != AUTH_STATUS_OK)
            return status;
        errno = 0;
        size_t len = fread(chunk, 1, CHUNK, in);
        auth_buf_truncate(out, before + len);
        if (ferror(in) != 0)
            return read_failed(path, err);
        if (before + len > CLI_FILE_MAX)
            return auth_error_set(err, AUTH_STATUS_LIMIT,
                                  _("%s: more than %zu MiB; give a smaller file"), input_name(path),
                                  CLI_FILE_MAX >> 20);
        if (len < CHUNK)
            return AUTH_STATUS_OK;
    }
}

auth_status cli_file_read(const char *path, auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *found = NULL;
    auth_status status = auth_buf_new(CLI_FILE_MAX + 2 * CHUNK, &found, err);
    if (status != AUTH_STATUS_OK)
        return status;
    FILE *in = is_dash(path) ? stdin : fopen(path, "re");
    if (in == NULL)
        return read_failed(path, err);
    status = read_chunks(in, path, found, err);
    if (in != stdin)
        (void)fclose(in);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(found);
    return status;
}

static auth_status write_failed(const char *path, auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_IO,
                          _("cannot write %s: %s; name a place that can be written"), path,
                          strerror(errno));
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

/* A device or a pipe has its name already and cannot be replaced. */
static bool is_special(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode);
}

static auth_status write_special(const char *path, auth_bytes octets, auth_error *err)
{
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
        return write_failed(path, err);
    bool is_written = write_all(descriptor, octets);
    int error = errno;
    is_written = close(descriptor) == 0 && is_written;
    errno = error;
    return is_written ? AUTH_STATUS_OK : write_failed(path, err);
}

/* What mkostemp made is for its owner only; a file that is not private gets what umask leaves. */
static bool open_up(int descriptor, bool is_private)
{
    if (is_private)
        return true;
    mode_t mask = umask(0);
    (void)umask(mask);
    return fchmod(descriptor, 0666 & ~mask) == 0;
}

static auth_status write_beside(const char *path, char *beside, auth_bytes octets, bool is_private,
                                auth_error *err)
{
    int descriptor = mkostemp(beside, O_CLOEXEC);
    if (descriptor < 0)
        return write_failed(path, err);
    bool is_written =
        open_up(descriptor, is_private) && write_all(descriptor, octets) && fsync(descriptor) == 0;
    int error = errno;
    if (close(descriptor) != 0 && is_written) {
        error = errno;
        is_written = false;
    }
    if (is_written && rename(beside, path) == 0)
        return AUTH_STATUS_OK;
    errno = is_written ? errno : error;
    auth_status status = write_failed(path, err);
    (void)unlink(beside);
    return status;
}

auth_status cli_file_write(const char *path, auth_bytes octets, bool is_private, auth_error *err)
{
    if (is_dash(path)) {
        if (fwrite(octets.data, 1, octets.len, stdout) == octets.len && fflush(stdout) == 0)
            return AUTH_STATUS_OK;
        return write_failed(_("standard output"), err);
    }
    if (is_special(path))
        return write_special(path, octets, err);
    char *beside = NULL;
    if (asprintf(&beside, "%s.XXXXXX", path) < 0)
        return auth_error_memory(err);
    auth_status status = write_beside(path, beside, octets, is_private, err);
    free(beside);
    return status;
}

/* A new name survives a loss of power only when its folder was written, too. */
static bool sync_folder(const char *path)
{
    char *copy = strdup(path);
    int descriptor = copy == NULL ? -1 : open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_done = descriptor >= 0 && fsync(descriptor) == 0;
    int error = errno;
    if (descriptor >= 0)
        (void)close(descriptor);
    free(copy);
    errno = error;
    return is_done;
}

auth_status cli_file_create(const char *path, auth_bytes octets, auth_error *err)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0 && errno == EEXIST)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              _("%s is there already and is not overwritten; choose another name"),
                              path);
    if (descriptor < 0)
        return write_failed(path, err);
    bool is_written = write_all(descriptor, octets) && fsync(descriptor) == 0;
    int error = errno;
    if (close(descriptor) != 0 && is_written) {
        error = errno;
        is_written = false;
    }
    if (is_written && sync_folder(path))
        return AUTH_STATUS_OK;
    errno = is_written ? errno : error;
    auth_status status = write_failed(path, err);
    (void)unlink(path);
    return status;
}
