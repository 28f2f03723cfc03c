/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for the database to tell that something happened. A notification is a hint and may be
 * lost with its line, so a wait ends by itself, and who waits looks after each one:
 *
 *     registry_listen(connection, REGISTRY_CHANNEL_REQUEST, err)
 *     for (;;) { look and work; registry_listen_wait(connection, 1000, &is_told, err); }
 *
 * Look after registry_listen and before the first wait: what was told before it is not heard. A
 * connection that listens is kept for that.
 */
#ifndef REGISTRY_LISTEN_H
#define REGISTRY_LISTEN_H

#include "connection.h"

typedef enum registry_channel {
#define REGISTRY_CHANNEL_ROW(id, name) REGISTRY_CHANNEL_##id,
#include "channel.def"
} registry_channel;

/*
 * Listens on a channel, besides those before.
 *
 * Errors: AUTH_STATUS_INTERNAL inside a transaction; those of a statement.
 */
auth_status registry_listen(registry_connection *connection, registry_channel channel,
                            auth_error *err) AUTH_MUST_CHECK;

/*
 * Waits for a notification, timeout_ms at most. *is_told: there was one, or several; false: the
 * time is over, look all the same.
 *
 * Errors: AUTH_STATUS_UNAVAILABLE when the line was lost: connect anew, listen, and look.
 */
auth_status registry_listen_wait(registry_connection *connection, unsigned timeout_ms,
                                 bool *is_told, auth_error *err) AUTH_MUST_CHECK;

/*
 * The socket to wait for in a poll of one's own: when it can be read, call registry_listen_wait
 * with a timeout of 0. It changes with the connection only.
 */
int registry_listen_socket(const registry_connection *connection);

#endif
