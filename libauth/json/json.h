/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON into C structures by tables. Internal to libauth; document.c and decode.c are the only files
 * that know which library reads the JSON. A table lists all members that an object may have:
 * whatever else stands there is refused, with its JSON path.
 *
 * An error names the place and the rule, never what the document holds: that may be a person
 * number.
 */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <auth/bytes.h>

/* What a reader takes, and how it speaks of it. Static: a document keeps the pointer. */
typedef struct json_rules {
    const char *subject; /* begins every error: "profile" */
    const char *guide;   /* where the members are described: "docs/profiles.md" */
    size_t size_max;     /* octets of the text */
    size_t depth_max;    /* objects and arrays in each other */
    size_t value_max;    /* members and elements in all: each takes some 100 octets of memory */
    size_t text_max;     /* octets of a string whose member sets no limit of its own */
} json_rules;

typedef struct json_document json_document;

/*
 * Reads JSON text (RFC 8259): UTF-8, no member twice, no NUL in a string, one object or array.
 * Size, depth and the number of values are bounded before anything is read.
 * Ownership: gives *out, to be freed with json_close.
 * Errors: AUTH_STATUS_MALFORMED with line and column; AUTH_STATUS_LIMIT for size, depth and values;
 * AUTH_STATUS_MEMORY.
 */
auth_status json_open(auth_bytes text, const json_rules *rules, json_document **out,
                      auth_error *err) AUTH_MUST_CHECK;
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

#define JSON_TEXTS_MAX 16

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

/* An array of objects of which there may be many; the document owns its rows. */
typedef struct json_rows {
    bool is_set;
    size_t count;
    void *rows; /* count structures, each beginning with json_object_head */
} json_rows;

/*
 * Strings are borrowed from the document and end in a NUL that is not counted. They are not empty.
 */
typedef enum json_kind {
    JSON_KIND_TEXT,    /* auth_bytes; data NULL when absent */
    JSON_KIND_FLAG,    /* json_flag */
    JSON_KIND_NUMBER,  /* json_number, 0 to 2^53 */
    JSON_KIND_TEXTS,   /* json_texts */
    JSON_KIND_OBJECT,  /* a structure that begins with json_object_head */
    JSON_KIND_OBJECTS, /* json_array_head and rows, each a structure beginning with
                          json_object_head */
    JSON_KIND_ROWS,    /* json_rows: allocated, as many as there are */
    JSON_KIND_REFUSED, /* a member that others know and that may not stand here */
} json_kind;

typedef struct json_member {
    const char *name; /* NULL ends a table */
    json_kind kind;
    bool is_required;
    size_t offset;
    size_t text_max;                   /* of a string or each of the strings; 0: the rules' */
    const struct json_member *members; /* of an object */
    size_t rows_offset;                /* of the rows of an array of objects */
    size_t row_size;
    size_t row_max;  /* of any array; 0 for texts: JSON_TEXTS_MAX */
    const char *why; /* of what is refused: the rule and the remedy */
} json_member;

/* The rows of a table: a field of a structure, its name in JSON, and whether it must be there. */
#define JSON_MEMBER_TEXT(type, field, label, need)                                                 \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_TEXT, .is_required = (need),                            \
        .offset = offsetof(type, field)                                                            \
    }
#define JSON_MEMBER_LONG_TEXT(type, field, label, max, need)                                       \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_TEXT, .is_required = (need),                            \
        .offset = offsetof(type, field), .text_max = (max)                                         \
    }
#define JSON_MEMBER_FLAG(type, field, label, need)                                                 \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_FLAG, .is_required = (need),                            \
        .offset = offsetof(type, field)                                                            \
    }
#define JSON_MEMBER_NUMBER(type, field, label, need)                                               \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_NUMBER, .is_required = (need),                          \
        .offset = offsetof(type, field)                                                            \
    }
#define JSON_MEMBER_TEXTS(type, field, label, need)                                                \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_TEXTS, .is_required = (need),                           \
        .offset = offsetof(type, field)                                                            \
    }
#define JSON_MEMBER_LONG_TEXTS(type, field, label, rows, max, need)                                \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_TEXTS, .is_required = (need),                           \
        .offset = offsetof(type, field), .row_max = (rows), .text_max = (max)                      \
    }
#define JSON_MEMBER_OBJECT(type, field, label, table, need)                                        \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_OBJECT, .is_required = (need),                          \
        .offset = offsetof(type, field), .members = (table)                                        \
    }
/* list is the head, field the array of rows. */
#define JSON_MEMBER_OBJECTS(type, list, field, label, table, need)                                 \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_OBJECTS, .is_required = (need),                         \
        .offset = offsetof(type, list), .members = (table), .rows_offset = offsetof(type, field),  \
        .row_size = sizeof(((type *)NULL)->field[0]),                                              \
        .row_max = sizeof(((type *)NULL)->field) / sizeof(((type *)NULL)->field[0])                \
    }
#define JSON_MEMBER_ROWS(type, field, label, row_type, table, max, need)                           \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_ROWS, .is_required = (need),                            \
        .offset = offsetof(type, field), .members = (table), .row_size = sizeof(row_type),         \
        .row_max = (max)                                                                           \
    }
#define JSON_MEMBER_REFUSED(label, reason)                                                         \
    {                                                                                              \
        .name = (label), .kind = JSON_KIND_REFUSED, .why = (reason)                                \
    }
#define JSON_MEMBER_END                                                                            \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/*
 * Fills *out, zero before, from the document's object. What it points to is valid until the
 * document is closed; after a failure it is not to be read.
 *
 * Errors: AUTH_STATUS_INVALID with the JSON path for an unknown or missing member, a wrong type, or
 * too many or too long values; AUTH_STATUS_MEMORY.
 */
auth_status json_decode(json_document *document, const json_member *members, void *out,
                        auth_error *err) AUTH_MUST_CHECK;

#endif
