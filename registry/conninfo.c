/* SPDX-License-Identifier: Apache-2.0 */
#include "conninfo.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PARAMS 64
#define MAX_LIST 1024
#define MAX_HOSTS 16

/* Values that are given for each host, with commas between. */
typedef struct host_list {
    char text[MAX_LIST];
    bool is_given;
} host_list;

struct conninfo {
    PQconninfoOption *given;
    PQconninfoOption *defaults; /* from the environment */
    const char *program;
    host_list hosts;
    host_list addresses;
    host_list ports;
    size_t count;
    const char *keywords[MAX_PARAMS + 8];
    const char *values[MAX_PARAMS + 8];
};

static const char *find(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword != NULL; options++) {
        if (strcmp(options->keyword, keyword) == 0)
            return options->val != NULL && options->val[0] != '\0' ? options->val : NULL;
    }
    return NULL;
}

/* What libpq will use. */
static const char *effective(const conninfo *info, const char *keyword)
{
    const char *value = find(info->given, keyword);
    return value != NULL ? value : find(info->defaults, keyword);
}

static size_t count_items(const char *list)
{
    size_t count = 1;
    for (; *list != '\0'; list++)
        count += *list == ',';
    return count;
}

static auth_status read_list(const conninfo *info, const char *keyword, host_list *out,
                             auth_error *err)
{
    const char *value = effective(info, keyword);
    out->is_given = value != NULL;
    if (value == NULL)
        return AUTH_STATUS_OK;
    int len = snprintf(out->text, sizeof out->text, "%s", value);
    if (len < 0 || (size_t)len >= sizeof out->text || count_items(value) > MAX_HOSTS) {
        return auth_error_set(
            err, AUTH_STATUS_LIMIT,
            "connection string: %s: more than %d octets or %d entries; name fewer", keyword,
            MAX_LIST - 1, MAX_HOSTS);
    }
    return AUTH_STATUS_OK;
}

/* Whether every host of the list is the directory of a socket; "@" is one without a file. */
static bool are_sockets(const char *list)
{
    for (;; list++) {
        if (*list != '/' && *list != '@')
            return false;
        list += strcspn(list, ",");
        if (*list == '\0')
            return true;
    }
}

static auth_status check_tls(const conninfo *info, auth_error *err)
{
    const char *mode = effective(info, "sslmode");
    const char *version = effective(info, "ssl_min_protocol_version");
    if (!info->hosts.is_given) {
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "connection string: host is missing; give the name of the server, "
                              "which its certificate must bear, or the directory of its socket");
    }
    if (mode == NULL || strcmp(mode, "verify-full") != 0) {
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "connection string: a server on the network must prove who it is; "
                              "add sslmode=verify-full and sslrootcert=FILE, or use a unix socket");
    }
    if (version != NULL && strcmp(version, "TLSv1.2") != 0 && strcmp(version, "TLSv1.3") != 0) {
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "connection string: ssl_min_protocol_version is below TLSv1.2; take "
                              "it out, or give TLSv1.2 or TLSv1.3");
    }
    return AUTH_STATUS_OK;
}

static auth_status check(const conninfo *info, auth_error *err)
{
    if (effective(info, "service") != NULL) {
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "connection string: service: a service file can change each option "
                              "behind it; write the options themselves, and unset PGSERVICE");
    }
    /* With hostaddr libpq connects there, whatever host says. */
    bool is_socket =
        info->hosts.is_given && !info->addresses.is_given && are_sockets(info->hosts.text);
    return is_socket ? AUTH_STATUS_OK : check_tls(info, err);
}

static auth_status read_options(conninfo *info, const char *text, auth_error *err)
{
    char *fault = NULL;
    info->given = PQconninfoParse(text, &fault);
    info->defaults = PQconndefaults();
    bool is_malformed = fault != NULL;
    PQfreemem(fault);
    if (is_malformed) {
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "connection string: cannot be read; write keyword=value pairs, "
                              "values with spaces in '...', or postgresql://HOST/DATABASE?...");
    }
    return info->given == NULL || info->defaults == NULL ? auth_error_memory(err) : AUTH_STATUS_OK;
}

auth_status conninfo_new(const char *text, const char *program, conninfo **out, auth_error *err)
{
    AUTH_AUTO(conninfo) *info = calloc(1, sizeof *info);
    if (info == NULL)
        return auth_error_memory(err);
    info->program = program;
    auth_status status = read_options(info, text, err);
    if (status == AUTH_STATUS_OK)
        status = read_list(info, "host", &info->hosts, err);
    if (status == AUTH_STATUS_OK)
        status = read_list(info, "hostaddr", &info->addresses, err);
    if (status == AUTH_STATUS_OK)
        status = read_list(info, "port", &info->ports, err);
    if (status == AUTH_STATUS_OK)
        status = check(info, err);
    if (status != AUTH_STATUS_OK)
        return status;
    info->count = count_items(info->hosts.text);
    *out = AUTH_TAKE(info);
    return AUTH_STATUS_OK;
}

void conninfo_free(conninfo *info)
{
    if (info == NULL)
        return;
    PQconninfoFree(info->given);
    PQconninfoFree(info->defaults);
    free(info);
}

size_t conninfo_hosts(const conninfo *info) { return info->count; }

static void rotate(host_list *list)
{
    char turned[MAX_LIST];
    char *comma = strchr(list->text, ',');
    /* One port may stand for all hosts. */
    if (!list->is_given || comma == NULL)
        return;
    (void)snprintf(turned, sizeof turned, "%s,%.*s", comma + 1, (int)(comma - list->text),
                   list->text);
    memcpy(list->text, turned, sizeof turned);
}

void conninfo_rotate(conninfo *info)
{
    rotate(&info->hosts);
    rotate(&info->addresses);
    rotate(&info->ports);
}

static void add(conninfo *info, size_t *count, const char *keyword, const char *value)
{
    info->keywords[*count] = keyword;
    info->values[*count] = value;
    (*count)++;
}

/* Of a keyword that stands twice, libpq takes the second. */
void conninfo_params(conninfo *info, const char *const **keywords, const char *const **values)
{
    size_t count = 0;
    for (const PQconninfoOption *at = info->given; at->keyword != NULL && count < MAX_PARAMS;
         at++) {
        if (at->val != NULL)
            add(info, &count, at->keyword, at->val);
    }
    if (info->hosts.is_given)
        add(info, &count, "host", info->hosts.text);
    if (info->addresses.is_given)
        add(info, &count, "hostaddr", info->addresses.text);
    if (info->ports.is_given)
        add(info, &count, "port", info->ports.text);
    if (effective(info, "application_name") == NULL)
        add(info, &count, "application_name", info->program);
    if (effective(info, "ssl_min_protocol_version") == NULL)
        add(info, &count, "ssl_min_protocol_version", "TLSv1.2");
    add(info, &count, "client_encoding", "UTF8");
    add(info, &count, "gssencmode", "disable");
    add(info, &count, NULL, NULL);
    *keywords = info->keywords;
    *values = info->values;
}
