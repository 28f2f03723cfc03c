/* SPDX-License-Identifier: Apache-2.0 */
/* The options that every daemon has, and what follows from them. */
#include "daemon/life.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const levels[] = {"error", "warning", "notice", "info", "debug", NULL};
static const char *const formats[] = {"auto", "json", "text", NULL};

/* clang-format off */
#define DURATION(option, value, least, most, text) \
    {.name = option, .type = DAEMON_DURATION, .fallback = value, .help = text, .min = least, .max = most, .is_reloadable = true}
#define NUMBER(option, value, least, most, text, can_change) \
    {.name = option, .type = DAEMON_NUMBER, .fallback = value, .help = text, .min = least, .max = most, .is_reloadable = can_change}
#define SIZE(option, value, least, most, text) \
    {.name = option, .type = DAEMON_SIZE, .fallback = value, .help = text, .min = least, .max = most, .is_reloadable = true}
#define ADDRESSES(option, text) {.name = option, .type = DAEMON_ADDRESSES, .fallback = "", .help = text}
#define FILE_NAME(option, text) {.name = option, .type = DAEMON_PATH, .fallback = "", .help = text, .is_reloadable = true}

#define ROWS_OF_ALL \
    {.name = "log-level", .type = DAEMON_CHOICE, .fallback = "info", .choices = levels, .is_reloadable = true, \
     .help = N_("the least important events that are logged")}, \
    {.name = "log-format", .type = DAEMON_CHOICE, .fallback = "auto", .choices = formats, \
     .help = N_("how a line of the log looks; auto is text on a terminal and JSON elsewhere")}, \
    ADDRESSES("admin-socket", N_("unix socket for health, readiness and metrics: unix:/path")), \
    DURATION("drain-timeout", "20s", 0, 600000, N_("how long what was begun may take when the daemon ends"))

#define ROWS_OF_SERVING \
    ADDRESSES("listen", N_("addresses for plain HTTP")), \
    ADDRESSES("listen-tls", N_("addresses for HTTPS")), \
    {.name = "share-addresses", .type = DAEMON_BOOLEAN, .fallback = "no", \
     .help = N_("let other processes of the same account listen on the same addresses and ports")}, \
    FILE_NAME("tls-certificate", N_("PEM file with the daemon's certificate and its chain")), \
    FILE_NAME("tls-key", N_("PEM file with the key of that certificate")), \
    NUMBER("threads", "0", 0, LOOPS_MAX, N_("threads that serve connections; 0: one for each processor"), false), \
    NUMBER("workers", "0", 0, WORKERS_MAX, N_("threads for handlers that may wait; 0: as many as suit the daemon"), false), \
    NUMBER("max-connections", "4096", 1, 1000000, N_("connections in all"), false), \
    NUMBER("max-connections-per-address", "1024", 1, 1000000, N_("connections from one IPv4 address or one IPv6 /64"), true), \
    NUMBER("max-waiting", "1024", 0, 1000000, N_("requests that wait for an event (long polls)"), true), \
    NUMBER("max-queued", "1024", 1, 1000000, N_("requests that wait for a worker thread"), true), \
    SIZE("max-body-memory", "256MiB", 65536, (int64_t)1 << 40, N_("memory for the bodies of all requests together")), \
    DURATION("idle-timeout", "10s", 100, 3600000, N_("how long a connection may be silent between two requests")), \
    DURATION("header-timeout", "5s", 100, 600000, N_("how long the head of a request, or a handshake, may take")), \
    DURATION("request-timeout", "15s", 100, 600000, N_("how long a request may take from its first octet to its answer")), \
    DURATION("write-timeout", "10s", 100, 600000, N_("how long a client may take to read 64 KiB of an answer"))

const daemon_option life_options_alone[] = {ROWS_OF_ALL, DAEMON_OPTION_END};
const daemon_option life_options_serving[] = {ROWS_OF_SERVING, ROWS_OF_ALL, DAEMON_OPTION_END};
/* clang-format on */

typedef struct limit_row {
    server_limit limit;
    const char *option;
} limit_row;

static const limit_row limit_rows[] = {
    {LIMIT_IDLE_MS, "idle-timeout"},        {LIMIT_HEAD_MS, "header-timeout"},
    {LIMIT_REQUEST_MS, "request-timeout"},  {LIMIT_WRITE_MS, "write-timeout"},
    {LIMIT_CONNECTIONS, "max-connections"}, {LIMIT_PER_ADDRESS, "max-connections-per-address"},
    {LIMIT_WAITING, "max-waiting"},         {LIMIT_QUEUED, "max-queued"},
    {LIMIT_BODY_OCTETS, "max-body-memory"},
};

static daemon_level level_of(const char *name)
{
    size_t i = 0;
    while (levels[i] != NULL && strcmp(levels[i], name) != 0)
        i++;
    return (daemon_level)(DAEMON_LEVEL_ERROR + (int)i);
}

void life_apply_limits(daemon_self *self, const daemon_options *options)
{
    daemon_log_set_level(self->log, level_of(daemon_options_text(options, "log-level")));
    const daemon_option *rows = self->invocation.common;
    /* Without routes there are no options for them, and the admin socket takes the built-in ones.
     */
    AUTH_AUTO(daemon_options) *built_in = NULL;
    if (rows != life_options_serving) {
        if (daemon_options_new(life_options_serving, NULL, &built_in, NULL) != AUTH_STATUS_OK)
            return;
        options = built_in;
    }
    for (size_t i = 0; i < sizeof limit_rows / sizeof limit_rows[0]; i++)
        server_set_limit(self->server, limit_rows[i].limit,
                         daemon_options_number(options, limit_rows[i].option));
}

auth_status life_load_tls(const daemon_options *options, bool has_routes, tls_credentials **out,
                          auth_error *err)
{
    *out = NULL;
    if (!has_routes || !daemon_options_is_set(options, "listen-tls"))
        return AUTH_STATUS_OK;
    return tls_credentials_load(daemon_options_text(options, "tls-certificate"),
                                daemon_options_text(options, "tls-key"), out, err);
}

auth_status life_check_options(const daemon_options *options, bool has_routes,
                               daemon_faults *faults, auth_error *err)
{
    const daemon_address *admin = NULL;
    size_t count = daemon_options_addresses(options, "admin-socket", &admin);
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++) {
        if (admin[i].kind != DAEMON_ADDRESS_UNIX)
            status =
                daemon_fault(faults, err, "admin-socket must be a unix socket; write unix:/path");
    }
    if (status != AUTH_STATUS_OK || !has_routes || !daemon_options_is_set(options, "listen-tls"))
        return status;
    bool has_both = daemon_options_is_set(options, "tls-certificate") &&
                    daemon_options_is_set(options, "tls-key");
    if (!has_both)
        return daemon_fault(faults, err,
                            "listen-tls needs tls-certificate and tls-key; name both files");
    AUTH_AUTO(tls_credentials) *credentials = NULL;
    auth_error why;
    if (life_load_tls(options, has_routes, &credentials, &why) != AUTH_STATUS_OK)
        status = daemon_fault(faults, err, "%s", why.text);
    return status;
}

/* sd_listen_fds(3): descriptors from 3 on, each with a name: http, https or admin. */
static auth_status adopt(daemon_self *self, bool has_given[LISTENER_KINDS], auth_error *err)
{
    static const char *const kinds[] = {"http", "https", "admin"};
    const char *owner = getenv("LISTEN_PID");
    const char *count_text = getenv("LISTEN_FDS");
    const char *names = getenv("LISTEN_FDNAMES");
    if (owner == NULL || count_text == NULL || strtol(owner, NULL, 10) != getpid())
        return AUTH_STATUS_OK;
    long count = strtol(count_text, NULL, 10);
    for (int i = 0; i < count && (size_t)i < LISTENERS_MAX; i++) {
        size_t len = names == NULL ? 0 : strcspn(names, ":");
        listener_kind kind = LISTENER_PLAIN;
        for (size_t k = 0; k < LISTENER_KINDS; k++) {
            if (len == strlen(kinds[k]) && names != NULL && memcmp(names, kinds[k], len) == 0)
                kind = (listener_kind)k;
        }
        has_given[kind] = true;
        auth_status status = listener_adopt(self->server, kind, 3 + i, err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (names != NULL)
            names += len + (names[len] == ':' ? 1 : 0);
    }
    return AUTH_STATUS_OK;
}

static auth_status open_kind(daemon_self *self, listener_kind kind, const char *option,
                             auth_error *err)
{
    const daemon_address *addresses = NULL;
    size_t count = daemon_options_addresses(self->options, option, &addresses);
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++)
        status = listener_open(self->server, kind, &addresses[i], err);
    return status;
}

auth_status life_open_listeners(daemon_self *self, auth_error *err)
{
    bool has_given[LISTENER_KINDS] = {false};
    bool has_routes = self->program->routes != NULL;
    auth_status status = adopt(self, has_given, err);
    if (status == AUTH_STATUS_OK && has_routes && !has_given[LISTENER_PLAIN])
        status = open_kind(self, LISTENER_PLAIN, "listen", err);
    if (status == AUTH_STATUS_OK && has_routes && !has_given[LISTENER_TLS])
        status = open_kind(self, LISTENER_TLS, "listen-tls", err);
    if (status == AUTH_STATUS_OK && !has_given[LISTENER_ADMIN])
        status = open_kind(self, LISTENER_ADMIN, "admin-socket", err);
    return status;
}
