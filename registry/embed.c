/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cluster is made in DIR/making and renamed to DIR/data when it is whole and on the disk, so
 * there is never a half one; what a crash left in DIR/making held nothing yet and is made again.
 * Roles and database are made by statements that change nothing when they are there, at each start.
 */
#include "embed.h"

#include "bootstrap.h"
#include "embed_conf.h"
#include "embed_place.h"
#include "process.h"
#include "registry/programs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION "15"
#define START_TIMEOUT_S 60

/* One call about one cluster. */
typedef struct embed {
    embed_place place;
    registry_account as;
    registry_embed_options options;
    char data[PLACE_PATH_SIZE];
    char timeout[16];
} embed;

static const char *or_default(const char *value, const char *otherwise)
{
    return value == NULL ? otherwise : value;
}

static auth_status read_options(const registry_embed_options *options, embed *out, auth_error *err)
{
    *out = (embed){.options = {.programs = NULL}};
    if (options != NULL)
        out->options = *options;
    unsigned timeout_s = out->options.start_timeout_s;
    (void)snprintf(out->timeout, sizeof out->timeout, "%u",
                   timeout_s == 0 ? START_TIMEOUT_S : timeout_s);
    return registry_account_find(or_default(out->options.account, "postgres"), &out->as, err);
}

static auth_status find_program(const embed *of, const char *name, char out[PLACE_PATH_SIZE],
                                auth_error *err)
{
    (void)snprintf(out, PLACE_PATH_SIZE, "%s/%s",
                   or_default(of->options.programs, REGISTRY_POSTGRESQL_PROGRAMS), name);
    if (access(out, X_OK) == 0)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "PostgreSQL: %s: %s; install the package postgresql-15", out,
                          strerror(errno));
}

static auth_status remove_unfinished(const embed *of, const char *making, auth_error *err)
{
    char tail[REGISTRY_PROCESS_TAIL_SIZE];
    int code = 0;
    const char *words[] = {"/bin/rm", "-rf", "--", making, NULL};
    /* root removes it as the account that owns it, so that no link inside leads anywhere else; the
     * directory itself stands in one of root's. */
    auth_status status = registry_process_run(words, &of->as, &code, tail, err);
    if (status == AUTH_STATUS_OK && rmdir(making) != 0 && errno != ENOENT) {
        return auth_error_set(err, AUTH_STATUS_IO,
                              "%s: what an interrupted start left there cannot be removed: %s; "
                              "remove it",
                              making, strerror(errno));
    }
    return status;
}

static auth_status run_initdb(const embed *of, const char *making, auth_error *err)
{
    char program[PLACE_PATH_SIZE];
    char tail[REGISTRY_PROCESS_TAIL_SIZE];
    int code = 0;
    auth_status status = find_program(of, "initdb", program, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const char *words[] = {program,
                           "--pgdata",
                           making,
                           "--username",
                           REGISTRY_SUPERUSER,
                           "--data-checksums",
                           "--encoding=UTF8",
                           "--locale=C",
                           "--locale-provider=libc",
                           "--auth=peer",
                           of->options.is_throwaway ? "--no-sync" : NULL,
                           NULL};
    status = registry_process_run(words, &of->as, &code, tail, err);
    if (status == AUTH_STATUS_OK && code != 0)
        status = auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                                "%s: the cluster cannot be made: %s; mend that and start again",
                                of->place.dir, tail);
    return status;
}

static auth_status make_cluster(const embed *of, auth_error *err)
{
    char making[PLACE_PATH_SIZE];
    place_path(&of->place, "making", making);
    auth_status status = AUTH_STATUS_OK;
    if (place_has(&of->place, "making"))
        status = remove_unfinished(of, making, err);
    if (status == AUTH_STATUS_OK)
        status = place_folder(&of->place, "making", &of->as, err);
    if (status == AUTH_STATUS_OK)
        status = run_initdb(of, making, err);
    if (status == AUTH_STATUS_OK && rename(making, of->data) != 0)
        status = auth_error_set(err, AUTH_STATUS_IO, "%s: %s", of->data, strerror(errno));
    return status == AUTH_STATUS_OK ? place_sync(&of->place, err) : status;
}

static auth_status check_version(const embed *of, auth_error *err)
{
    char version[16];
    auth_status status = place_read(&of->place, "data/PG_VERSION", version, sizeof version, err);
    if (status == AUTH_STATUS_OK && strcmp(version, VERSION) != 0)
        status = auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                                "%s: a cluster of PostgreSQL %s, and this program starts " VERSION
                                "; use pg_upgrade, or the program of that version",
                                of->place.dir, version);
    return status;
}

/* pg_ctl status: 0 running, 3 not (LSB init scripts). */
static auth_status find_running(const embed *of, bool *is_running, auth_error *err)
{
    char program[PLACE_PATH_SIZE];
    char tail[REGISTRY_PROCESS_TAIL_SIZE];
    int code = 0;
    auth_status status = find_program(of, "pg_ctl", program, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const char *words[] = {program, "status", "-D", of->data, NULL};
    status = registry_process_run(words, &of->as, &code, tail, err);
    if (status == AUTH_STATUS_OK && code != 0 && code != 3)
        status = auth_error_set(err, AUTH_STATUS_IO, "%s: pg_ctl cannot tell its state: %s",
                                of->place.dir, tail);
    if (status == AUTH_STATUS_OK)
        *is_running = code == 0;
    return status;
}

/* What the server says before its own log is open is in start.log; pg_ctl says only that it failed.
 */
static auth_status refuse_start(const embed *of, auth_error *err)
{
    char said[4096];
    char line[REGISTRY_PROCESS_TAIL_SIZE] = "it said nothing";
    if (place_read(&of->place, "log/start.log", said, sizeof said, NULL) == AUTH_STATUS_OK)
        registry_last_line(said, line);
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                          "%s: the server does not start: %s; its log is in %s/log", of->place.dir,
                          line, of->place.dir);
}

static auth_status run_start(const embed *of, auth_error *err)
{
    char program[PLACE_PATH_SIZE];
    char log[PLACE_PATH_SIZE];
    char settings[PLACE_PATH_SIZE + 64];
    char tail[REGISTRY_PROCESS_TAIL_SIZE];
    int code = 0;
    auth_status status = find_program(of, "pg_ctl", program, err);
    if (status != AUTH_STATUS_OK)
        return status;
    place_path(&of->place, "log/start.log", log);
    (void)unlink(log);
    /* pg_ctl hands this to a shell; the place's path holds nothing that means something there. */
    (void)snprintf(settings, sizeof settings, "-c config_file=\"%s/conf/postgresql.conf\"",
                   of->place.dir);
    const char *words[] = {program,  "start", "-D", of->data,    "-l", log, "-o",
                           settings, "-w",    "-t", of->timeout, "-s", NULL};
    status = registry_process_run(words, &of->as, &code, tail, err);
    return status == AUTH_STATUS_OK && code != 0 ? refuse_start(of, err) : status;
}

static auth_status start_server(const embed *of, auth_error *err)
{
    char socket[PLACE_PATH_SIZE];
    auth_status status = place_folder(&of->place, "log", &of->as, err);
    if (status == AUTH_STATUS_OK)
        status = place_socket(&of->place, &of->as, socket, err);
    if (status == AUTH_STATUS_OK)
        status = embed_conf_write(&of->place, &of->as, socket, of->options.settings, err);
    return status == AUTH_STATUS_OK ? run_start(of, err) : status;
}

static auth_status start_locked(embed *of, auth_error *err)
{
    bool is_running = false;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    place_path(&of->place, "data", of->data);
    auth_status status = AUTH_STATUS_OK;
    if (!place_has(&of->place, "data"))
        status = make_cluster(of, err);
    if (status == AUTH_STATUS_OK)
        status = check_version(of, err);
    if (status == AUTH_STATUS_OK)
        status = find_running(of, &is_running, err);
    if (status == AUTH_STATUS_OK && !is_running)
        status = start_server(of, err);
    if (status == AUTH_STATUS_OK)
        status =
            registry_embed_conninfo(of->place.dir, REGISTRY_SUPERUSER, "postgres", conninfo, err);
    return status == AUTH_STATUS_OK ? registry_bootstrap(conninfo, REGISTRY_DATABASE, err) : status;
}

auth_status registry_embed_start(const char *dir, const registry_embed_options *options,
                                 auth_error *err)
{
    embed of;
    int lock = -1;
    auth_status status = read_options(options, &of, err);
    if (status == AUTH_STATUS_OK)
        status = place_claim(dir, &of.as, &of.place, err);
    if (status == AUTH_STATUS_OK)
        status = place_lock(&of.place, &lock, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = start_locked(&of, err);
    (void)close(lock);
    return status;
}

static auth_status run_stop(const embed *of, registry_embed_mode mode, auth_error *err)
{
    char program[PLACE_PATH_SIZE];
    char tail[REGISTRY_PROCESS_TAIL_SIZE];
    int code = 0;
    auth_status status = find_program(of, "pg_ctl", program, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const char *words[] = {program,  "stop", "-D",
                           of->data, "-m",   mode == REGISTRY_EMBED_FAST ? "fast" : "immediate",
                           "-w",     "-t",   of->timeout,
                           "-s",     NULL};
    status = registry_process_run(words, &of->as, &code, tail, err);
    if (status == AUTH_STATUS_OK && code != 0)
        status = auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                                "%s: the server does not stop: %s; its log is in %s/log",
                                of->place.dir, tail, of->place.dir);
    return status;
}

static auth_status stop_locked(embed *of, registry_embed_mode mode, auth_error *err)
{
    bool is_running = false;
    place_path(&of->place, "data", of->data);
    auth_status status = AUTH_STATUS_OK;
    if (place_has(&of->place, "data"))
        status = find_running(of, &is_running, err);
    if (status == AUTH_STATUS_OK && is_running)
        status = run_stop(of, mode, err);
    if (status == AUTH_STATUS_OK)
        place_forget_socket(&of->place);
    return status;
}

auth_status registry_embed_stop(const char *dir, const registry_embed_options *options,
                                registry_embed_mode mode, auth_error *err)
{
    embed of;
    int lock = -1;
    auth_status status = read_options(options, &of, err);
    if (status == AUTH_STATUS_OK)
        status = place_find(dir, &of.place, err);
    if (status == AUTH_STATUS_OK)
        status = place_lock(&of.place, &lock, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = stop_locked(&of, mode, err);
    (void)close(lock);
    return status;
}

auth_status registry_embed_find(const char *dir, pid_t *pid, auth_error *err)
{
    embed_place place;
    char text[64];
    auth_status status = place_find(dir, &place, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *pid = 0;
    status = place_read(&place, "data/postmaster.pid", text, sizeof text, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return AUTH_STATUS_OK;
    if (status != AUTH_STATUS_OK)
        return status;
    /* The first line is the process; a crash leaves the file behind. */
    long found = strtol(text, NULL, 10);
    if (found > 1 && (kill((pid_t)found, 0) == 0 || errno == EPERM))
        *pid = (pid_t)found;
    return AUTH_STATUS_OK;
}

static auth_status write_conninfo(const char *dir, const char *socket, const char *user,
                                  const char *database, char out[REGISTRY_CONNINFO_SIZE],
                                  auth_error *err)
{
    char text[REGISTRY_CONNINFO_SIZE];
    int len = snprintf(text, sizeof text, "host='%s' port=5432 dbname='%s' user='%s'", socket,
                       database, user);
    if (len < 0 || (size_t)len >= sizeof text)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "%s: the connection string is longer than %zu octets; choose a "
                              "shorter name of database or role",
                              dir, sizeof text - 1);
    memcpy(out, text, (size_t)len + 1);
    return AUTH_STATUS_OK;
}

auth_status registry_embed_conninfo(const char *dir, const char *user, const char *database,
                                    char out[REGISTRY_CONNINFO_SIZE], auth_error *err)
{
    embed_place place;
    char socket[PLACE_PATH_SIZE];
    auth_status status = place_find(dir, &place, err);
    if (status == AUTH_STATUS_OK)
        status = place_read(&place, "socket", socket, sizeof socket, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return auth_error_set(err, status,
                              "%s: no cluster runs there; start it with 'auth registry embed %s'",
                              dir, dir);
    return status == AUTH_STATUS_OK ? write_conninfo(dir, socket, user, database, out, err)
                                    : status;
}

auth_status registry_embed_conninfo_ahead(const char *dir, const char *user, const char *database,
                                          char out[REGISTRY_CONNINFO_SIZE], auth_error *err)
{
    embed_place place;
    char socket[PLACE_PATH_SIZE];
    auth_status status = registry_embed_conninfo(dir, user, database, out, err);
    if (status != AUTH_STATUS_NOT_FOUND || place_find(dir, &place, NULL) != AUTH_STATUS_OK ||
        !place_socket_ahead(&place, socket))
        return status;
    return write_conninfo(dir, socket, user, database, out, err);
}
