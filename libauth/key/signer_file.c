/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and passphrases from files. A symbolic link is followed, since that is how keys are
 * exchanged and mounted; what counts is checked on the descriptor that is then read: a regular
 * file, owned by root or by who runs this, closed to everybody else. Where there are access control
 * lists, the group's bits are their mask, so no bits there means that none of them lets anybody in.
 */
#include "key/file.h"
#include "key/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_FILE_MAX ((size_t)64 * 1024)
#define PASSPHRASE_MAX 1024

static auth_status check_file(const char *path, const struct stat *file, auth_error *err)
{
    if (!S_ISREG(file->st_mode)) {
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "%s: not a regular file; secrets are read from files only", path);
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
                              "on it, and make a new key if somebody may have read it",
                              path, (unsigned)file->st_mode & 07777U);
    }
    return AUTH_STATUS_OK;
}

auth_status secret_file_open(const char *path, int *out, auth_error *err)
{
    /* A pipe in its place must not make the caller wait. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0) {
        int error = errno;
        auth_status status = error == ENOENT || error == ENOTDIR ? AUTH_STATUS_NOT_FOUND
                             : error == EACCES || error == EPERM ? AUTH_STATUS_DENIED
                                                                 : AUTH_STATUS_IO;
        return auth_error_set(err, status, "%s: %s; name a file that can be read", path,
                              strerror(error));
    }
    struct stat file;
    auth_status status = fstat(descriptor, &file) == 0
                             ? check_file(path, &file, err)
                             : auth_error_set(err, AUTH_STATUS_IO, "%s: %s", path, strerror(errno));
    if (status != AUTH_STATUS_OK) {
        (void)close(descriptor);
        return status;
    }
    *out = descriptor;
    return AUTH_STATUS_OK;
}

/* Reads until size octets or the end; -1 and errno on failure. */
static ssize_t read_all(int descriptor, uint8_t *out, size_t size)
{
    size_t len = 0;
    while (len < size) {
        ssize_t got = read(descriptor, out + len, size - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        len += (size_t)got;
    }
    return (ssize_t)len;
}

/* Whoever asks names the file itself. */
typedef struct file_ask {
    auth_passphrase_ask *ask;
    void *context;
    bool has_failed;
} file_ask;

static auth_status ask_for_file(void *context, const char *what, auth_secret **out, auth_error *err)
{
    file_ask *asked = context;
    auth_status status = asked->ask(asked->context, what, out, err);
    asked->has_failed = status != AUTH_STATUS_OK;
    return status;
}

auth_status auth_signer_load(const char *path, auth_passphrase_ask *ask, void *context,
                             auth_signer **out, auth_error *err)
{
    int descriptor = -1;
    AUTH_AUTO(auth_secret) *content = NULL;
    auth_status status = auth_secret_new(KEY_FILE_MAX + 1, &content, err);
    if (status == AUTH_STATUS_OK)
        status = secret_file_open(path, &descriptor, err);
    if (status != AUTH_STATUS_OK)
        return status;
    ssize_t len = read_all(descriptor, auth_secret_data(content), KEY_FILE_MAX + 1);
    int error = errno;
    (void)close(descriptor);
    if (len < 0)
        return auth_error_set(err, AUTH_STATUS_IO, "%s: %s", path, strerror(error));
    if ((size_t)len > KEY_FILE_MAX) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "%s: more than 64 KiB; name the file that holds the key", path);
    }
    auth_bytes pkcs8 = {auth_secret_data(content), (size_t)len};
    file_ask asked = {.ask = ask, .context = context};
    status = signer_parse_named(path, pkcs8, ask == NULL ? NULL : ask_for_file, &asked, out, err);
    if (status != AUTH_STATUS_OK && !asked.has_failed)
        auth_error_context(err, "%s", path);
    return status;
}

/*
 * Reads the first line, octet by octet, so that what follows it in a descriptor stays there for
 * whom it is meant. *len: without the line's end, LF or CR LF.
 */
static auth_status read_line(const char *name, int descriptor, uint8_t *out, size_t size,
                             size_t *len, auth_error *err)
{
    *len = 0;
    for (;;) {
        uint8_t octet = 0;
        ssize_t got = read_all(descriptor, &octet, 1);
        if (got < 0) {
            return auth_error_set(err, AUTH_STATUS_IO, "%s: no passphrase can be read: %s", name,
                                  strerror(errno));
        }
        if (got == 0 || octet == '\n')
            break;
        if (*len == size) {
            return auth_error_set(err, AUTH_STATUS_LIMIT,
                                  "%s: the passphrase has more than %d octets; its first line is "
                                  "taken, so put it there alone",
                                  name, PASSPHRASE_MAX);
        }
        out[(*len)++] = octet;
    }
    if (*len > 0 && out[*len - 1] == '\r')
        (*len)--;
    if (*len > PASSPHRASE_MAX) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "%s: the passphrase has more than %d octets; its first line is "
                              "taken, so put it there alone",
                              name, PASSPHRASE_MAX);
    }
    if (*len == 0) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "%s: the passphrase is empty; write it into the first line", name);
    }
    return AUTH_STATUS_OK;
}

auth_status auth_passphrase_read(const char *path, int descriptor, auth_secret **out,
                                 auth_error *err)
{
    AUTH_AUTO(auth_secret) *line = NULL;
    /* One more, for the CR of CR LF. */
    auth_status status = auth_secret_new(PASSPHRASE_MAX + 1, &line, err);
    if (status == AUTH_STATUS_OK && path != NULL)
        status = secret_file_open(path, &descriptor, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t len = 0;
    status = read_line(path == NULL ? "passphrase descriptor" : path, descriptor,
                       auth_secret_data(line), PASSPHRASE_MAX + 1, &len, err);
    if (path != NULL)
        (void)close(descriptor);
    if (status == AUTH_STATUS_OK)
        status = auth_secret_from_bytes((auth_bytes){auth_secret_data(line), len}, out, err);
    return status;
}
