/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has been done with a table, in the file TABLE.state beside it: one line a fact, only ever
 * added to. Its one invariant: a document is in it, whole and on the disk, before it is sent; so
 * after a break of any kind the same octets are sent again, which has no second effect, and no line
 * is asked for in two documents that may be taken. A last line that a crash cut is no fact.
 *
 *     auth-enrol 1 DIGEST PROFILE OFFICE     of the table, and what it was begun with
 *     refused LINE COLUMN TEXT
 *     codes ID LINE FIRST SECOND
 *     batch ID LINE,LINE,... DOCUMENT
 *     taken ID
 *     denied ID TEXT
 *     split ID LINE TEXT
 *
 * A document that was split was refused because of one of its lines, which is refused with it; the
 * others are asked for in another one. It may have been taken before, to be kept by a daemon whose
 * registry was away and refused it later.
 *
 * It holds what the table holds, so it is for its owner only. Two calls at once are refused.
 */
#ifndef CLI_ENROL_STATE_H
#define CLI_ENROL_STATE_H

#include "enrolment.h"

typedef enum cli_batch_state {
    CLI_BATCH_WRITTEN, /* perhaps sent */
    CLI_BATCH_TAKEN,
    CLI_BATCH_DENIED,
    CLI_BATCH_SPLIT, /* its lines are on their way without it */
} cli_batch_state;

typedef struct cli_batch {
    char id[AUTH_REQUEST_ID_SIZE];
    cli_batch_state state;
    size_t count;
    size_t *lines; /* of its items, in their order */
    char *document;
    char *text;   /* why it was denied */
    bool is_kept; /* when it was last asked for: at a daemon whose registry is away */
    bool is_over; /* then it had come to nothing */
    bool is_lost; /* then nobody knew it, though it was taken; it may be sent again, once a call */
    bool is_resent;
} cli_batch;

typedef struct cli_refusal {
    size_t line;
    size_t column; /* from 1; 0: of the whole line */
    char *text;
} cli_refusal;

typedef struct cli_line_codes {
    char id[AUTH_REQUEST_ID_SIZE];
    size_t line;
    cli_codes codes;
} cli_line_codes;

typedef struct cli_enrol_state cli_enrol_state;

/*
 * Opens or makes the file. head is its first line: "DIGEST PROFILE OFFICE".
 *
 * Ownership: gives *out, to be freed with cli_enrol_state_free.
 * Errors: AUTH_STATUS_CONFLICT when it was begun with another head, or another call is at it;
 * AUTH_STATUS_MALFORMED when it is something else; AUTH_STATUS_IO; AUTH_STATUS_LIMIT;
 * AUTH_STATUS_MEMORY.
 */
auth_status cli_enrol_state_open(const char *path, const char *head, cli_enrol_state **out,
                                 auth_error *err) AUTH_MUST_CHECK;

void cli_enrol_state_free(cli_enrol_state *state);

/*
 * Notes a fact. Documents and codes are on the disk when the call of cli_enrol_state_batch returns.
 *
 * Errors: AUTH_STATUS_IO; AUTH_STATUS_MEMORY.
 */
auth_status cli_enrol_state_refuse(cli_enrol_state *state, size_t line, size_t column,
                                   const char *text, auth_error *err) AUTH_MUST_CHECK;
auth_status cli_enrol_state_codes(cli_enrol_state *state, const cli_line_codes *codes,
                                  auth_error *err) AUTH_MUST_CHECK;
auth_status cli_enrol_state_batch(cli_enrol_state *state, const char *id, const size_t *lines,
                                  size_t count, auth_bytes document,
                                  auth_error *err) AUTH_MUST_CHECK;
auth_status cli_enrol_state_taken(cli_enrol_state *state, cli_batch *batch,
                                  auth_error *err) AUTH_MUST_CHECK;
auth_status cli_enrol_state_denied(cli_enrol_state *state, cli_batch *batch, const char *text,
                                   auth_error *err) AUTH_MUST_CHECK;

/*
 * Notes that a document was refused because of one of its items alone, counted from 0: one that was
 * sent, or taken and then refused for good.
 */
auth_status cli_enrol_state_split(cli_enrol_state *state, cli_batch *batch, size_t item,
                                  const char *text, auth_error *err) AUTH_MUST_CHECK;

/* What is known, in the order in which it was noted; NULL past the end. */
cli_batch *cli_enrol_state_batch_at(cli_enrol_state *state, size_t index);
const cli_refusal *cli_enrol_state_refusal_at(const cli_enrol_state *state, size_t index);
const cli_line_codes *cli_enrol_state_codes_at(const cli_enrol_state *state, size_t index);

/* Tells whether a line was refused or is in a document. */
bool cli_enrol_state_has(const cli_enrol_state *state, size_t line);

/* Tells whether a line was refused before it came into a document, or since it was split. */
bool cli_enrol_state_has_refused(const cli_enrol_state *state, size_t line);

AUTH_DEFINE_CLEANUP(cli_enrol_state)

#endif
