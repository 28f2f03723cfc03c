/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text as a row of tokens. Internal to json/. */
#ifndef JSON_TOKEN_H
#define JSON_TOKEN_H

#include <auth/bytes.h>

typedef enum json_token_type {
    JSON_TOKEN_OBJECT,
    JSON_TOKEN_ARRAY,
    JSON_TOKEN_STRING,
    JSON_TOKEN_NUMBER,
    JSON_TOKEN_TRUE,
    JSON_TOKEN_FALSE,
    JSON_TOKEN_NULL,
} json_token_type;

/*
 * A value, or the name of a member, which its value follows. What an object or array holds follows
 * it, so that a value ends where next says.
 */
typedef struct json_token {
    json_token_type type;
    size_t count;    /* of members or elements */
    size_t next;     /* the number of the token behind the value */
    auth_bytes text; /* of a string, decoded and with a NUL behind it; of a number as it stands */
} json_token;

typedef struct json_reader {
    uint8_t *text; /* strings are decoded in their place */
    size_t len;
    size_t at;
    json_token *tokens;
    size_t count;
    size_t room;       /* for tokens */
    size_t depth;      /* how much deeper it may get */
    const char *fault; /* what is wrong at `at`; static */
} json_reader;

/* Says what is wrong here; false, to be returned. */
static inline bool json_fail(json_reader *reader, const char *fault)
{
    reader->fault = fault;
    return false;
}

/* Reads one object or array that fills the text (RFC 8259). False with the fault set. */
bool json_read(json_reader *reader);

/* Reads a string whose first quote was read, and what follows it until the last. */
bool json_read_string(json_reader *reader, auth_bytes *out);

#endif
