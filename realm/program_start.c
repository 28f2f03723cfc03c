/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/program_row.h"
#include "registry/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX 8
#define WORD_SIZE (REALM_PATH_SIZE + 64)
#define NOTICE_SIZE 64
#define EXIT_NOT_STARTED 127

/* How a daemon is called. */
typedef struct command {
    char texts[WORDS_MAX][WORD_SIZE];
    char *words[WORDS_MAX + 1];
    size_t count;
} command;

/* What is needed to start one and to hear from it. */
typedef struct launch {
    const realm *of;
    const realm_program_row *row;
    command call;
    registry_account account;
    char notice[NOTICE_SIZE]; /* NOTIFY_SOCKET=@... */
    char log_path[REALM_PATH_SIZE];
    int socket;
    int log;
} launch;

static void add(command *call, const char *option, const char *value)
{
    char *word = call->texts[call->count];
    (void)snprintf(word, WORD_SIZE, "--%s=%s", option, value);
    call->words[call->count++] = word;
}

static auth_status add_path(command *call, const char *option, const launch *it, const char *folder,
                            const char *ending, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    auth_status status =
        realm_path_join(realm_dir(it->of), folder, it->row->credential, ending, path, err);
    if (status == AUTH_STATUS_OK)
        add(call, option, path);
    return status;
}

/* Paths of daemons' options are absolute, so the folder's is. */
static auth_status make_call(launch *it, const char *file, realm_program program, auth_error *err)
{
    command *call = &it->call;
    char listen[REALM_LISTEN_SIZE];
    auth_status status = realm_program_choose(it->of, program, listen, err);
    if (status != AUTH_STATUS_OK)
        return status;
    (void)snprintf(call->texts[0], WORD_SIZE, "%s", file);
    call->words[0] = call->texts[0];
    call->count = 1;
    add(call, "realm", realm_dir(it->of));
    if (it->row->listen[0] != '\0')
        add(call, it->row->to, listen);
    if (it->row->credential[0] == '\0')
        return AUTH_STATUS_OK;
    status = add_path(call, "tls-certificate", it, REALM_TLS_FOLDER, ".cer", err);
    return status == AUTH_STATUS_OK ? add_path(call, "tls-key", it, REALM_KEYS_FOLDER, ".pem", err)
                                    : status;
}

/* An abstract socket (unix(7)): it needs no path, and who speaks there is known by the kernel. */
static auth_status open_socket(launch *it, auth_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int is_wanted = 1;
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    int len = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "auth-up-%d-%lld%09ld",
                       (int)getpid(), (long long)now.tv_sec, now.tv_nsec);
    (void)snprintf(it->notice, sizeof it->notice, "NOTIFY_SOCKET=@%.44s", address.sun_path + 1);
    it->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (it->socket >= 0 &&
        setsockopt(it->socket, SOL_SOCKET, SO_PASSCRED, &is_wanted, sizeof is_wanted) == 0 &&
        bind(it->socket, (const struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)) == 0)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_IO, "%s: no socket to hear from it: %s",
                          it->row->program, strerror(errno));
}

static auth_status open_log(launch *it, auth_error *err)
{
    auth_status status = realm_path_join(realm_dir(it->of), REALM_LOG_FOLDER, it->row->name, ".log",
                                         it->log_path, err);
    if (status != AUTH_STATUS_OK)
        return status;
    it->log = open(it->log_path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (it->log >= 0 && (geteuid() != 0 || fchown(it->log, it->account.uid, it->account.gid) == 0))
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_IO,
                          "%s: cannot be opened: %s; look at its owner and disk", it->log_path,
                          strerror(errno));
}

/* After fork: nothing here takes memory or a lock. Rights go in this order, and for good. */
static _Noreturn void become(const launch *it, int nothing)
{
    char *environment[] = {(char *)(uintptr_t)it->notice, (char *)(uintptr_t) "LC_ALL=C.UTF-8",
                           (char *)(uintptr_t) "PATH=/usr/local/bin:/usr/bin:/bin", NULL};
    bool is_root = geteuid() == 0;
    if (setsid() >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(it->log, STDOUT_FILENO) >= 0 &&
        dup2(it->log, STDERR_FILENO) >= 0 && close_range(3, ~0U, 0) == 0 &&
        (!is_root || (setgroups(1, &it->account.gid) == 0 &&
                      setresgid(it->account.gid, it->account.gid, it->account.gid) == 0 &&
                      setresuid(it->account.uid, it->account.uid, it->account.uid) == 0)))
        (void)execve(it->call.words[0], it->call.words, environment);
    _exit(EXIT_NOT_STARTED);
}

/* Tells whether the daemon itself has said that it is ready. */
static bool hears_ready(int socket, pid_t pid)
{
    char text[512];
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec part = {text, sizeof text - 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    ssize_t len = recvmsg(socket, &message, MSG_DONTWAIT);
    const struct cmsghdr *header = len < 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_CREDENTIALS)
        return false;
    struct ucred sender;
    memcpy(&sender, CMSG_DATA(header), sizeof sender);
    text[len] = '\0';
    return sender.pid == pid && strstr(text, "READY=1") != NULL;
}

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static auth_status has_ended(const launch *it, pid_t pid, auth_error *err)
{
    int outcome = 0;
    (void)waitpid(pid, &outcome, 0);
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                          "%s: ended before it was ready (%s %d); look at %s", it->row->program,
                          WIFEXITED(outcome) ? "exit code" : "signal",
                          WIFEXITED(outcome) ? WEXITSTATUS(outcome) : WTERMSIG(outcome),
                          it->log_path);
}

static auth_status wait_ready(const launch *it, pid_t pid, int process, int timeout_ms,
                              auth_error *err)
{
    int64_t until = now_ms() + timeout_ms;
    struct pollfd events[] = {{.fd = it->socket, .events = POLLIN},
                              {.fd = process, .events = POLLIN}};
    for (int64_t left = timeout_ms; left > 0; left = until - now_ms()) {
        if (poll(events, 2, (int)left) <= 0)
            continue;
        if ((events[0].revents & POLLIN) != 0 && hears_ready(it->socket, pid))
            return AUTH_STATUS_OK;
        if ((events[1].revents & POLLIN) != 0)
            return has_ended(it, pid, err);
    }
    (void)pidfd_send_signal(process, SIGKILL, NULL, 0);
    (void)waitpid(pid, NULL, 0);
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                          "%s: was not ready within %d s and was ended; look at %s",
                          it->row->program, timeout_ms / 1000, it->log_path);
}

static auth_status run(const launch *it, realm_program program, int timeout_ms, pid_t *out,
                       auth_error *err)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    pid_t pid = nothing < 0 ? -1 : fork();
    if (pid == 0)
        become(it, nothing);
    int error = errno;
    if (nothing >= 0)
        (void)close(nothing);
    if (pid < 0)
        return auth_error_set(err, AUTH_STATUS_IO, "%s: no process for it: %s", it->row->program,
                              strerror(error));
    int process = pidfd_open(pid, 0);
    auth_status status = realm_program_record(it->of, program, pid, err);
    if (status == AUTH_STATUS_OK)
        status = wait_ready(it, pid, process, timeout_ms, err);
    if (process >= 0)
        (void)close(process);
    if (status == AUTH_STATUS_OK)
        *out = pid;
    return status;
}

auth_status realm_program_start(const realm *of, const char *file, realm_program program,
                                int timeout_ms, pid_t *out, auth_error *err)
{
    launch it = {.of = of, .row = &realm_program_rows[program], .socket = -1, .log = -1};
    auth_status status =
        registry_account_find(daemon_options_text(realm_options(of), "account"), &it.account, err);
    if (status == AUTH_STATUS_OK)
        status = make_call(&it, file, program, err);
    if (status == AUTH_STATUS_OK)
        status = open_socket(&it, err);
    if (status == AUTH_STATUS_OK)
        status = open_log(&it, err);
    if (status == AUTH_STATUS_OK)
        status = run(&it, program, timeout_ms, out, err);
    if (it.socket >= 0)
        (void)close(it.socket);
    if (it.log >= 0)
        (void)close(it.log);
    return status;
}
