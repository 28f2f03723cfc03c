/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posix_spawn cannot change the user, so root starts setpriv (util-linux, essential in Debian),
 * which does. What the program prints goes into a file in memory: unlike a pipe, that cannot fill
 * up, and nobody has to wait for its end when a server inherits it.
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SETPRIV "/usr/bin/setpriv"
#define MAX_WORDS 40
#define OUTPUT_READ 4096

/* What PostgreSQL's programs need; PGDATA and the like must not come in from outside. */
static char *const environment[] = {
    (char[]){"PATH=/usr/bin:/bin"},
    (char[]){"LC_ALL=C"},
    (char[]){"TZ=UTC"},
    NULL,
};

auth_status registry_account_find(const char *user, registry_account *out, auth_error *err)
{
    char names[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    int error = geteuid() == 0 ? getpwnam_r(user, &entry, names, sizeof names, &found)
                               : getpwuid_r(geteuid(), &entry, names, sizeof names, &found);
    if (found == NULL && geteuid() == 0) {
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "PostgreSQL: root may not run the server, and there is no account "
                              "'%s' to run it as (%s); install the package postgresql-15",
                              user, error == 0 ? "not found" : strerror(error));
    }
    if (found == NULL) {
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "PostgreSQL: user %u has no name, and the server asks for one; run "
                              "this as a user of /etc/passwd",
                              (unsigned)geteuid());
    }
    registry_account account = {.uid = entry.pw_uid, .gid = entry.pw_gid};
    int len = snprintf(account.name, sizeof account.name, "%s", entry.pw_name);
    if (len < 0 || (size_t)len >= sizeof account.name) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "PostgreSQL: the name of user %u is longer than %zu characters; use "
                              "another account",
                              (unsigned)entry.pw_uid, sizeof account.name - 1);
    }
    *out = account;
    return AUTH_STATUS_OK;
}

void registry_last_line(const char *text, char out[REGISTRY_PROCESS_TAIL_SIZE])
{
    size_t end = strlen(text);
    while (end > 0 && (text[end - 1] == '\n' || text[end - 1] == ' ' || text[end - 1] == '\r'))
        end--;
    size_t begin = end;
    while (begin > 0 && text[begin - 1] != '\n')
        begin--;
    (void)snprintf(out, REGISTRY_PROCESS_TAIL_SIZE, "%.*s", (int)(end - begin), text + begin);
}

/* What runs in place of a program: the program itself, or setpriv in front of it. */
typedef struct command_line {
    const char *words[MAX_WORDS + 8];
    char uid[32];
    char gid[32];
} command_line;

static auth_status make_line(const char *const *words, const registry_account *as,
                             command_line *line, auth_error *err)
{
    size_t count = 0;
    if (words[0] != NULL && geteuid() == 0 && as->uid != 0) {
        (void)snprintf(line->uid, sizeof line->uid, "--reuid=%u", (unsigned)as->uid);
        (void)snprintf(line->gid, sizeof line->gid, "--regid=%u", (unsigned)as->gid);
        line->words[count++] = SETPRIV;
        line->words[count++] = line->uid;
        line->words[count++] = line->gid;
        line->words[count++] = "--clear-groups";
        line->words[count++] = "--";
    }
    for (size_t i = 0; words[i] != NULL; i++) {
        if (i == MAX_WORDS) {
            return auth_error_set(err, AUTH_STATUS_INTERNAL, "%s: more than %d arguments", words[0],
                                  MAX_WORDS);
        }
        line->words[count++] = words[i];
    }
    line->words[count] = NULL;
    if (count == 0)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "no program is named to be run");
    return AUTH_STATUS_OK;
}

/* The working directory of the caller may be closed to the account. */
static int set_files(posix_spawn_file_actions_t *files, int output)
{
    int error = posix_spawn_file_actions_addchdir_np(files, "/");
    if (error == 0)
        error = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(files, output, STDOUT_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(files, output, STDERR_FILENO);
    return error;
}

/* A daemon blocks signals and sets handlers; the server must have neither. */
static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t all;
    sigset_t none;
    (void)sigfillset(&all);
    (void)sigemptyset(&none);
    int error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error == 0)
        error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0)
        error =
            posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    return error;
}

static int spawn(const command_line *line, int output, pid_t *out)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&files);
    if (error != 0)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        error = set_files(&files, output);
        if (error == 0)
            error = set_signals(&attributes);
        if (error == 0)
            error = posix_spawn(out, line->words[0], &files, &attributes,
                                (char *const *)(uintptr_t)line->words, environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return error;
}

static void read_tail(int output, char tail[REGISTRY_PROCESS_TAIL_SIZE])
{
    char text[OUTPUT_READ + 1];
    off_t end = lseek(output, 0, SEEK_END);
    off_t begin = end > OUTPUT_READ ? end - OUTPUT_READ : 0;
    ssize_t len = pread(output, text, OUTPUT_READ, begin);
    text[len > 0 ? len : 0] = '\0';
    registry_last_line(text, tail);
}

static auth_status wait_for_end(const char *name, pid_t pid, int *exit_code, auth_error *err)
{
    int outcome = 0;
    while (waitpid(pid, &outcome, 0) < 0) {
        if (errno != EINTR) {
            return auth_error_set(err, AUTH_STATUS_IO, "%s: cannot be waited for: %s", name,
                                  strerror(errno));
        }
    }
    if (!WIFEXITED(outcome)) {
        return auth_error_set(err, AUTH_STATUS_UNAVAILABLE, "%s: ended by signal %d; try again",
                              name, WTERMSIG(outcome));
    }
    *exit_code = WEXITSTATUS(outcome);
    return AUTH_STATUS_OK;
}

auth_status registry_process_run(const char *const *words, const registry_account *as,
                                 int *exit_code, char tail[REGISTRY_PROCESS_TAIL_SIZE],
                                 auth_error *err)
{
    command_line line;
    auth_status status = make_line(words, as, &line, err);
    if (status != AUTH_STATUS_OK)
        return status;
    int output = memfd_create("output", MFD_CLOEXEC);
    if (output < 0) {
        return auth_error_set(err, AUTH_STATUS_IO, "%s: no file for its output: %s", words[0],
                              strerror(errno));
    }
    pid_t pid = 0;
    int error = spawn(&line, output, &pid);
    if (error != 0)
        status =
            auth_error_set(err, AUTH_STATUS_IO, "%s: cannot be started: %s; install the package %s",
                           line.words[0], strerror(error),
                           line.words[0] == words[0] ? "postgresql-15" : "util-linux");
    else
        status = wait_for_end(words[0], pid, exit_code, err);
    if (status == AUTH_STATUS_OK)
        read_tail(output, tail);
    (void)close(output);
    return status;
}
