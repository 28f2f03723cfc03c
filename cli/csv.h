/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables as CSV (RFC 4180), line by line: fields between commas, quoted where they hold commas,
 * quotes or ends of lines. Lines may end in LF alone; a byte order mark at the beginning and lines
 * without anything are passed over. Read whole before any line counts, so that what is not CSV is
 * found before anything is done.
 */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include <auth/bytes.h>

#define CLI_CSV_FIELDS_MAX 16

typedef struct cli_csv cli_csv;

/* A record; its fields are views that are valid until the table is freed. */
typedef struct cli_csv_row {
    size_t line; /* on which it begins, from 1 */
    size_t count;
    auth_bytes fields[CLI_CSV_FIELDS_MAX];
} cli_csv_row;

/*
 * Reads a table.
 *
 * Ownership: gives *out, to be freed with cli_csv_free; copies text.
 * Errors: AUTH_STATUS_MALFORMED with line and column; AUTH_STATUS_LIMIT for more than
 * CLI_CSV_FIELDS_MAX fields; AUTH_STATUS_MEMORY.
 */
auth_status cli_csv_new(auth_bytes text, cli_csv **out, auth_error *err) AUTH_MUST_CHECK;

/* Wipes and frees. NULL is fine. */
void cli_csv_free(cli_csv *csv);

/* How many records there are, and one of them, counted from 0; false past the end. */
size_t cli_csv_count(const cli_csv *csv);
bool cli_csv_at(const cli_csv *csv, size_t index, cli_csv_row *out);

AUTH_DEFINE_CLEANUP(cli_csv)

#endif
