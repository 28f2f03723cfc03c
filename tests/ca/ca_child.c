/* SPDX-License-Identifier: Apache-2.0 */
#include "ca_child.h"

#include "harness/child.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

void ca_child_die_at(ca_step step, void *context)
{
    const ca_step *wanted = context;
    if (step == *wanted)
        (void)kill(getpid(), SIGKILL);
}

auth_status ca_child_batch(ca_case *it, bool *is_idle, auth_error *err)
{
    registry_queue_report report = {0};
    auth_status status = ca_worker_run(it->world->worker, it->world->now, &report, err);
    *is_idle = report.documents == 0;
    return status;
}

pid_t ca_child_start(ca_case *it, ca_child_work *work, void (*reached)(ca_step, void *),
                     void *context)
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid > 0)
        return pid;
    harness_child_begin();
    auth_error err;
    ca_recovery recovery;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo, .roles = REGISTRY_ROLE_CA};
    ca_setting *setting = &it->world->setting;
    cluster_conninfo(it->database, registry_role_name(REGISTRY_ROLE_CA), conninfo);
    if (registry_pool_new(&settings, 2, &setting->pool, &err) != AUTH_STATUS_OK)
        _exit(2);
    setting->reached = reached;
    setting->context = context;
    ca_world_start(it->world);
    if (ca_recover(setting, it->world->now, &recovery, &err) != AUTH_STATUS_OK)
        _exit(3);
    for (;;) {
        bool is_idle = false;
        if (work(it, &is_idle, &err) != AUTH_STATUS_OK)
            _exit(4);
        if (reached == ca_child_die_at && is_idle)
            _exit(5);
    }
}

void ca_child_wait(pid_t pid)
{
    int how = 0;
    while (waitpid(pid, &how, 0) < 0 && errno == EINTR)
        ;
    ck_assert_msg(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL, "it ended by itself: %d",
                  WIFEXITED(how) ? WEXITSTATUS(how) : -1);
}

ca_recovery ca_child_recover(ca_case *it)
{
    auth_error err;
    ca_recovery recovery = {0};
    ca_world_start(it->world);
    assert_ok(ca_recover(&it->world->setting, it->world->now, &recovery, &err), &err);
    size_t open = 1;
    (void)ca_journal_batches(it->world->setting.journal, &open);
    ck_assert_uint_eq(open, 0);
    return recovery;
}
