/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is just that read as JSON what jansson reads, with the same values, and does a table take the
 * members that it lists and never a name twice?
 */
#include "fuzz/fuzz.h"
#include "json/document.h"

#include <jansson.h>
#include <string.h>

static const json_rules rules = {
    .subject = "fuzz",
    .guide = "-",
    .size_max = 65536,
    .depth_max = 16,
    .value_max = 4096,
    .text_max = 1024,
};

typedef struct row {
    json_object_head head;
    json_number n;
} row;

typedef struct record {
    json_object_head head;
    auth_bytes text;
    json_flag flag;
    json_number n;
    json_texts texts;
    row object;
    json_array_head list;
    row objects[2];
    json_rows rows;
} record;

static const json_member row_members[] = {
    JSON_MEMBER_NUMBER(row, n, "n", true),
    JSON_MEMBER_END,
};

static const json_member record_members[] = {
    JSON_MEMBER_TEXT(record, text, "t", false),
    JSON_MEMBER_FLAG(record, flag, "f", false),
    JSON_MEMBER_NUMBER(record, n, "n", false),
    JSON_MEMBER_TEXTS(record, texts, "ts", false),
    JSON_MEMBER_OBJECT(record, object, "o", row_members, false),
    JSON_MEMBER_OBJECTS(record, list, objects, "os", row_members, false),
    JSON_MEMBER_ROWS(record, rows, "rs", row, row_members, 100, false),
    JSON_MEMBER_REFUSED("x", "never"),
    JSON_MEMBER_END,
};

static void check_text(const char *theirs, size_t len, auth_bytes ours)
{
    FUZZ_CHECK(ours.len == len && memcmp(ours.data, theirs, len) == 0);
    FUZZ_CHECK(ours.data[ours.len] == '\0');
}

static bool is_same_type(const json_t *theirs, json_token_type ours)
{
    switch (ours) {
    case JSON_TOKEN_OBJECT:
        return json_is_object(theirs);
    case JSON_TOKEN_ARRAY:
        return json_is_array(theirs);
    case JSON_TOKEN_STRING:
        return json_is_string(theirs);
    case JSON_TOKEN_NUMBER:
        return json_is_number(theirs);
    case JSON_TOKEN_TRUE:
        return json_is_true(theirs);
    case JSON_TOKEN_FALSE:
        return json_is_false(theirs);
    case JSON_TOKEN_NULL:
        break;
    }
    return json_is_null(theirs);
}

/* jansson keeps the last of two members of a name; such objects are not compared. */
static void check_value(const json_t *theirs, const json_token *tokens, size_t at)
{
    const json_token *ours = &tokens[at];
    FUZZ_CHECK(is_same_type(theirs, ours->type));
    FUZZ_CHECK(ours->next > at);
    size_t child = at + 1;
    if (ours->type == JSON_TOKEN_STRING)
        check_text(json_string_value(theirs), json_string_length(theirs), ours->text);
    for (size_t i = 0; ours->type == JSON_TOKEN_ARRAY && i < ours->count; i++) {
        check_value(json_array_get(theirs, i), tokens, child);
        child = tokens[child].next;
    }
    bool is_whole = ours->type == JSON_TOKEN_OBJECT && json_object_size(theirs) == ours->count;
    for (size_t i = 0; is_whole && i < ours->count; i++) {
        const json_t *value = json_object_get(theirs, (const char *)tokens[child].text.data);
        FUZZ_CHECK(value != NULL);
        check_value(value, tokens, child + 1);
        child = tokens[child + 1].next;
    }
    if (is_whole || ours->type == JSON_TOKEN_ARRAY)
        FUZZ_CHECK(child == ours->next);
}

static void check_record(json_document *document, const json_t *theirs)
{
    record out = {.head = {false}};
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = json_decode(document, record_members, &out, &err);
    FUZZ_CHECK(status == err.status && (err.text[0] == '\0') == (status == AUTH_STATUS_OK));
    if (status != AUTH_STATUS_OK)
        return;
    FUZZ_CHECK(json_object_size(theirs) == document->tokens[0].count);
    FUZZ_CHECK(json_object_get(theirs, "x") == NULL);
    const json_t *number = json_object_get(theirs, "n");
    FUZZ_CHECK(out.n.is_set == (number != NULL));
    FUZZ_CHECK(number == NULL || json_integer_value(number) == (json_int_t)out.n.value);
    const json_t *text = json_object_get(theirs, "t");
    FUZZ_CHECK((out.text.data != NULL) == (text != NULL));
    if (text != NULL)
        check_text(json_string_value(text), json_string_length(text), out.text);
    const row *rows = out.rows.rows;
    for (size_t i = 0; i < out.rows.count; i++)
        FUZZ_CHECK(rows[i].head.is_set && rows[i].n.is_set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    json_error_t where;
    json_document *document = NULL;
    auth_status status = json_open((auth_bytes){data, size}, &rules, &document, &err);
    FUZZ_CHECK(status == err.status && (document == NULL) == (status != AUTH_STATUS_OK));
    if (status == AUTH_STATUS_LIMIT)
        return 0;
    if (size > 0 && memchr(data, 0, size) != NULL) {
        /* jansson 2.14 passes over a NUL behind a number or a word. */
        FUZZ_CHECK(status == AUTH_STATUS_MALFORMED);
        return 0;
    }
    json_t *theirs = json_loadb(size == 0 ? "" : (const char *)data, size, 0, &where);
    if (theirs == NULL) {
        /* Numbers that do not fit are numbers all the same. */
        FUZZ_CHECK(status == AUTH_STATUS_MALFORMED ||
                   json_error_code(&where) == json_error_numeric_overflow);
    } else {
        FUZZ_CHECK(status == AUTH_STATUS_OK);
        check_value(theirs, document->tokens, 0);
        check_record(document, theirs);
    }
    json_close(document);
    json_decref(theirs);
    return 0;
}
