/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why the settings are as they are:
 *
 * - nothing that is acknowledged may be lost: fsync, full pages, synchronous commit, page sums
 * (these are chosen when the cluster is made)
 * - no person's data in the log: no statement and no parameter is written, at no level; terse
 * leaves out DETAIL, where PostgreSQL repeats the values that broke a constraint
 * - no way in from the network: a unix socket only, and peer credentials on it
 */
#include "embed_conf.h"

#include "role.h"

#include <auth/bytes.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CONF_MAX ((size_t)64 * 1024)
#define MADE                                                                                       \
    "# Written anew by 'auth registry embed' at each start. Put your own settings into "           \
    "local.conf.\n"

static auth_status add_server(auth_buf *conf, const embed_place *place, const char *socket,
                              auth_error *err)
{
    return auth_buf_printf(conf, err,
                           MADE "data_directory = '%s/data'\n"
                                "hba_file = '%s/conf/pg_hba.conf'\n"
                                "ident_file = '%s/conf/pg_ident.conf'\n"
                                "unix_socket_directories = '%s'\n"
                                "unix_socket_permissions = 0777\n"
                                "listen_addresses = ''\n"
                                "port = 5432\n"
                                "log_directory = '%s/log'\n",
                           place->dir, place->dir, place->dir, socket, place->dir);
}

static const char fixed[] = "password_encryption = scram-sha-256\n"
                            "ssl = off\n"
                            "fsync = on\n"
                            "full_page_writes = on\n"
                            "synchronous_commit = on\n"
                            "wal_level = replica\n"
                            "wal_log_hints = on\n"
                            "timezone = 'UTC'\n"
                            "lc_messages = 'C'\n"
                            "logging_collector = on\n"
                            "log_filename = 'postgresql-%Y-%m-%d.log'\n"
                            "log_file_mode = 0600\n"
                            "log_rotation_age = 1d\n"
                            "log_rotation_size = 64MB\n"
                            "log_timezone = 'UTC'\n"
                            "log_line_prefix = '%m [%p] %q%u@%d '\n"
                            "log_min_messages = warning\n"
                            "log_error_verbosity = terse\n"
                            "log_statement = none\n"
                            "log_min_error_statement = panic\n"
                            "log_min_duration_statement = -1\n"
                            "log_min_duration_sample = -1\n"
                            "log_transaction_sample_rate = 0\n"
                            "log_duration = off\n"
                            "log_parameter_max_length = 0\n"
                            "log_parameter_max_length_on_error = 0\n"
                            "log_temp_files = -1\n"
                            "include_if_exists = 'local.conf'\n";

static auth_status write_server(const embed_place *place, const char *socket, const char *settings,
                                auth_error *err)
{
    AUTH_AUTO(auth_buf) *conf = NULL;
    auth_status status = auth_buf_new(CONF_MAX, &conf, err);
    if (status == AUTH_STATUS_OK)
        status = add_server(conf, place, socket, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(conf, err, "%s%s\n", fixed, settings == NULL ? "" : settings);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(conf, (auth_bytes){(const uint8_t *)"", 1}, err);
    if (status == AUTH_STATUS_OK)
        status = place_write(place, "conf/postgresql.conf", (const char *)auth_buf_bytes(conf).data,
                             err);
    return status;
}

/* A user map of PostgreSQL 15 names each pair; its roles cannot be a pattern. */
static auth_status write_access(const embed_place *place, const registry_account *as,
                                auth_error *err)
{
    static const char *const people[] = {"root", NULL};
    AUTH_AUTO(auth_buf) *hba = NULL;
    AUTH_AUTO(auth_buf) *map = NULL;
    auth_status status = auth_buf_new(CONF_MAX, &hba, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(CONF_MAX, &map, err);
    if (status == AUTH_STATUS_OK)
        status =
            auth_buf_printf(hba, err,
                            MADE "local all " REGISTRY_SUPERUSER " peer map=registry\n"
                                 "local replication " REGISTRY_SUPERUSER " peer map=registry\n");
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(map, err,
                                 MADE "registry root " REGISTRY_SUPERUSER "\n"
                                      "registry \"%s\" " REGISTRY_SUPERUSER "\n",
                                 as->name);
    for (size_t i = 0; status == AUTH_STATUS_OK && registry_role_names[i] != NULL; i++) {
        const char *role = registry_role_names[i];
        status = auth_buf_printf(hba, err, "local all %s peer map=registry\n", role);
        if (status == AUTH_STATUS_OK)
            status = auth_buf_printf(map, err, "registry %s %s\nregistry \"%s\" %s\n", people[0],
                                     role, as->name, role);
    }
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(hba, err, "local all all scram-sha-256\n%c", '\0');
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(map, (auth_bytes){(const uint8_t *)"", 1}, err);
    if (status == AUTH_STATUS_OK)
        status =
            place_write(place, "conf/pg_hba.conf", (const char *)auth_buf_bytes(hba).data, err);
    if (status == AUTH_STATUS_OK)
        status =
            place_write(place, "conf/pg_ident.conf", (const char *)auth_buf_bytes(map).data, err);
    return status;
}

auth_status embed_conf_write(const embed_place *place, const registry_account *as,
                             const char *socket, const char *settings, auth_error *err)
{
    char path[PLACE_PATH_SIZE];
    place_path(place, "conf", path);
    /* The server reads it and owns it not: a server that was broken into must not open itself. */
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return auth_error_set(err, AUTH_STATUS_IO, "%s: %s", path, strerror(errno));
    auth_status status = write_server(place, socket, settings, err);
    if (status == AUTH_STATUS_OK)
        status = write_access(place, as, err);
    if (status == AUTH_STATUS_OK && !place_has(place, "conf/local.conf"))
        status = place_write(place, "conf/local.conf",
                             "# Settings of PostgreSQL for this machine.\n", err);
    return status;
}
