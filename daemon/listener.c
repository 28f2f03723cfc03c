/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 4096
#define ACCEPTS_A_TURN 64

typedef union any_address {
    struct sockaddr any;
    struct sockaddr_in inet;
    struct sockaddr_in6 inet6;
    struct sockaddr_un local;
} any_address;

static socklen_t fill_address(const daemon_address *from, any_address *out)
{
    memset(out, 0, sizeof *out);
    if (from->kind == DAEMON_ADDRESS_UNIX) {
        out->local.sun_family = AF_UNIX;
        (void)snprintf(out->local.sun_path, sizeof out->local.sun_path, "%s", from->path);
        return sizeof out->local;
    }
    if (from->kind == DAEMON_ADDRESS_INET) {
        out->inet.sin_family = AF_INET;
        out->inet.sin_port = htons(from->port);
        memcpy(&out->inet.sin_addr, from->ip, 4);
        return sizeof out->inet;
    }
    out->inet6.sin6_family = AF_INET6;
    out->inet6.sin6_port = htons(from->port);
    memcpy(&out->inet6.sin6_addr, from->ip, 16);
    return sizeof out->inet6;
}

static auth_status refuse(const daemon_address *address, const char *what, auth_error *err)
{
    char text[DAEMON_ADDRESS_SIZE];
    daemon_address_format(address, text);
    return auth_error_set(err, AUTH_STATUS_IO,
                          "%s: %s: %s; choose another address, or end what uses it", text, what,
                          strerror(errno));
}

/* A socket that was left behind by a daemon that was killed; one that somebody listens on stays. */
static void remove_stale(const any_address *address, socklen_t len)
{
    struct stat found;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0)
        return;
    bool is_stale = connect(probe, &address->any, len) != 0 && errno == ECONNREFUSED;
    (void)close(probe);
    if (is_stale && stat(address->local.sun_path, &found) == 0 && S_ISSOCK(found.st_mode))
        (void)unlink(address->local.sun_path);
}

static void set_option(int file, int level, int name, int value)
{
    (void)setsockopt(file, level, name, &value, sizeof value);
}

/*
 * Opens one socket. Sockets of one group (SO_REUSEPORT) do not notice that another process of the
 * same user has the address too, so the first one is bound without that, and closed again.
 */
static int open_socket(const daemon_address *address, listener_kind kind, bool is_grouped)
{
    any_address to;
    socklen_t len = fill_address(address, &to);
    int file = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (file < 0)
        return -1;
    set_option(file, SOL_SOCKET, SO_REUSEADDR, 1);
    if (is_grouped)
        set_option(file, SOL_SOCKET, SO_REUSEPORT, 1);
    if (address->kind == DAEMON_ADDRESS_INET6)
        set_option(file, IPPROTO_IPV6, IPV6_V6ONLY, address->is_any ? 0 : 1);
    bool is_local = address->kind == DAEMON_ADDRESS_UNIX;
    if (is_local)
        remove_stale(&to, len);
    mode_t mask = umask(kind == LISTENER_ADMIN ? 0177 : 0117);
    bool is_bound = bind(file, &to.any, len) == 0;
    (void)umask(mask);
    if (is_bound && listen(file, BACKLOG) == 0)
        return file;
    int kept = errno;
    (void)close(file);
    errno = kept;
    return -1;
}

static auth_status add_to(loop *to, listener_kind kind, int file, bool is_shared,
                          const daemon_address *address, auth_error *err)
{
    if (to->listener_count == LISTENERS_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "there are too many addresses; leave some out");
    listener *it = &to->listeners[to->listener_count++];
    *it = (listener){{SOURCE_LISTENER, file}, kind, is_shared, false, *address};
    struct epoll_event event = {.events = EPOLLIN | (is_shared ? EPOLLEXCLUSIVE : 0),
                                .data.ptr = &it->source};
    if (epoll_ctl(to->epoll, EPOLL_CTL_ADD, file, &event) != 0)
        return refuse(address, "it cannot be watched", err);
    return AUTH_STATUS_OK;
}

/* The port that was chosen for port 0. */
static uint16_t port_of(int file)
{
    any_address own = {.any.sa_family = AF_UNSPEC};
    socklen_t len = sizeof own;
    if (getsockname(file, &own.any, &len) != 0)
        return 0;
    return ntohs(own.any.sa_family == AF_INET ? own.inet.sin_port : own.inet6.sin6_port);
}

static void tell(server *of, const daemon_address *address, listener_kind kind)
{
    static const char *const kinds[] = {"http", "https", "admin"};
    char text[DAEMON_ADDRESS_SIZE];
    daemon_address_format(address, text);
    daemon_log_write(of->log, &daemon_event_listening,
                     (const daemon_log_field[]){
                         {DAEMON_LOG_KIND_FIXED, "address", auth_bytes_from_text(text), 0},
                         {DAEMON_LOG_KIND_FIXED, "kind", auth_bytes_from_text(kinds[kind]), 0},
                     },
                     2);
}

/* One socket for all loops: unix sockets, and what was opened by somebody else. */
static auth_status share(server *it, listener_kind kind, int file, const daemon_address *address,
                         auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < it->loop_count && status == AUTH_STATUS_OK; i++)
        status = add_to(&it->loops[i], kind, file, true, address, err);
    if (status == AUTH_STATUS_OK)
        tell(it, address, kind);
    return status;
}

auth_status listener_adopt(server *it, listener_kind kind, int file, auth_error *err)
{
    daemon_address address = {.kind = DAEMON_ADDRESS_UNIX, .path = "(given)"};
    /* A loop that waits in accept does nothing else. */
    int flags = fcntl(file, F_GETFL);
    if (flags < 0 || fcntl(file, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(file, F_SETFD, FD_CLOEXEC) != 0)
        return refuse(&address, "it cannot be used", err);
    return share(it, kind, file, &address, err);
}

/*
 * When other processes may have the address as well, nothing is opened only to look: what connects
 * in between would be lost. The first loop's socket chooses the port.
 */
auth_status listener_open(server *it, listener_kind kind, const daemon_address *address,
                          auth_error *err)
{
    bool is_local = address->kind == DAEMON_ADDRESS_UNIX;
    bool is_shared = it->shares_addresses && !is_local;
    int first = open_socket(address, kind, is_shared);
    if (first < 0)
        return refuse(address, "it cannot be opened", err);
    if (is_local)
        return share(it, kind, first, address, err);
    daemon_address chosen = *address;
    chosen.port = port_of(first);
    if (!is_shared)
        (void)close(first);
    for (size_t i = 0; i < it->loop_count; i++) {
        int file = is_shared && i == 0 ? first : open_socket(&chosen, kind, true);
        if (file < 0)
            return refuse(&chosen, "it cannot be opened", err);
        auth_status status = add_to(&it->loops[i], kind, file, false, &chosen, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    tell(it, &chosen, kind);
    return AUTH_STATUS_OK;
}

/* An IPv4 address, or the half of an IPv6 address that one customer gets; 0 for unix sockets. */
static address_key key_of(const any_address *from)
{
    if (from->any.sa_family == AF_INET)
        return (address_key)from->inet.sin_addr.s_addr | (address_key)1 << 32;
    if (from->any.sa_family != AF_INET6)
        return 0;
    const uint8_t *ip = from->inet6.sin6_addr.s6_addr;
    address_key key = 0;
    if (IN6_IS_ADDR_V4MAPPED(&from->inet6.sin6_addr)) {
        uint32_t inner = 0;
        memcpy(&inner, ip + 12, sizeof inner);
        return (address_key)inner | (address_key)1 << 32;
    }
    memcpy(&key, ip, sizeof key);
    return key | 1;
}

static void turn_away(server *of, int file, size_t reason)
{
    (void)close(file);
    (void)atomic_fetch_sub(&of->connections, 1);
    daemon_metric_add(of->metrics, DAEMON_METRIC(TURNED_AWAY), reason, 1);
    daemon_log_fields(of->log, &daemon_event_connections_full,
                      DAEMON_LOG_WORD("limit", reason == 0 ? "max-connections"
                                                           : "max-connections-per-address"));
}

static void admit(loop *it, int file, listener_kind kind, const any_address *from)
{
    server *of = it->server;
    address_key key = key_of(from);
    /* Who looks after the daemon takes no place, and gets in when it is full. */
    if (kind == LISTENER_ADMIN) {
        connection_begin(it, file, kind, 0);
        return;
    }
    int64_t others = atomic_fetch_add(&of->connections, 1);
    if (others >= server_limit_of(of, LIMIT_CONNECTIONS))
        turn_away(of, file, 0);
    else if (!address_table_enter(of->addresses, key,
                                  (size_t)server_limit_of(of, LIMIT_PER_ADDRESS)))
        turn_away(of, file, 1);
    else
        connection_begin(it, file, kind, key);
}

void listener_accept(loop *it, listener *from)
{
    for (int i = 0; i < ACCEPTS_A_TURN && from->source.file >= 0; i++) {
        any_address address = {.any.sa_family = AF_UNSPEC};
        socklen_t len = sizeof address;
        int file = accept4(from->source.file, &address.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (file >= 0) {
            admit(it, file, from->kind, &address);
            continue;
        }
        /* accept(2): the others are errors of a connection that is gone already. */
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            daemon_metric_add(it->server->metrics, DAEMON_METRIC(TURNED_AWAY), 2, 1);
            daemon_log_fields(it->server->log, &daemon_event_descriptors_full,
                              DAEMON_LOG_FIXED("remedy", "raise LimitNOFILE, or lower "
                                                         "max-connections"));
            listener_pause(it, from);
            return;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return;
    }
}

/* Until the next sweep: an accept that cannot succeed would be tried again and again. */
void listener_pause(loop *it, listener *which)
{
    which->is_paused = true;
    it->has_paused = true;
    (void)epoll_ctl(it->epoll, EPOLL_CTL_DEL, which->source.file, NULL);
}

void listener_resume_all(loop *it)
{
    for (size_t i = 0; it->has_paused && i < it->listener_count; i++) {
        listener *which = &it->listeners[i];
        struct epoll_event event = {.events = EPOLLIN | (which->is_shared ? EPOLLEXCLUSIVE : 0),
                                    .data.ptr = &which->source};
        if (which->is_paused && which->source.file >= 0)
            (void)epoll_ctl(it->epoll, EPOLL_CTL_ADD, which->source.file, &event);
        which->is_paused = false;
    }
    it->has_paused = false;
}

/* What loops share, the first one closes when all have taken their leave: see server_free. */
void listener_close_all(loop *it)
{
    for (size_t i = 0; i < it->listener_count; i++) {
        listener *which = &it->listeners[i];
        if (which->source.file < 0)
            continue;
        (void)epoll_ctl(it->epoll, EPOLL_CTL_DEL, which->source.file, NULL);
        if (!which->is_shared)
            (void)close(which->source.file);
        which->source.file = which->is_shared ? which->source.file : -1;
    }
}
