/* SPDX-License-Identifier: Apache-2.0 */
/* Sending statements. Internal to registry/. */
#ifndef REGISTRY_STATEMENT_PQ_H
#define REGISTRY_STATEMENT_PQ_H

#include "deadline.h"
#include "params.h"
#include "statement.h"

/*
 * Prepares every statement of the connection's roles, in one round trip.
 *
 * Errors: AUTH_STATUS_INTERNAL or AUTH_STATUS_DENIED, naming the statement, when the schema does
 * not fit it; those of a call.
 */
auth_status statement_prepare_all(registry_connection *connection, registry_deadline deadline,
                                  auth_error *err) AUTH_MUST_CHECK;

/*
 * Checks that a statement may be sent now, and puts it into libpq's buffer.
 *
 * Errors: AUTH_STATUS_INTERNAL, AUTH_STATUS_LIMIT, AUTH_STATUS_MEMORY, AUTH_STATUS_UNAVAILABLE.
 */
auth_status statement_send(registry_connection *connection, registry_statement statement,
                           const registry_value *values, size_t count,
                           auth_error *err) AUTH_MUST_CHECK;

#endif
