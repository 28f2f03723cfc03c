/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON into C structures by tables. Internal to profile; json.c is the only file that knows which
 * library reads the JSON. A table lists all members that an object may have: whatever else stands
 * there is refused, with its JSON path.
 */
#ifndef PROFILE_JSON_H
#define PROFILE_JSON_H

#include <auth/bytes.h>

/* A profile of the size of the ready ones has 2 KiB and depth 5. */
#define JSON_SIZE_MAX ((size_t)64 * 1024)
#define JSON_DEPTH_MAX 8
#define JSON_TEXT_MAX 512
#define JSON_TEXTS_MAX 16

typedef struct json_document json_document;

/*
 * Reads JSON text (RFC 8259): UTF-8, no member twice, no NUL in a string, one value.
 * Ownership: gives *out, to be freed with json_close.
 * Errors: AUTH_STATUS_MALFORMED with line and column; AUTH_STATUS_LIMIT for size and depth;
 * AUTH_STATUS_MEMORY.
 */
auth_status json_open(auth_bytes text, json_document **out, auth_error *err) AUTH_MUST_CHECK;
void json_close(json_document *document);

/* What a member becomes. */
typedef struct json_flag {
    bool is_set;
    bool value;
} json_flag;

typedef struct json_number {
    bool is_set;
    uint64_t value;
} json_number;

typedef struct json_texts {
    bool is_set;
    size_t count;
    auth_bytes rows[JSON_TEXTS_MAX];
} json_texts;

/* The head of a structure for an object, and of one for an array of objects. */
typedef struct json_object_head {
    bool is_set;
} json_object_head;

typedef struct json_array_head {
    bool is_set;
    size_t count;
} json_array_head;

typedef enum json_kind {
    JSON_KIND_TEXT,    /* auth_bytes, borrowed from the document; data NULL when absent */
    JSON_KIND_FLAG,    /* json_flag */
    JSON_KIND_NUMBER,  /* json_number, 0 to 2^53 */
    JSON_KIND_TEXTS,   /* json_texts */
    JSON_KIND_OBJECT,  /* a structure that begins with json_object_head */
    JSON_KIND_OBJECTS, /* json_array_head and rows, each a structure beginning with
                          json_object_head */
} json_kind;

typedef struct json_member {
    const char *name; /* NULL ends a table */
    json_kind kind;
    bool is_required;
    size_t offset;
    const struct json_member *members; /* of an object */
    size_t rows_offset;                /* of the rows of an array of objects */
    size_t row_size;
    size_t row_max;
} json_member;

/*
 * Fills *out, zero before, from the document's object. Errors: AUTH_STATUS_INVALID with the JSON
 * path for an unknown or missing member, a wrong type, or too many or too long values.
 */
auth_status json_decode(const json_document *document, const json_member *members, void *out,
                        auth_error *err) AUTH_MUST_CHECK;

#endif
