/* SPDX-License-Identifier: Apache-2.0 */
/* Running the statements of statements.def. No other SQL is run by programs. */
#ifndef REGISTRY_STATEMENT_H
#define REGISTRY_STATEMENT_H

#include "connection.h"
#include "result.h"
#include "value.h"

typedef enum registry_statement {
#define REGISTRY_STATEMENT_ROW(id, roles, access, parameters, sql) REGISTRY_STATEMENT_##id,
#include "statements.def"
} registry_statement;

/* A row of the table. */
typedef struct registry_statement_info {
    const char *name;  /* the identifier, which is also what the server knows it by */
    unsigned roles;    /* bits of registry_role */
    bool writes;       /* runs inside a transaction only */
    const char *types; /* letters */
    const char *sql;
} registry_statement_info;

/* How many statements there are, and one of them. */
size_t registry_statement_count(void);
const registry_statement_info *registry_statement_find(registry_statement statement);

/*
 * Runs a statement and gives its result; out may be NULL. A statement that writes needs a
 * transaction around it (registry_begin).
 *
 * Errors: by sqlstate.def: AUTH_STATUS_CONFLICT when a key is there already or what is referred to
 * is not, AUTH_STATUS_INVALID when a rule of the table is broken, AUTH_STATUS_DENIED when the role
 * may not, AUTH_STATUS_UNAVAILABLE when the server does not answer or is busy, AUTH_STATUS_IO when
 * its disk is full or broken; registry_connection_sqlstate and _constraint tell more.
 * AUTH_STATUS_INTERNAL when the call does not fit the table; AUTH_STATUS_MEMORY.
 */
auth_status registry_run(registry_connection *connection, registry_statement statement,
                         const registry_value *values, size_t count, registry_result **out,
                         auth_error *err) AUTH_MUST_CHECK;

#endif
