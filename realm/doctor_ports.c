/* SPDX-License-Identifier: Apache-2.0 */
/* Whether who listens where a daemon should is that daemon. */
#include "realm/doctor_state.h"
#include "realm/program_row.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_TIMEOUT_MS 2000

/* Tells whether somebody takes connections at an address; "*" is asked at the loopback address. */
static bool answers(const daemon_address *address)
{
    struct sockaddr_storage where;
    daemon_address asked = *address;
    int error = 0;
    socklen_t error_len = sizeof error;
    if (asked.is_any)
        memcpy(asked.ip, &in6addr_loopback, sizeof asked.ip);
    socklen_t len = realm_socket_address(&asked, &where);
    int file = socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (file < 0)
        return false;
    struct pollfd event = {.fd = file, .events = POLLOUT};
    bool is_there = connect(file, (const struct sockaddr *)&where, len) == 0 ||
                    (errno == EINPROGRESS && poll(&event, 1, ANSWER_TIMEOUT_MS) == 1 &&
                     getsockopt(file, SOL_SOCKET, SO_ERROR, &error, &error_len) == 0 && error == 0);
    (void)close(file);
    return is_there;
}

static void look_at_address(const doctor *it, const realm_program_row *row, bool runs,
                            const daemon_address *address)
{
    char text[DAEMON_ADDRESS_SIZE];
    if (address->kind == DAEMON_ADDRESS_UNIX || address->port == 0)
        return;
    bool is_there = answers(address);
    daemon_address_format(address, text);
    if (runs && !is_there)
        doctor_fault(it, "%s: runs, but nobody answers at %s; look at its log", row->program, text);
    else if (!runs && is_there)
        doctor_fault(it,
                     "%s: does not run, but somebody else listens at %s; end that one, or change "
                     "%s in realm.conf",
                     row->program, text, row->listen);
}

static void look_at_program(const doctor *it, realm_program program)
{
    AUTH_AUTO(daemon_options) *listens = NULL;
    const daemon_address *addresses = NULL;
    auth_error why;
    pid_t pid = 0;
    auth_status status = realm_program_process(it->of, program, &pid, &why);
    if (status == AUTH_STATUS_OK)
        status = realm_program_listens(it->of, program, &listens, &why);
    if (status != AUTH_STATUS_OK) {
        doctor_fault(it, "%s", why.text);
        return;
    }
    size_t count = daemon_options_addresses(listens, "listen", &addresses);
    for (size_t i = 0; i < count; i++)
        look_at_address(it, &realm_program_rows[program], pid != 0, &addresses[i]);
}

void doctor_ports(doctor *it)
{
    for (int i = 0; i < REALM_PROGRAMS; i++) {
        if (realm_program_is_wanted(it->of, (realm_program)i))
            look_at_program(it, (realm_program)i);
    }
}
