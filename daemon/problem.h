/* SPDX-License-Identifier: Apache-2.0 */
/* Problem documents (RFC 9457) from statuses and errors, in one place. */
#ifndef DAEMON_PROBLEM_H
#define DAEMON_PROBLEM_H

#include "daemon/response.h"

/* What cannot be a status of libauth: refusals of HTTP itself, by their code. */
typedef struct problem {
    int code;           /* 404 */
    const char *type;   /* "not-found": the end of "urn:auth:problem:not-found" */
    const char *title;  /* English, looked up in the catalogue */
    const char *detail; /* "": none */
    const char *id;     /* of the request */
    bool is_retryable;
    const char *reason; /* a name for programs; NULL: none */
    bool has_item;      /* whose matter alone it is */
    uint32_t item;
} problem;

/* The titles in every language that there is a catalogue for; made once, before threads begin. */
typedef struct problem_titles problem_titles;

auth_status problem_titles_new(problem_titles **out, auth_error *err) AUTH_MUST_CHECK;
void problem_titles_free(problem_titles *titles);
AUTH_DEFINE_CLEANUP(problem_titles)

/* The problem that a status stands for; id and detail are borrowed. */
problem problem_of_status(auth_status status, const char *detail, const char *id);

/* The problem that an HTTP status code of the skeleton stands for. */
problem problem_of_code(int code, const char *detail, const char *id);

/* Tells whether a client likes Chinese better than English. accept_language as below. */
bool problem_wants_chinese(auth_bytes accept_language);

/*
 * Makes the document. accept_language is the header of that name, or empty.
 *
 * Errors: AUTH_STATUS_MEMORY.
 */
auth_status problem_response(const problem_titles *titles, const problem *it,
                             auth_bytes accept_language, const daemon_header *headers,
                             size_t header_count, daemon_response **out,
                             auth_error *err) AUTH_MUST_CHECK;

#endif
