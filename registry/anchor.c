/* SPDX-License-Identifier: Apache-2.0 */
#include "anchor.h"
#include "ledger_head.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static auth_status failed(const char *path, const char *what, auth_error *err)
{
    int error = errno;
    auth_status status = error == EACCES || error == EPERM ? AUTH_STATUS_DENIED
                         : error == ENOENT                 ? AUTH_STATUS_NOT_FOUND
                                                           : AUTH_STATUS_IO;
    return auth_error_set(err, status,
                          "%s: the anchor file cannot be %s: %s; look at its disk and "
                          "permissions",
                          path, what, strerror(error));
}

/* Finds where the last whole line ends. */
static bool find_end(int descriptor, off_t size, off_t *out)
{
    char block[4096];
    for (off_t at = size; at > 0;) {
        size_t len = at < (off_t)sizeof block ? (size_t)at : sizeof block;
        if (pread(descriptor, block, len, at - (off_t)len) != (ssize_t)len)
            return false;
        const char *last = memrchr(block, '\n', len);
        if (last != NULL) {
            *out = at - (off_t)len + (last - block) + 1;
            return true;
        }
        at -= (off_t)len;
    }
    *out = 0;
    return true;
}

/* Removes the beginning of a line that a crash left. */
static bool mend_end(int descriptor)
{
    struct stat file;
    off_t end = 0;
    if (fstat(descriptor, &file) != 0 || !find_end(descriptor, file.st_size, &end))
        return false;
    return end == file.st_size || ftruncate(descriptor, end) == 0;
}

/* In one call, so that lines of two processes do not mix. */
static bool write_line(int descriptor, auth_bytes head)
{
    char *line = malloc(head.len + 1);
    if (line == NULL)
        return false;
    memcpy(line, head.data, head.len);
    line[head.len] = '\n';
    ssize_t written = write(descriptor, line, head.len + 1);
    free(line);
    if (written >= 0 && (size_t)written != head.len + 1)
        errno = ENOSPC;
    return written >= 0 && (size_t)written == head.len + 1;
}

/* A new name lasts only when its folder is on disk too. */
static bool sync_folder(const char *path)
{
    char *folder = strdup(path);
    char *slash = folder == NULL ? NULL : strrchr(folder, '/');
    if (folder == NULL)
        return false;
    if (slash != NULL)
        slash[1] = '\0';
    int descriptor = open(slash == NULL ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    bool is_done = descriptor >= 0 && fsync(descriptor) == 0;
    if (descriptor >= 0)
        (void)close(descriptor);
    return is_done;
}

static bool append(const char *path, int descriptor, auth_bytes head)
{
    struct stat file;
    if (flock(descriptor, LOCK_EX) != 0 || !mend_end(descriptor) || fstat(descriptor, &file) != 0)
        return false;
    return write_line(descriptor, head) && fsync(descriptor) == 0 &&
           (file.st_size > 0 || sync_folder(path));
}

auth_status registry_anchor_append(const char *path, auth_bytes head, auth_error *err)
{
    int descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0)
        return failed(path, "opened", err);
    auth_status status =
        append(path, descriptor, head) ? AUTH_STATUS_OK : failed(path, "written", err);
    (void)close(descriptor);
    return status;
}

#define LINE_SIZE (REGISTRY_LEDGER_HEAD_MAX + 2)

struct registry_anchor {
    FILE *in;
    char *path;
    uint64_t line;
    int64_t left; /* octets up to the end that it had when it was opened */
    char text[LINE_SIZE];
};

auth_status registry_anchor_open(const char *path, registry_anchor **out, auth_error *err)
{
    AUTH_AUTO(registry_anchor) *made = calloc(1, sizeof *made);
    if (made == NULL || (made->path = strdup(path)) == NULL)
        return auth_error_memory(err);
    made->in = fopen(path, "re");
    struct stat file;
    if (made->in == NULL || fstat(fileno(made->in), &file) != 0)
        return failed(path, "read", err);
    made->left = file.st_size;
    *out = AUTH_TAKE(made);
    return AUTH_STATUS_OK;
}

void registry_anchor_free(registry_anchor *anchor)
{
    if (anchor == NULL)
        return;
    if (anchor->in != NULL)
        (void)fclose(anchor->in);
    free(anchor->path);
    free(anchor);
}

const char *registry_anchor_path(const registry_anchor *anchor) { return anchor->path; }

auth_status registry_anchor_next(registry_anchor *anchor, uint64_t *line, auth_bytes *out,
                                 auth_error *err)
{
    *out = (auth_bytes){NULL, 0};
    errno = 0;
    if (anchor->left <= 0)
        return AUTH_STATUS_OK;
    if (fgets(anchor->text, LINE_SIZE, anchor->in) == NULL)
        return ferror(anchor->in) != 0 ? failed(anchor->path, "read", err) : AUTH_STATUS_OK;
    size_t len = strlen(anchor->text);
    bool is_whole = len > 0 && anchor->text[len - 1] == '\n';
    anchor->left -= (int64_t)len;
    if (!is_whole && feof(anchor->in) != 0)
        return AUTH_STATUS_OK;
    *line = ++anchor->line;
    *out = (auth_bytes){(const uint8_t *)anchor->text, is_whole ? len - 1 : len};
    return AUTH_STATUS_OK;
}
