/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists that a daemon gives in pages: asked for page by page, shown as a table or as one JSON
 * object a line, any number of rows in bounded memory.
 */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include "document.h"

#define CLI_OPTION_LIMIT                                                                           \
    {                                                                                              \
        "limit", "N", N_("show so many rows at most, instead of 100"), NULL                        \
    }
#define CLI_OPTION_AFTER                                                                           \
    {                                                                                              \
        "after", "ID", N_("begin behind this row, the last one of an earlier list"), NULL          \
    }
#define CLI_OPTION_ALL                                                                             \
    {                                                                                              \
        "all", NULL, N_("show all rows, however many there are"), NULL                             \
    }

/* A column of a table: a member of the rows. */
typedef struct cli_column {
    const char *member;
    const char *title; /* marked with N_ */
    int width;
} cli_column;

/* A list. */
typedef struct cli_list {
    const char *path;          /* without a query */
    const cli_column *columns; /* ending in a member that is NULL */
    const char *key;           /* the member after whose value the next page begins */
} cli_list;

/* What is asked for: the query of a GET, or the body of a POST without its braces and paging. */
typedef struct cli_filter {
    char query[CLI_PATH_SIZE]; /* "&state=submitted" */
    auth_buf *body;            /* NULL: GET */
} cli_filter;

/*
 * Adds "name=value" to a query. NULL adds nothing. Values are of letters, digits and "-._:,".
 *
 * Errors: AUTH_STATUS_INVALID naming the option.
 */
auth_status cli_filter_add(cli_filter *filter, const char *name, const char *value,
                           auth_error *err) AUTH_MUST_CHECK;

/*
 * The same for a point in time, "2026-01-31" or "2026-01-31T23:59:59Z".
 */
auth_status cli_filter_add_time(cli_filter *filter, const char *name, const char *value,
                                auth_error *err) AUTH_MUST_CHECK;

/*
 * Makes the filter a POST about a person, whose number is read as by cli_person_read; or about a
 * member that is a text. The body is to be freed with auth_buf_free.
 */
auth_status cli_filter_person(const cli_call *call, cli_filter *filter,
                              auth_error *err) AUTH_MUST_CHECK;
auth_status cli_filter_text(cli_filter *filter, const char *member, const char *value,
                            auth_error *err) AUTH_MUST_CHECK;

/* Makes the filter of a call; what is wrong with the call is told, and its exit code returned. */
typedef cli_exit cli_filter_make(const cli_call *call, cli_filter *filter);

/*
 * Asks for the rows that the filter, --limit, --after and --all want, and shows them. make may be
 * NULL.
 */
cli_exit cli_rows_list(const cli_call *call, const cli_list *list, cli_filter_make *make);

#endif
