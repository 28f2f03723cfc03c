/* SPDX-License-Identifier: Apache-2.0 */
#include "realm.h"

#include "realm/office_login.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define READY_TIMEOUT_MS 60000

static auth_status start_registry(const realm *of, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    pid_t pid = 0;
    registry_embed_options options = {.account = daemon_options_text(realm_options(of), "account")};
    if (!cli_realm_is_embedded(of))
        return AUTH_STATUS_OK;
    auth_status status = cli_realm_registry(of, path, err);
    if (status == AUTH_STATUS_OK)
        status = registry_embed_start(path, &options, err);
    if (status == AUTH_STATUS_OK)
        status = registry_embed_find(path, &pid, err);
    if (status == AUTH_STATUS_OK)
        (void)printf(_("registry: runs as process %d\n"), (int)pid);
    return status;
}

/* Daemons refuse a schema that is not theirs; it is told here once. */
static auth_status check_schema(const realm *of, auth_error *err)
{
    AUTH_AUTO(registry_connection) *connection = NULL;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo};
    auth_status status = realm_conninfo(of, REGISTRY_ROLE_AUDITOR, conninfo, err);
    return status == AUTH_STATUS_OK ? registry_connection_open(&settings, &connection, err)
                                    : status;
}

/* The folder of the program that runs: daemons are installed beside it. */
static auth_status find_bin(char out[REALM_PATH_SIZE], auth_error *err)
{
    ssize_t len = readlink("/proc/self/exe", out, REALM_PATH_SIZE - 1);
    if (len <= 0)
        return auth_error_set(err, AUTH_STATUS_IO, "/proc/self/exe: %s", strerror(errno));
    out[len] = '\0';
    char *slash = strrchr(out, '/');
    if (slash != NULL)
        *slash = '\0';
    return AUTH_STATUS_OK;
}

static auth_status print_running(const realm *of, realm_program program, pid_t pid, auth_error *err)
{
    AUTH_AUTO(daemon_options) *listens = NULL;
    auth_status status = realm_program_listens(of, program, &listens, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const char *where = daemon_options_text(listens, "listen");
    (void)printf(_("%s: runs as process %d"), realm_program_file(program), (int)pid);
    if (where[0] != '\0')
        (void)printf(" (%s)", where);
    (void)putchar('\n');
    return AUTH_STATUS_OK;
}

static auth_status start_daemon(const realm *of, const char *bin, realm_program program,
                                auth_error *err)
{
    char file[REALM_PATH_SIZE];
    pid_t pid = 0;
    if (!realm_program_is_wanted(of, program))
        return AUTH_STATUS_OK;
    auth_status status = realm_program_process(of, program, &pid, err);
    if (status == AUTH_STATUS_OK && pid == 0) {
        status = realm_program_find(bin, program, file, err);
        if (status == AUTH_STATUS_NOT_FOUND) {
            (void)printf(_("%s: is not installed\n"), realm_program_file(program));
            return AUTH_STATUS_OK;
        }
        if (status == AUTH_STATUS_OK)
            status = realm_program_start(of, file, program, READY_TIMEOUT_MS, &pid, err);
    }
    return status == AUTH_STATUS_OK ? print_running(of, program, pid, err) : status;
}

/*
 * An embedded registry has this program for its owner: the login of auth-lra follows realm.conf.
 * An office that is not open yet keeps auth-lra alone from being started.
 */
static auth_status assign_office(const realm *of, bool *can_start_lra, auth_error *err)
{
    *can_start_lra = true;
    if (!cli_realm_is_embedded(of) || !realm_program_is_wanted(of, REALM_PROGRAM_LRA))
        return AUTH_STATUS_OK;
    auth_status status = realm_office_login_assign(of, err);
    if (status != AUTH_STATUS_NOT_FOUND)
        return status;
    *can_start_lra = false;
    (void)printf(_("%s: is not started, since the office %s is not open; open it, and call this "
                   "again\n"),
                 realm_program_file(REALM_PROGRAM_LRA),
                 daemon_options_text(realm_options(of), "lra-office"));
    return AUTH_STATUS_OK;
}

static auth_status start(const realm *of, auth_error *err)
{
    char bin[REALM_PATH_SIZE];
    bool can_start_lra = true;
    auth_status status = start_registry(of, err);
    if (status == AUTH_STATUS_OK)
        status = check_schema(of, err);
    if (status == AUTH_STATUS_OK)
        status = assign_office(of, &can_start_lra, err);
    if (status == AUTH_STATUS_OK)
        status = find_bin(bin, err);
    for (int i = 0; i < REALM_PROGRAMS && status == AUTH_STATUS_OK; i++) {
        if (i != REALM_PROGRAM_LRA || can_start_lra)
            status = start_daemon(of, bin, (realm_program)i, err);
    }
    return status;
}

static cli_exit run(cli_call *call) { return cli_realm_do(call, start); }

static const char *const examples[] = {
    "auth up /var/lib/auth",
    NULL,
};

const cli_command cli_command_up = {
    .name = "up",
    .summary = N_("start a realm: its embedded registry and its daemons"),
    .arguments = "DIR",
    .description = N_(
        "Starts the embedded registry, when the realm has one, and each daemon that is installed "
        "beside auth, and waits until each is ready. What runs already is left alone, so this is "
        "safe to repeat. Where realm.conf has the port 0, a free one is chosen and printed; "
        "'auth status' tells it. What a daemon prints is in DIR/log.\n\n"
        "In an embedded registry the login of auth-lra is given the office that realm.conf names "
        "as lra-office; elsewhere 'auth registry assign' does so.\n\n"
        "Called by root, server and daemons run as the account that realm.conf names. Where "
        "systemd runs the daemons, let its units do so instead."),
    .examples = examples,
    .run = run,
};
