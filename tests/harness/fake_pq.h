/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for libpq that plays a script: what registry/ sends must be what the script says, in
 * this order, over all connections, and what comes back is what stands there. So each answer of a
 * server, also those that no server gives on request, is a line in a test.
 *
 * Opening a connection needs no script: set-up, schema version and prepared statements are answered
 * as by a healthy server, unless the script's next line begins with what is sent.
 *
 * There is no PQcancel here: code that used it would not link.
 */
#ifndef HARNESS_FAKE_PQ_H
#define HARNESS_FAKE_PQ_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum fake_kind {
    FAKE_END,
    FAKE_DONE,     /* text: the command's tag */
    FAKE_ROW,      /* text: one row of numbers, "7 -1"; "" for no row */
    FAKE_REFUSAL,  /* text: severity, SQLSTATE and perhaps a constraint, "ERROR 23505 t_once" */
    FAKE_SAYS,     /* a notice: "WARNING 01000" */
    FAKE_OTHER,    /* a status that nobody expects here */
    FAKE_NO_STATE, /* an error of libpq's own, without SQLSTATE */
    FAKE_LOST,     /* the line breaks */
    FAKE_SILENT,   /* nothing comes, for ever */
    FAKE_NO_SEND,  /* sending fails */
    FAKE_NO_FLUSH, /* sending what is buffered fails */
} fake_kind;

typedef struct fake_answer {
    fake_kind kind;
    const char *text;
} fake_answer;

#define FAKE_ANSWERS 4

typedef struct fake_exchange {
    const char *sent; /* how the SQL or the statement's name begins; "sync" for a pipeline's end */
    fake_answer answers[FAKE_ANSWERS];
} fake_exchange;

/* The ones that most scripts have. */
#define FAKE_BEGIN                                                                                 \
    {                                                                                              \
        "BEGIN",                                                                                   \
        {                                                                                          \
            {                                                                                      \
                FAKE_DONE, "BEGIN"                                                                 \
            }                                                                                      \
        }                                                                                          \
    }
#define FAKE_COMMIT                                                                                \
    {                                                                                              \
        "COMMIT",                                                                                  \
        {                                                                                          \
            {                                                                                      \
                FAKE_DONE, "COMMIT"                                                                \
            }                                                                                      \
        }                                                                                          \
    }
#define FAKE_ROLLBACK                                                                              \
    {                                                                                              \
        "ROLLBACK",                                                                                \
        {                                                                                          \
            {                                                                                      \
                FAKE_DONE, "ROLLBACK"                                                              \
            }                                                                                      \
        }                                                                                          \
    }

/* Begins a script; what an earlier one left is forgotten. It stays the caller's. */
void fake_play(const fake_exchange *exchanges, size_t count);

/* Whether the whole script was played, every result cleared and every connection closed. */
bool fake_is_over(void);

/* What did not fit the script, or what is left; "" when all is well. */
const char *fake_complaint(void);

/* The next so many attempts to connect fail, or nobody answers them. */
void fake_refuse_connections(unsigned count, const char *message);
void fake_ignore_connections(unsigned count);

/* How many connections were begun. */
unsigned fake_connections(void);

/* What the server says about itself and the line. */
typedef struct fake_server {
    int version;
    bool is_remote;       /* not a unix socket */
    const char *protocol; /* of TLS; NULL: none */
} fake_server;
void fake_be(fake_server as);

/* Sends a notification to whoever listens. */
void fake_notify(void);

/* Closes the line of every idle connection. */
void fake_cut_idle(void);

#endif
