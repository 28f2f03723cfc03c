/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/program.h"

#include "realm/program_row.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_SIZE 64
/* Of /proc/PID/stat (proc_pid_stat(5)); the fields before are short, but for the name. */
#define STAT_SIZE 2048
#define START_FIELD 22

const realm_program_row realm_program_rows[REALM_PROGRAMS] = {
#define REALM_PROGRAM_ROW(id, name, program, folder, listen, to, credential, needs)                \
    {name, program, folder, listen, to, credential, needs},
#include "program.def"
};

const char *realm_program_name(realm_program program) { return realm_program_rows[program].name; }

const char *realm_program_file(realm_program program)
{
    return realm_program_rows[program].program;
}

bool realm_program_is_wanted(const realm *of, realm_program program)
{
    const char *needs = realm_program_rows[program].needs;
    return needs[0] == '\0' || daemon_options_is_set(realm_options(of), needs);
}

auth_status realm_program_find(const char *bin, realm_program program, char out[REALM_PATH_SIZE],
                               auth_error *err)
{
    const realm_program_row *row = &realm_program_rows[program];
    char beside[REALM_PATH_SIZE];
    auth_status status = realm_path_join(bin, "..", row->folder, "", beside, err);
    const char *const folders[] = {bin, beside};
    if (status == AUTH_STATUS_OK)
        status = realm_path_join(bin, "../sbin", row->program, "", out, err);
    if (status != AUTH_STATUS_OK || access(out, X_OK) == 0)
        return status;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        status = realm_path_join(folders[i], NULL, row->program, "", out, err);
        if (status != AUTH_STATUS_OK || access(out, X_OK) == 0)
            return status;
    }
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND, "%s: is not installed beside %s; install it",
                          row->program, bin);
}

/* When a process started, in ticks since the machine did; false: there is none. */
static bool read_start(pid_t pid, unsigned long long *out)
{
    char path[64];
    char text[STAT_SIZE];
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t len = read(file, text, sizeof text - 1);
    (void)close(file);
    if (len <= 0)
        return false;
    text[len] = '\0';
    /* The second field is a name in parentheses, which may hold anything; the third is the state.
     */
    char *at = strrchr(text, ')');
    if (at == NULL || at[1] != ' ' || at[2] == 'Z')
        return false;
    at++;
    for (int field = 3; field < START_FIELD && at != NULL; field++)
        at = strchr(at + 1, ' ');
    if (at == NULL)
        return false;
    char *end = NULL;
    *out = strtoull(at, &end, 10);
    return end != at && *end == ' ';
}

static auth_status record_path(const realm *of, realm_program program, char out[REALM_PATH_SIZE],
                               auth_error *err)
{
    return realm_path_join(realm_dir(of), REALM_RUN_FOLDER, realm_program_rows[program].name,
                           ".pid", out, err);
}

auth_status realm_program_record(const realm *of, realm_program program, pid_t pid, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    char text[RECORD_SIZE];
    unsigned long long start = 0;
    auth_status status = record_path(of, program, path, err);
    if (status != AUTH_STATUS_OK)
        return status;
    (void)read_start(pid, &start);
    int len = snprintf(text, sizeof text, "%d %llu\n", (int)pid, start);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    /* The folder is closed to others; its owner is to read what root wrote. */
    bool is_written = file >= 0 && fchmod(file, 0644) == 0 && write(file, text, (size_t)len) == len;
    if (file >= 0)
        (void)close(file);
    if (is_written)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_IO, "%s: cannot be written: %s; look at its disk", path,
                          strerror(errno));
}

auth_status realm_program_process(const realm *of, realm_program program, pid_t *out,
                                  auth_error *err)
{
    char path[REALM_PATH_SIZE];
    char text[RECORD_SIZE];
    unsigned long long start = 0;
    unsigned long long seen = 0;
    auth_status status = record_path(of, program, path, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = 0;
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return AUTH_STATUS_OK;
    if (file < 0)
        return auth_error_set(err, AUTH_STATUS_IO, "%s: cannot be read: %s; look at its owner",
                              path, strerror(errno));
    ssize_t len = read(file, text, sizeof text - 1);
    (void)close(file);
    text[len > 0 ? len : 0] = '\0';
    char *rest = NULL;
    long pid = strtol(text, &rest, 10);
    char *end = NULL;
    start = strtoull(rest, &end, 10);
    /* What a crash left half written tells of no process. */
    if (pid > 1 && pid <= INT32_MAX && end != rest && read_start((pid_t)pid, &seen) &&
        seen == start)
        *out = (pid_t)pid;
    return AUTH_STATUS_OK;
}

/* The descriptor stays with the process whatever becomes of its number. */
static auth_status end_process(pid_t pid, const char *name, int timeout_ms, auth_error *err)
{
    int process = pidfd_open(pid, 0);
    if (process < 0 && errno == ESRCH)
        return AUTH_STATUS_OK;
    if (process < 0)
        return auth_error_set(err, AUTH_STATUS_IO, "%s: its process cannot be opened: %s", name,
                              strerror(errno));
    auth_status status = AUTH_STATUS_OK;
    struct pollfd end = {.fd = process, .events = POLLIN};
    if (pidfd_send_signal(process, SIGTERM, NULL, 0) != 0 && errno != ESRCH)
        status = auth_error_set(err, errno == EPERM ? AUTH_STATUS_DENIED : AUTH_STATUS_IO,
                                "%s: process %d cannot be ended: %s; do it as who started it", name,
                                (int)pid, strerror(errno));
    else if (poll(&end, 1, timeout_ms) != 1)
        status = auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                                "%s: process %d does not end; look at its log, and kill it if it "
                                "must be",
                                name, (int)pid);
    (void)close(process);
    return status;
}

auth_status realm_program_stop(const realm *of, realm_program program, int timeout_ms,
                               auth_error *err)
{
    char path[REALM_PATH_SIZE];
    pid_t pid = 0;
    auth_status status = realm_program_process(of, program, &pid, err);
    if (status == AUTH_STATUS_OK)
        status = record_path(of, program, path, err);
    if (status == AUTH_STATUS_OK && pid != 0)
        status = end_process(pid, realm_program_rows[program].program, timeout_ms, err);
    if (status == AUTH_STATUS_OK)
        (void)unlink(path);
    return status;
}
