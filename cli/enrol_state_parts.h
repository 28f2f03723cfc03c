/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of enrol_state.h share: enrol_state.c holds the facts, enrol_state_read.c reads
 * them from the file, enrol_state_write.c opens it and adds to it.
 */
#ifndef CLI_ENROL_STATE_PARTS_H
#define CLI_ENROL_STATE_PARTS_H

#include "enrol_state.h"

/* The first word of the file, before what it was begun with. */
#define CLI_ENROL_STATE_HEAD "auth-enrol 1 "
/* The most lines that a table may have. */
#define CLI_ENROL_LINES_MAX ((size_t)100000000)

/* A bit a line. */
typedef struct cli_line_set {
    uint8_t *bits;
    size_t size;
} cli_line_set;

struct cli_enrol_state {
    char *path;
    int file;
    cli_batch *batches;
    size_t batch_count;
    cli_refusal *refusals;
    size_t refusal_count;
    cli_line_codes *codes;
    size_t code_count;
    cli_line_set handled; /* refused, or in a document */
    cli_line_set refused;
};

/* That the file cannot be written, by errno. */
auth_status cli_enrol_state_failed(const cli_enrol_state *state, auth_error *err) AUTH_MUST_CHECK;

/*
 * enrol_state.c: hold a fact that is in the file.
 *
 * Errors: AUTH_STATUS_MALFORMED for a line that cannot be; AUTH_STATUS_INTERNAL for a document
 * without lines; AUTH_STATUS_MEMORY.
 */
auth_status cli_enrol_state_keep_refusal(cli_enrol_state *state, size_t line, size_t column,
                                         const char *text, auth_error *err) AUTH_MUST_CHECK;
auth_status cli_enrol_state_keep_codes(cli_enrol_state *state, const cli_line_codes *codes,
                                       auth_error *err) AUTH_MUST_CHECK;
auth_status cli_enrol_state_keep_batch(cli_enrol_state *state, const char *id, const size_t *lines,
                                       size_t count, auth_bytes document,
                                       auth_error *err) AUTH_MUST_CHECK;
auth_status cli_enrol_state_keep_denial(cli_batch *batch, const char *text,
                                        auth_error *err) AUTH_MUST_CHECK;

/* Lets go of the other lines of a document; false: the line is none of it, or it ended before. */
bool cli_enrol_state_keep_split(cli_enrol_state *state, cli_batch *batch, size_t line);

/* NULL: there is no document of this id. */
cli_batch *cli_enrol_state_find(cli_enrol_state *state, const char *id);

/*
 * enrol_state_read.c: reads the facts of the file's text, which is changed. What follows the last
 * end of a line was cut by a crash and is removed from the file, which is then at its end.
 *
 * Errors: AUTH_STATUS_CONFLICT for another head; AUTH_STATUS_MALFORMED; AUTH_STATUS_IO;
 * AUTH_STATUS_MEMORY.
 */
auth_status cli_enrol_state_read(cli_enrol_state *state, char *text, size_t len, const char *head,
                                 auth_error *err) AUTH_MUST_CHECK;

#endif
