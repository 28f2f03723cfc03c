/* SPDX-License-Identifier: Apache-2.0 */
/* What auth prints: words in colour on a terminal, and JSON. The only place in cli with jansson. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <auth/bytes.h>
#include <stdbool.h>
#include <stdio.h>

typedef enum cli_style {
    CLI_STYLE_GOOD,
    CLI_STYLE_BAD,
    CLI_STYLE_STRONG,
    CLI_STYLE_PLAIN,
} cli_style;

/* Prints text, coloured when out is a terminal and NO_COLOR is not set. */
void cli_print_styled(FILE *out, cli_style style, const char *text);

/*
 * Prints len characters of padding after text so that columns of any script line up: width counts
 * terminal cells, a Chinese character two.
 */
void cli_print_padded(FILE *out, cli_style style, const char *text, int width);

/*
 * Makes a text from elsewhere fit for a terminal: what moves a cursor or turns letters around
 * becomes
 * '?', as in errors. What does not fit is cut. Returns out.
 */
const char *cli_plain(const char *text, char out[AUTH_ERROR_TEXT_SIZE]);

/* A JSON object under construction, printed as one line. A member that cannot be added is a fault.
 */
typedef struct cli_json cli_json;

cli_json *cli_json_new(void);
void cli_json_text(cli_json *json, const char *name, const char *text); /* NULL: null */
void cli_json_bool(cli_json *json, const char *name, bool value);
void cli_json_number(cli_json *json, const char *name, long long value);

/* Adds an object and takes it. */
void cli_json_object(cli_json *json, const char *name, cli_json *member);

/* Adds an empty array; elements are appended to it by its name, objects being taken. */
void cli_json_array(cli_json *json, const char *name);
void cli_json_append(cli_json *json, const char *name, cli_json *element);
void cli_json_append_text(cli_json *json, const char *name, const char *text);

/*
 * Appends the object to a buffer, and frees it.
 *
 * Errors: AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 */
auth_status cli_json_write(cli_json *json, auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

/* Prints the object and a line feed, and frees it. False: out of memory. */
bool cli_json_print(cli_json *json, FILE *out);

#endif
