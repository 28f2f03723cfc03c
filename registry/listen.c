/* SPDX-License-Identifier: Apache-2.0 */
#include "listen.h"

#include "deadline.h"
#include "session.h"

#include <errno.h>
#include <poll.h>

static const char *listen_text(registry_channel channel)
{
    switch (channel) {
#define REGISTRY_CHANNEL_ROW(id, name)                                                             \
    case REGISTRY_CHANNEL_##id:                                                                    \
        return "LISTEN " name;
#include "channel.def"
    }
    return NULL;
}

auth_status registry_listen(registry_connection *connection, registry_channel channel,
                            auth_error *err)
{
    const char *sql = listen_text(channel);
    if (sql == NULL || registry_connection_is_in_transaction(connection))
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "registry: LISTEN of no channel or in a transaction; please report "
                              "this");
    return session_query(connection, "LISTEN", sql,
                         registry_deadline_after(connection->call_timeout_ms), NULL, err);
}

/* Takes all that there are. */
static bool take_notifications(registry_connection *connection)
{
    bool is_told = false;
    for (PGnotify *told = PQnotifies(connection->pq); told != NULL;
         told = PQnotifies(connection->pq)) {
        is_told = true;
        PQfreemem(told);
    }
    return is_told;
}

auth_status registry_listen_wait(registry_connection *connection, unsigned timeout_ms,
                                 bool *is_told, auth_error *err)
{
    registry_deadline deadline = registry_deadline_after(timeout_ms);
    bool found = take_notifications(connection);
    for (bool is_late = false; !found && !is_late;) {
        struct pollfd socket = {.fd = PQsocket(connection->pq), .events = POLLIN};
        if (connection->is_broken || socket.fd < 0)
            return session_lost(connection, "LISTEN", err);
        int ready = poll(&socket, 1, registry_deadline_left_ms(deadline));
        if (ready < 0 && errno != EINTR)
            return session_lost(connection, "LISTEN", err);
        is_late = ready == 0;
        if (ready > 0 && PQconsumeInput(connection->pq) == 0)
            return session_lost(connection, "LISTEN", err);
        found = take_notifications(connection);
    }
    *is_told = found;
    return AUTH_STATUS_OK;
}

int registry_listen_socket(const registry_connection *connection)
{
    return PQsocket(connection->pq);
}
