/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 128
#define NUMBER_MAX ((json_int_t)1 << 53)

struct json_document {
    json_t *root;
};

/*
 * Refuses deep nesting before the reader recurses into it. Brackets inside strings do not count; a
 * text that is no JSON may be counted wrongly, but never deeper than the reader would go.
 */
static bool is_shallow(auth_bytes text)
{
    size_t depth = 0;
    bool is_string = false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (is_string && c == '\\')
            i++;
        else if (c == '"')
            is_string = !is_string;
        else if (!is_string && (c == '{' || c == '['))
            depth++;
        else if (!is_string && (c == '}' || c == ']') && depth > 0)
            depth--;
        if (depth > JSON_DEPTH_MAX)
            return false;
    }
    return true;
}

auth_status json_open(auth_bytes text, json_document **out, auth_error *err)
{
    if (text.len > JSON_SIZE_MAX || !is_shallow(text))
        return auth_error_set(
            err, AUTH_STATUS_LIMIT,
            "profile: above %zu octets or nested deeper than %d; no profile needs "
            "that",
            JSON_SIZE_MAX, JSON_DEPTH_MAX);
    json_document *document = calloc(1, sizeof *document);
    if (document == NULL)
        return auth_error_memory(err);
    json_error_t where;
    document->root = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &where);
    if (document->root != NULL) {
        *out = document;
        return AUTH_STATUS_OK;
    }
    free(document);
    if (json_error_code(&where) == json_error_out_of_memory)
        return auth_error_memory(err);
    return auth_error_set(err, AUTH_STATUS_MALFORMED,
                          "profile: line %d, column %d: %s (RFC 8259); mend the file there",
                          where.line, where.column, where.text);
}

void json_close(json_document *document)
{
    if (document == NULL)
        return;
    json_decref(document->root);
    free(document);
}

/* Where a value stands; a chain on the stack, read only when an error is written. */
typedef struct place {
    const struct place *parent;
    const char *name; /* NULL: an element of an array */
    size_t index;
} place;

static void write_path(const place *at, char out[PATH_SIZE], size_t *len)
{
    if (at == NULL) {
        *len = (size_t)snprintf(out, PATH_SIZE, "$");
        return;
    }
    write_path(at->parent, out, len);
    int more = at->name != NULL ? snprintf(out + *len, PATH_SIZE - *len, ".%s", at->name)
                                : snprintf(out + *len, PATH_SIZE - *len, "[%zu]", at->index);
    if (more > 0)
        *len += (size_t)more;
    if (*len >= PATH_SIZE)
        *len = PATH_SIZE - 1;
}

static auth_status refuse(const place *at, const char *what, auth_error *err)
{
    char path[PATH_SIZE];
    size_t len = 0;
    write_path(at, path, &len);
    return auth_error_set(err, AUTH_STATUS_INVALID, "profile: %s: %s", path, what);
}

static auth_status decode_text(const place *at, const json_t *value, auth_bytes *out,
                               auth_error *err)
{
    if (!json_is_string(value))
        return refuse(at, "not a string; write it in quotes", err);
    if (json_string_length(value) == 0 || json_string_length(value) > JSON_TEXT_MAX)
        return refuse(at, "a string has 1 to 512 octets here; leave the member out or shorten it",
                      err);
    *out = (auth_bytes){(const uint8_t *)json_string_value(value), json_string_length(value)};
    return AUTH_STATUS_OK;
}

static auth_status decode_texts(const place *at, const json_t *value, json_texts *out,
                                auth_error *err)
{
    if (!json_is_array(value))
        return refuse(at, "not an array; write [ \"...\" ]", err);
    if (json_array_size(value) == 0 || json_array_size(value) > JSON_TEXTS_MAX)
        return refuse(at, "an array has 1 to 16 elements here; leave the member out or shorten it",
                      err);
    out->is_set = true;
    out->count = json_array_size(value);
    for (size_t i = 0; i < out->count; i++) {
        place element = {.parent = at, .index = i};
        auth_status status = decode_text(&element, json_array_get(value, i), &out->rows[i], err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

static auth_status decode_number(const place *at, const json_t *value, json_number *out,
                                 auth_error *err)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > NUMBER_MAX)
        return refuse(at, "not a whole number from 0 to 2^53; write it without quotes or fraction",
                      err);
    *out = (json_number){true, (uint64_t)json_integer_value(value)};
    return AUTH_STATUS_OK;
}

static auth_status decode_flag(const place *at, const json_t *value, json_flag *out,
                               auth_error *err)
{
    if (!json_is_boolean(value))
        return refuse(at, "not a boolean; write true or false", err);
    *out = (json_flag){true, json_is_true(value)};
    return AUTH_STATUS_OK;
}

static auth_status decode_object(const place *at, const json_t *value, const json_member *members,
                                 void *out, auth_error *err);

static auth_status decode_objects(const place *at, const json_t *value, const json_member *member,
                                  uint8_t *base, auth_error *err)
{
    if (!json_is_array(value))
        return refuse(at, "not an array; write [ { ... } ]", err);
    if (json_array_size(value) == 0 || json_array_size(value) > member->row_max)
        return refuse(at, "no element, or too many; leave the member out or shorten it", err);
    void *room = base + member->offset;
    json_array_head *head = room;
    head->is_set = true;
    head->count = json_array_size(value);
    for (size_t i = 0; i < head->count; i++) {
        place element = {.parent = at, .index = i};
        auth_status status = decode_object(&element, json_array_get(value, i), member->members,
                                           base + member->rows_offset + i * member->row_size, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

static auth_status decode_member(const place *at, const json_t *value, const json_member *member,
                                 uint8_t *base, auth_error *err)
{
    void *room = base + member->offset;
    switch (member->kind) {
    case JSON_KIND_TEXT:
        return decode_text(at, value, room, err);
    case JSON_KIND_FLAG:
        return decode_flag(at, value, room, err);
    case JSON_KIND_NUMBER:
        return decode_number(at, value, room, err);
    case JSON_KIND_TEXTS:
        return decode_texts(at, value, room, err);
    case JSON_KIND_OBJECT:
        return decode_object(at, value, member->members, room, err);
    case JSON_KIND_OBJECTS:
        break;
    }
    return decode_objects(at, value, member, base, err);
}

static bool is_member(const json_member *members, const char *name)
{
    for (; members->name != NULL; members++) {
        if (strcmp(members->name, name) == 0)
            return true;
    }
    return false;
}

static auth_status refuse_unknown(const place *at, const json_t *value, const json_member *members,
                                  auth_error *err)
{
    /* Reading needs no change, but jansson's iterator is declared for what can be changed. */
    json_t *object = (json_t *)(uintptr_t)value;
    for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i)) {
        place member = {.parent = at, .name = json_object_iter_key(i)};
        if (!is_member(members, member.name))
            return refuse(&member, "no such member; remove it or mend its name (docs/profiles.md)",
                          err);
    }
    return AUTH_STATUS_OK;
}

static auth_status decode_object(const place *at, const json_t *value, const json_member *members,
                                 void *out, auth_error *err)
{
    if (!json_is_object(value))
        return refuse(at, "not an object; write { ... }", err);
    auth_status status = refuse_unknown(at, value, members, err);
    json_object_head *head = out;
    head->is_set = true;
    for (; members->name != NULL && status == AUTH_STATUS_OK; members++) {
        const json_t *member = json_object_get(value, members->name);
        place here = {.parent = at, .name = members->name};
        if (member != NULL)
            status = decode_member(&here, member, members, out, err);
        else if (members->is_required)
            status = refuse(&here, "missing; add it (docs/profiles.md)", err);
    }
    return status;
}

auth_status json_decode(const json_document *document, const json_member *members, void *out,
                        auth_error *err)
{
    return decode_object(NULL, document->root, members, out, err);
}
