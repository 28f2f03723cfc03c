/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private PostgreSQL 15 cluster in a directory of its own, so that a first run and a test need no
 * database administrator. It listens on a unix socket only, in a directory that is open to nobody
 * but the server's account and root; it syncs to disk, sums its pages, and writes neither
 * statements nor their parameters into its log. Nothing here is remembered in the process: all that
 * is known about a cluster is in its directory, and each call is safe to repeat, also after a crash
 * at any moment of an earlier one.
 *
 * Its one invariant: a directory that was not made here is never written to.
 *
 *   DIR/cluster  says that the directory belongs to such a cluster
 *   DIR/conf/    the server's settings, written anew at each start; local.conf is the operator's
 *   DIR/data/    the cluster; it appears whole, by a rename, or not at all
 *   DIR/log/     the server's log, one file a day
 *   DIR/run/     the socket, when its path fits into the 107 octets that the system allows; else it
 *                is in a directory that DIR/socket names, under $XDG_RUNTIME_DIR, /run or /tmp
 *
 * Who is called root starts the server as the account postgres, everybody else as himself. Both,
 * and the server's account, may log in as any role of the registry, by the socket's peer
 * credentials; other roles need a password (SCRAM-SHA-256).
 */
#ifndef REGISTRY_EMBED_H
#define REGISTRY_EMBED_H

#include "role.h"

#include <auth/error.h>
#include <stdbool.h>
#include <sys/types.h>

/* How the server is to be started. All members zero: as it should be. */
typedef struct registry_embed_options {
    const char *programs;     /* the folder with initdb and pg_ctl; NULL: the one of the build */
    const char *account;      /* as whom the server runs when root starts it; NULL: postgres */
    const char *settings;     /* lines that end postgresql.conf; NULL: none */
    unsigned start_timeout_s; /* how long to wait for the server to start or stop; 0: a minute */
    bool is_throwaway;        /* making the cluster does not wait for the disk: for tests */
} registry_embed_options;

/*
 * Makes the cluster in dir where there is none, with its roles and the database REGISTRY_DATABASE,
 * and starts it where it is not running. dir itself is made too, its parents are not. The schema is
 * not touched: see registry_migrate.
 *
 * Errors: AUTH_STATUS_INVALID when the path of dir cannot be used; AUTH_STATUS_CONFLICT when dir
 * holds something else or is just being started by somebody else; AUTH_STATUS_DENIED when the
 * server's account cannot get there; AUTH_STATUS_UNSUPPORTED for a cluster of another version of
 * PostgreSQL; AUTH_STATUS_NOT_FOUND when PostgreSQL or the account is not installed;
 * AUTH_STATUS_UNAVAILABLE when the server does not start; AUTH_STATUS_IO.
 */
auth_status registry_embed_start(const char *dir, const registry_embed_options *options,
                                 auth_error *err) AUTH_MUST_CHECK;

typedef enum registry_embed_mode {
    REGISTRY_EMBED_FAST,      /* transactions under way are rolled back, all is written: the rule */
    REGISTRY_EMBED_IMMEDIATE, /* as in a crash: the next start recovers from the log; for tests */
} registry_embed_mode;

/*
 * Stops the server and waits for its end. One that is not running is fine.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when dir holds no cluster; AUTH_STATUS_UNAVAILABLE when the server
 * does not stop in time; those of registry_embed_start.
 */
auth_status registry_embed_stop(const char *dir, const registry_embed_options *options,
                                registry_embed_mode mode, auth_error *err) AUTH_MUST_CHECK;

/*
 * Tells the server's process. *pid becomes 0 when it is not running.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when dir holds no cluster; AUTH_STATUS_IO.
 */
auth_status registry_embed_find(const char *dir, pid_t *pid, auth_error *err) AUTH_MUST_CHECK;

/* Room for a connection string with its NUL. */
#define REGISTRY_CONNINFO_SIZE 512

/*
 * Writes the connection string of a running cluster. user is the name of a role, such as
 * registry_role_name(REGISTRY_ROLE_CA).
 *
 * Errors: AUTH_STATUS_NOT_FOUND when dir holds no cluster or it was not started;
 * AUTH_STATUS_LIMIT when the string would not fit; AUTH_STATUS_IO.
 */
auth_status registry_embed_conninfo(const char *dir, const char *user, const char *database,
                                    char out[REGISTRY_CONNINFO_SIZE],
                                    auth_error *err) AUTH_MUST_CHECK;

/*
 * The same for a cluster that may be started later: for programs that wait for it.
 *
 * Errors: as registry_embed_conninfo; AUTH_STATUS_NOT_FOUND when the socket has another place at
 * each start, since DIR/run is too long for it.
 */
auth_status registry_embed_conninfo_ahead(const char *dir, const char *user, const char *database,
                                          char out[REGISTRY_CONNINFO_SIZE],
                                          auth_error *err) AUTH_MUST_CHECK;

#endif
