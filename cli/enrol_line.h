/* SPDX-License-Identifier: Apache-2.0 */
/* One line of a table: read into an item, or refused with its column and why. */
#ifndef CLI_ENROL_LINE_H
#define CLI_ENROL_LINE_H

#include "csv.h"
#include "enrolment.h"

/* The columns of a table, from cli/enrol_column.def. */
typedef enum cli_enrol_column {
#define CLI_ENROL_COLUMN_ROW(id, name, is_needed) CLI_ENROL_##id,
#include "enrol_column.def"
    CLI_ENROL_COLUMNS,
} cli_enrol_column;

/* Where the columns are. */
typedef struct cli_enrol_form {
    size_t count;                     /* of fields in each line */
    size_t places[CLI_ENROL_COLUMNS]; /* from 1; 0: there is none */
    char folder[4096];                /* that files in the table are meant from, with '/'; "" */
    auth_time now;
} cli_enrol_form;

/* A line. The item views what is beside it. */
typedef struct cli_enrol_line {
    auth_request_item item;
    auth_buf *csr;
    bool has_codes;
    cli_codes codes;
    uint8_t activation[AUTH_REQUEST_HASH_SIZE];
    uint8_t digest[AUTH_REQUEST_HASH_SIZE];
    size_t column; /* from 1, of what was refused; 0: of no one */
} cli_enrol_line;

/*
 * Reads the first line, the names of the columns. path is the table's.
 *
 * Errors: AUTH_STATUS_INVALID naming the column; AUTH_STATUS_LIMIT.
 */
auth_status cli_enrol_form_read(const cli_csv_row *row, const char *path, auth_time now,
                                cli_enrol_form *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads a line and checks it by the rules of documents. The views of *out stay valid while the
 * table, and *out where it is, are.
 *
 * Ownership: cli_enrol_line_clear frees what *out holds, also after a failure.
 * Errors: what is wrong with it, naming the column; faults of the machine.
 */
auth_status cli_enrol_line_read(const cli_enrol_form *form, const cli_csv_row *row,
                                cli_enrol_line *out, auth_error *err) AUTH_MUST_CHECK;

void cli_enrol_line_clear(cli_enrol_line *line);

#endif
