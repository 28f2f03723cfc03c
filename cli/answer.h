/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the JSON that a server answers with. The only place in cli that reads JSON. Nothing of it
 * is believed to be of the form that was agreed on: a member that is missing or of another type
 * reads as if it were not there, and texts are made fit for a terminal before they are printed.
 */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include <auth/bytes.h>
#include <stdio.h>

/* A JSON value; views of its parts are valid until it is freed. */
typedef struct json_t cli_answer;

/*
 * Reads an object or array, without a member twice.
 *
 * Ownership: gives *out, to be freed with cli_answer_free.
 * Errors: AUTH_STATUS_MALFORMED with the place; AUTH_STATUS_MEMORY.
 */
auth_status cli_answer_parse(auth_bytes json, cli_answer **out, auth_error *err) AUTH_MUST_CHECK;

/* Frees what was read, not a part of it. NULL is fine. */
void cli_answer_free(cli_answer *answer);

/* A member, whatever it is; NULL when there is none. answer may be NULL, in all functions here. */
const cli_answer *cli_answer_member(const cli_answer *answer, const char *name);

/* A member that is a text; NULL when it is not there or is something else. */
const char *cli_answer_text(const cli_answer *answer, const char *name);

/* The text that an element of an array is; NULL when it is something else. */
const char *cli_answer_element_text(const cli_answer *element);

/* A member that is a whole number, or what to take instead. */
long long cli_answer_number(const cli_answer *answer, const char *name, long long otherwise);

/* Whether a member is true. */
bool cli_answer_is_true(const cli_answer *answer, const char *name);

/* The elements of a member that is an array: how many, and one of them. */
size_t cli_answer_count(const cli_answer *answer, const char *name);
const cli_answer *cli_answer_at(const cli_answer *answer, const char *name, size_t index);

/* The name of the first member that is an array: a page's rows. NULL when there is none. */
const char *cli_answer_rows(const cli_answer *answer);

/*
 * Appends the value as JSON, without white space.
 *
 * Errors: AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 */
auth_status cli_answer_write(const cli_answer *answer, auth_buf *out,
                             auth_error *err) AUTH_MUST_CHECK;

/* Prints the value as one line of JSON. False: out of memory, or it cannot be printed. */
bool cli_answer_print(const cli_answer *answer, FILE *out);

AUTH_DEFINE_CLEANUP(cli_answer)

#endif
