/* SPDX-License-Identifier: Apache-2.0 */
#include "realm.h"

/* A daemon ends what it has begun (drain-timeout) before. */
#define STOP_TIMEOUT_MS 60000

static auth_status stop_daemon(const realm *of, realm_program program, auth_error *err)
{
    pid_t pid = 0;
    auth_status status = realm_program_process(of, program, &pid, err);
    if (status == AUTH_STATUS_OK)
        status = realm_program_stop(of, program, STOP_TIMEOUT_MS, err);
    if (status == AUTH_STATUS_OK && pid != 0)
        (void)printf(_("%s: stopped\n"), realm_program_file(program));
    return status;
}

static auth_status stop_registry(const realm *of, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    pid_t pid = 0;
    registry_embed_options options = {.account = daemon_options_text(realm_options(of), "account")};
    if (!cli_realm_is_embedded(of))
        return AUTH_STATUS_OK;
    auth_status status = cli_realm_registry(of, path, err);
    if (status == AUTH_STATUS_OK)
        status = registry_embed_find(path, &pid, err);
    if (status == AUTH_STATUS_OK && pid != 0)
        status = registry_embed_stop(path, &options, REGISTRY_EMBED_FAST, err);
    if (status == AUTH_STATUS_OK && pid != 0)
        (void)printf(_("%s: stopped\n"), "registry");
    return status;
}

/* In the other order than they were started: nobody loses what he stands on. */
static auth_status stop(const realm *of, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (int i = REALM_PROGRAMS; i > 0 && status == AUTH_STATUS_OK; i--)
        status = stop_daemon(of, (realm_program)(i - 1), err);
    return status == AUTH_STATUS_OK ? stop_registry(of, err) : status;
}

static cli_exit run(cli_call *call) { return cli_realm_do(call, stop); }

static const char *const examples[] = {
    "auth down /var/lib/auth",
    NULL,
};

const cli_command cli_command_down = {
    .name = "down",
    .summary = N_("stop a realm: its daemons and its embedded registry"),
    .arguments = "DIR",
    .description =
        N_("Asks each daemon that 'auth up' started to end, waits for it, and stops the embedded "
           "registry at last. What does not run is fine, so this is safe to repeat."),
    .examples = examples,
    .run = run,
};
