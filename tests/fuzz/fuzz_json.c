/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a table take the members that it lists, in the bounds that it sets, whatever the JSON holds?
 * Is what is read quickly what jansson reads?
 */
#include "fuzz/fuzz.h"
#include "json/plain.h"
#include "json/scan.h"

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

static void check_text(auth_bytes text)
{
    FUZZ_CHECK(text.data == NULL || (text.len > 0 && text.len <= rules.text_max));
    FUZZ_CHECK(text.data == NULL || strlen((const char *)text.data) == text.len);
}

static void check_number(const json_number *number)
{
    FUZZ_CHECK(number->is_set ? number->value <= (uint64_t)1 << 53 : number->value == 0);
}

static void check_row(const row *r)
{
    FUZZ_CHECK(r->head.is_set && r->n.is_set);
    check_number(&r->n);
}

static void check_record(const record *out)
{
    check_text(out->text);
    check_number(&out->n);
    FUZZ_CHECK(out->texts.count <= JSON_TEXTS_MAX && out->list.count <= 2 &&
               out->rows.count <= 100);
    for (size_t i = 0; i < out->texts.count; i++)
        check_text(out->texts.rows[i]);
    for (size_t i = 0; i < out->list.count; i++)
        check_row(&out->objects[i]);
    const row *rows = out->rows.rows;
    for (size_t i = 0; i < out->rows.count; i++)
        check_row(&rows[i]);
}

static void compare(auth_bytes text)
{
    json_t *plain = NULL;
    if (json_scan(text, &rules, NULL) != AUTH_STATUS_OK ||
        json_plain_read(text, &plain) != JSON_PLAIN_READ)
        return;
    json_t *whole = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
    FUZZ_CHECK(whole != NULL && json_equal(plain, whole) == 1);
    json_decref(whole);
    json_decref(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    compare((auth_bytes){data, size});
    auth_error err = {AUTH_STATUS_OK, ""};
    record out = {.head = {false}};
    json_document *document = NULL;
    auth_status status = json_open((auth_bytes){data, size}, &rules, &document, &err);
    FUZZ_CHECK(status == err.status && (document == NULL) == (status != AUTH_STATUS_OK));
    FUZZ_CHECK(status != AUTH_STATUS_OK || memchr(data, 0, size) == NULL);
    if (status != AUTH_STATUS_OK)
        return 0;
    status = json_decode(document, record_members, &out, &err);
    FUZZ_CHECK(status == err.status && (err.text[0] == '\0') == (status == AUTH_STATUS_OK));
    if (status == AUTH_STATUS_OK)
        check_record(&out);
    json_close(document);
    return 0;
}
