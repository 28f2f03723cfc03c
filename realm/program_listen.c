/* SPDX-License-Identifier: Apache-2.0 */
/* Where a daemon listens: what realm.conf says, with ports that were chosen in the place of 0. */
#include "realm/program_row.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENDING ".listen"

/* Addresses as a value of their own, to read what was recorded. */
static const daemon_option record_rows[] = {
    {.name = "listen", .type = DAEMON_ADDRESSES, .fallback = "", .help = "recorded addresses"},
    DAEMON_OPTION_END,
};

/* A choice under way: every socket stays open until all ports are chosen, so that they differ. */
typedef struct choice {
    const realm_program_row *row;
    int sockets[DAEMON_ADDRESSES_MAX];
    size_t count;
} choice;

static const char *conf_text(const realm *of, realm_program program)
{
    const char *name = realm_program_rows[program].listen;
    return name[0] == '\0' ? "" : daemon_options_text(realm_options(of), name);
}

static size_t conf_addresses(const realm *of, realm_program program, const daemon_address **out)
{
    const char *name = realm_program_rows[program].listen;
    return name[0] == '\0' ? 0 : daemon_options_addresses(realm_options(of), name, out);
}

static bool is_open(const daemon_address *address)
{
    return address->kind != DAEMON_ADDRESS_UNIX && address->port == 0;
}

static bool has_open(const realm *of, realm_program program)
{
    const daemon_address *addresses = NULL;
    size_t count = conf_addresses(of, program, &addresses);
    for (size_t i = 0; i < count; i++) {
        if (is_open(&addresses[i]))
            return true;
    }
    return false;
}

static auth_status record_path(const realm *of, realm_program program, char out[REALM_PATH_SIZE],
                               auth_error *err)
{
    return realm_path_join(realm_dir(of), REALM_RUN_FOLDER, realm_program_rows[program].name,
                           ENDING, out, err);
}

socklen_t realm_socket_address(const daemon_address *address, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (address->kind == DAEMON_ADDRESS_INET) {
        struct sockaddr_in inet = {.sin_family = AF_INET, .sin_port = htons(address->port)};
        memcpy(&inet.sin_addr, address->ip, sizeof inet.sin_addr);
        memcpy(out, &inet, sizeof inet);
        return sizeof inet;
    }
    struct sockaddr_in6 inet = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};
    memcpy(&inet.sin6_addr, address->ip, sizeof inet.sin6_addr);
    memcpy(out, &inet, sizeof inet);
    return sizeof inet;
}

/* Takes a port for an address and keeps it for the time being; false: it is not free. */
static bool take(choice *it, const daemon_address *address, uint16_t port, uint16_t *out)
{
    struct sockaddr_storage where;
    int is_wanted = 1;
    daemon_address wanted = *address;
    wanted.port = port;
    socklen_t len = realm_socket_address(&wanted, &where);
    int file = socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (file < 0)
        return false;
    /* What an ended daemon left in TIME_WAIT does not count. */
    (void)setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &is_wanted, sizeof is_wanted);
    if (bind(file, (const struct sockaddr *)&where, len) != 0 || listen(file, 1) != 0 ||
        getsockname(file, (struct sockaddr *)&where, &len) != 0) {
        int error = errno;
        (void)close(file);
        errno = error;
        return false;
    }
    it->sockets[it->count++] = file;
    in_port_t chosen = where.ss_family == AF_INET
                           ? ((const struct sockaddr_in *)&where)->sin_port
                           : ((const struct sockaddr_in6 *)&where)->sin6_port;
    *out = ntohs(chosen);
    return true;
}

/* The port of last time, if it is free, so that what was written down somewhere stays right. */
static uint16_t port_before(const daemon_options *before, size_t index,
                            const daemon_address *address)
{
    const daemon_address *addresses = NULL;
    size_t count = daemon_options_addresses(before, "listen", &addresses);
    if (index >= count || addresses[index].kind != address->kind ||
        memcmp(addresses[index].ip, address->ip, sizeof address->ip) != 0)
        return 0;
    return addresses[index].port;
}

static auth_status choose_one(choice *it, const daemon_options *before, size_t index,
                              const daemon_address *address, uint16_t *out, auth_error *err)
{
    uint16_t old = port_before(before, index, address);
    if ((old != 0 && take(it, address, old, out)) || take(it, address, 0, out))
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                          "%s: no free port for an address of %s in realm.conf: %s; name one",
                          it->row->program, it->row->listen, strerror(errno));
}

static auth_status choose_all(choice *it, const realm *of, realm_program program,
                              const daemon_options *before, auth_buf *out, auth_error *err)
{
    const daemon_address *addresses = NULL;
    size_t count = conf_addresses(of, program, &addresses);
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++) {
        char text[DAEMON_ADDRESS_SIZE];
        daemon_address address = addresses[i];
        if (is_open(&address))
            status = choose_one(it, before, i, &addresses[i], &address.port, err);
        daemon_address_format(&address, text);
        if (status == AUTH_STATUS_OK)
            status = auth_buf_printf(out, err, "%s%s", i > 0 ? " " : "", text);
    }
    return status;
}

static auth_status write_record(const realm *of, realm_program program, auth_bytes text,
                                auth_error *err)
{
    char path[REALM_PATH_SIZE];
    auth_status status = record_path(of, program, path, err);
    if (status != AUTH_STATUS_OK)
        return status;
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    /* The folder is closed to others; its owner is to read what root wrote. */
    bool is_written = file >= 0 && fchmod(file, 0644) == 0 &&
                      write(file, text.data, text.len) == (ssize_t)text.len;
    if (file >= 0)
        (void)close(file);
    if (is_written)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_IO, "%s: cannot be written: %s; look at its disk", path,
                          strerror(errno));
}

/* What was recorded; none, or what nobody can read, tells of no ports. */
static auth_status read_record(const realm *of, realm_program program, daemon_options *out,
                               auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_error why;
    char path[REALM_PATH_SIZE];
    auth_status status = record_path(of, program, path, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (realm_file_read(path, &text, &why) == AUTH_STATUS_OK &&
        daemon_options_set(out, auth_bytes_from_text("listen"), auth_buf_bytes(text),
                           DAEMON_FROM_FILE, &why) == AUTH_STATUS_MEMORY)
        return auth_error_memory(err);
    return AUTH_STATUS_OK;
}

auth_status realm_program_choose(const realm *of, realm_program program,
                                 char out[REALM_LISTEN_SIZE], auth_error *err)
{
    AUTH_AUTO(daemon_options) *before = NULL;
    AUTH_AUTO(auth_buf) *text = NULL;
    choice it = {.row = &realm_program_rows[program]};
    (void)snprintf(out, REALM_LISTEN_SIZE, "%s", conf_text(of, program));
    if (!has_open(of, program))
        return AUTH_STATUS_OK;
    auth_status status = daemon_options_new(record_rows, NULL, &before, err);
    if (status == AUTH_STATUS_OK)
        status = read_record(of, program, before, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(REALM_LISTEN_SIZE - 1, &text, err);
    if (status == AUTH_STATUS_OK)
        status = choose_all(&it, of, program, before, text, err);
    if (status == AUTH_STATUS_OK)
        status = write_record(of, program, auth_buf_bytes(text), err);
    for (size_t i = 0; i < it.count; i++)
        (void)close(it.sockets[i]);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes chosen = auth_buf_bytes(text);
    (void)snprintf(out, REALM_LISTEN_SIZE, "%.*s", (int)chosen.len, (const char *)chosen.data);
    return AUTH_STATUS_OK;
}

auth_status realm_program_listens(const realm *of, realm_program program, daemon_options **out,
                                  auth_error *err)
{
    AUTH_AUTO(daemon_options) *addresses = NULL;
    auth_status status = daemon_options_new(record_rows, NULL, &addresses, err);
    if (status == AUTH_STATUS_OK && has_open(of, program))
        status = read_record(of, program, addresses, err);
    else if (status == AUTH_STATUS_OK)
        status =
            daemon_options_set(addresses, auth_bytes_from_text("listen"),
                               auth_bytes_from_text(conf_text(of, program)), DAEMON_FROM_FILE, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(addresses);
    return status;
}
