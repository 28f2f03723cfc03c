/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: auth-load --to ADDRESS:PORT --issuer CERTIFICATE --serials FILE [OPTION VALUE]...
 *
 * Asks an OCSP responder about the serial numbers of a file (hex, one a line), checks every answer,
 * and prints one line of JSON. See load.h for what the options mean: --path, --rate, --count,
 * --seconds, --connections, --depth, --get, --nonce, --expect (percent), --hash, --order
 * (file|random), --check (now|late), --patience (ms), --record FILE (for auth fsck --answers).
 *
 * SIGTERM ends the load early. Exit code 1: an answer was wrong. 2: the load could not be made.
 */
#include "load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define CONNECTIONS_MAX 20000

typedef struct settings {
    const char *to;
    const char *issuer;
    const char *serials;
    const char *record;
    load_plan plan;
} settings;

static double number(const char *name, const char *value, double max)
{
    char *end = NULL;
    double found = strtod(value, &end);
    if (*value == '\0' || *end != '\0' || found < 0 || found > max)
        load_die("%s: a number from 0 to %g is wanted", name, max);
    return found;
}

static auth_ocsp_hash hash_of(const char *name)
{
    if (strcmp(name, "sha256") == 0)
        return AUTH_OCSP_HASH_SHA256;
    return strcmp(name, "sm3") == 0 ? AUTH_OCSP_HASH_SM3 : AUTH_OCSP_HASH_SHA1;
}

static void set_text(settings *to, const char *name, const char *value)
{
    if (strcmp(name, "to") == 0)
        to->to = value;
    else if (strcmp(name, "issuer") == 0)
        to->issuer = value;
    else if (strcmp(name, "serials") == 0)
        to->serials = value;
    else if (strcmp(name, "record") == 0)
        to->record = value;
    else if (strcmp(name, "path") == 0)
        to->plan.path = value;
    else if (strcmp(name, "hash") == 0)
        to->plan.hash = hash_of(value);
    else if (strcmp(name, "order") == 0)
        to->plan.is_random = strcmp(value, "random") == 0;
    else if (strcmp(name, "check") == 0)
        to->plan.is_checked_late = strcmp(value, "late") == 0;
    else
        load_die("there is no option --%s", name);
}

static bool set_number(load_plan *to, const char *name, const char *value)
{
    if (strcmp(name, "rate") == 0)
        to->rate = number(name, value, 1e6);
    else if (strcmp(name, "count") == 0)
        to->count = (uint64_t)number(name, value, LOAD_EXCHANGES_MAX);
    else if (strcmp(name, "seconds") == 0)
        to->seconds = number(name, value, 86400);
    else if (strcmp(name, "connections") == 0)
        to->connections = (unsigned)number(name, value, CONNECTIONS_MAX);
    else if (strcmp(name, "depth") == 0)
        to->depth = (unsigned)number(name, value, LOAD_DEPTH_MAX);
    else if (strcmp(name, "get") == 0)
        to->get_percent = (unsigned)number(name, value, 100);
    else if (strcmp(name, "nonce") == 0)
        to->nonce_percent = (unsigned)number(name, value, 100);
    else if (strcmp(name, "expect") == 0)
        to->expect_percent = (unsigned)number(name, value, 100);
    else if (strcmp(name, "patience") == 0)
        to->patience_ms = (unsigned)number(name, value, 600000);
    else
        return false;
    return true;
}

static void read_options(int argc, char **argv, settings *out)
{
    *out = (settings){.plan = {.path = "/ocsp",
                               .connections = 8,
                               .depth = 1,
                               .hash = AUTH_OCSP_HASH_SHA1,
                               .patience_ms = 10000}};
    for (int i = 1; i < argc; i += 2) {
        if (strncmp(argv[i], "--", 2) != 0 || i + 1 == argc)
            load_die("options are --NAME VALUE");
        if (!set_number(&out->plan, argv[i] + 2, argv[i + 1]))
            set_text(out, argv[i] + 2, argv[i + 1]);
    }
    if (out->to == NULL || out->issuer == NULL || out->serials == NULL)
        load_die("--to, --issuer and --serials are needed");
    if (out->plan.count == 0 && out->plan.seconds <= 0)
        load_die("--count or --seconds is needed");
    if (out->plan.connections == 0 || out->plan.depth == 0)
        load_die("at least one connection and question is needed");
}

static void read_address(const char *text, load_targets *out)
{
    char host[INET_ADDRSTRLEN];
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *colon = strrchr(text, ':');
    size_t len = colon == NULL ? sizeof host : (size_t)(colon - text);
    if (len >= sizeof host)
        load_die("--to: ADDRESS:PORT is wanted");
    memcpy(host, text, len);
    host[len] = '\0';
    address.sin_port = htons((uint16_t)number("to", colon + 1, UINT16_MAX));
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        load_die("--to: %s is no address", host);
    memcpy(&out->address, &address, sizeof address);
    out->address_len = sizeof address;
}

/* Every connection takes a descriptor. */
static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    settings set;
    load_targets targets = {.count = 0};
    FILE *record = NULL;
    double seconds = 0;
    unsigned reconnects = 0;
    read_options(argc, argv, &set);
    read_address(set.to, &targets);
    load_targets_read(set.serials, set.issuer, &targets);
    if (set.record != NULL && (record = fopen(set.record, "ae")) == NULL)
        load_die("%s cannot be written", set.record);
    /* Several processes append to it: a line is one write. */
    if (record != NULL && setvbuf(record, NULL, _IOLBF, BUFSIZ) != 0)
        load_die("%s cannot be buffered", set.record);
    raise_limit();
    load_report *report = load_report_new(&set.plan, &targets, record);
    uint64_t unasked = load_drive(&set.plan, &targets, report, &seconds, &reconnects);
    bool is_right = load_report_print(report, seconds, unasked, reconnects);
    load_report_free(report);
    load_targets_clear(&targets);
    if (record != NULL && fclose(record) != 0)
        load_die("%s cannot be written", set.record);
    return is_right ? 0 : 1;
}
