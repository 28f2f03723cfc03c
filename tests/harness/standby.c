/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/standby.h"

#include "registry/deadline.h"
#include "registry/process.h"
#include "registry/programs.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IS_SYNC "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"

static const char pg_ctl[] = REGISTRY_POSTGRESQL_PROGRAMS "/pg_ctl";
static const char pg_basebackup[] = REGISTRY_POSTGRESQL_PROGRAMS "/pg_basebackup";

static char data[256];
static char socket_folder[256];
static pid_t frozen[64];
static size_t frozen_count;
static bool is_running;

static void run(const char *const *words)
{
    auth_error err;
    registry_account as;
    char tail[REGISTRY_PROCESS_TAIL_SIZE];
    int code = -1;
    assert_ok(registry_account_find("postgres", &as, &err), &err);
    assert_ok(registry_process_run(words, &as, &code, tail, &err), &err);
    ck_assert_msg(code == 0, "%s: %s", words[0], tail);
}

static void start(void)
{
    char settings[1024];
    char log[300];
    (void)snprintf(settings, sizeof settings,
                   "-c listen_addresses= -c unix_socket_directories=\"%s\" "
                   "-c hba_file=\"%s/conf/pg_hba.conf\" -c ident_file=\"%s/conf/pg_ident.conf\" "
                   "-c wal_receiver_status_interval=1s -c shared_buffers=16MB",
                   socket_folder, cluster_dir(), cluster_dir());
    (void)snprintf(log, sizeof log, "%s/log/standby.log", cluster_dir());
    const char *words[] = {pg_ctl, "start",  "-D", data, "-l", log,
                           "-o",   settings, "-w", "-s", NULL};
    run(words);
    is_running = true;
}

/* Of this process's, since each test has one of its own. */
static void make_folder(const char *name, char out[256])
{
    auth_error err;
    registry_account as;
    (void)snprintf(out, 256, "%s/%s-%d", cluster_dir(), name, (int)getpid());
    assert_ok(registry_account_find("postgres", &as, &err), &err);
    ck_assert_int_eq(mkdir(out, 0700), 0);
    ck_assert_int_eq(chown(out, as.uid, as.gid), 0);
}

static void copy_primary(void)
{
    char conninfo[512];
    (void)snprintf(conninfo, sizeof conninfo,
                   "host=%s/run user=" REGISTRY_SUPERUSER " application_name=standby1",
                   cluster_dir());
    const char *words[] = {pg_basebackup, "-D",     data, "-d",   conninfo,    "-R",
                           "-X",          "stream", "-c", "fast", "--no-sync", NULL};
    run(words);
}

void standby_start(registry_connection *superuser)
{
    make_folder("standby-run", socket_folder);
    make_folder("standby", data);
    copy_primary();
    start();
    cluster_sql(superuser, "ALTER SYSTEM SET synchronous_standby_names = 'standby1'");
    cluster_sql(superuser, "SELECT pg_reload_conf()");
    cluster_wait(superuser, IS_SYNC, "1");
}

void standby_promote(void)
{
    const char *words[] = {pg_ctl, "promote", "-D", data, "-w", "-s", NULL};
    run(words);
}

const char *standby_host(void) { return socket_folder; }

static pid_t main_process(void)
{
    char path[300];
    char line[32] = "";
    (void)snprintf(path, sizeof path, "%s/postmaster.pid", data);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    (void)!fgets(line, sizeof line, file);
    (void)fclose(file);
    return (pid_t)strtol(line, NULL, 10);
}

/* The processes that the main one started, and itself. */
static size_t all_processes(pid_t pids[64])
{
    char path[64];
    size_t count = 0;
    pid_t parent = main_process();
    ck_assert_int_gt(parent, 1);
    pids[count++] = parent;
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    char text[1024] = "";
    size_t len = fread(text, 1, sizeof text - 1, file);
    text[len] = '\0';
    (void)fclose(file);
    for (char *at = text, *end = NULL; count < 64; at = end) {
        long pid = strtol(at, &end, 10);
        if (end == at)
            break;
        pids[count++] = (pid_t)pid;
    }
    return count;
}

static void signal_all(const pid_t *pids, size_t count, int number)
{
    for (size_t i = 0; i < count; i++)
        (void)kill(pids[i], number);
}

void standby_freeze(void)
{
    frozen_count = all_processes(frozen);
    signal_all(frozen, frozen_count, SIGSTOP);
}

void standby_thaw(void)
{
    signal_all(frozen, frozen_count, SIGCONT);
    frozen_count = 0;
}

/* A process that is about to end still holds its memory and its socket. */
static void wait_for_end(const pid_t *pids, size_t count)
{
    registry_deadline deadline = registry_deadline_after(10000);
    for (size_t i = 0; i < count; i++) {
        while (kill(pids[i], 0) == 0 && !registry_deadline_has_passed(deadline))
            registry_deadline_pause(deadline, 5);
    }
}

void standby_kill(registry_connection *superuser)
{
    pid_t pids[64];
    size_t count = all_processes(pids);
    signal_all(pids, count, SIGKILL);
    frozen_count = 0;
    is_running = false;
    wait_for_end(pids, count);
    cluster_wait(superuser, "SELECT count(*) FROM pg_stat_replication", "0");
}

void standby_restart(registry_connection *superuser)
{
    start();
    cluster_wait(superuser, IS_SYNC, "1");
}

void standby_remove(registry_connection *superuser)
{
    if (is_running)
        standby_kill(superuser);
    cluster_sql(superuser, "ALTER SYSTEM RESET synchronous_standby_names");
    cluster_sql(superuser, "SELECT pg_reload_conf()");
    /* Each test has its own, and all go with the cluster. */
}
