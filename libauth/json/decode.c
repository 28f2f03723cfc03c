/* SPDX-License-Identifier: Apache-2.0 */
#include "json/document.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE 128
#define WHAT_SIZE 256
#define NUMBER_MAX ((json_int_t)1 << 53)

/* A name longer, or with more digits, than any that a standard gives a member is not shown. */
#define SHOWN_NAME_MAX 40
#define SHOWN_DIGITS_MAX 4

/* Where a value stands; a chain on the stack, read only when an error is written. */
typedef struct place {
    json_document *document;
    const struct place *parent; /* NULL: the document itself */
    const char *name;           /* NULL: an element of an array */
    size_t index;
} place;

static place member_of(const place *at, const char *name)
{
    return (place){.document = at->document, .parent = at, .name = name};
}

static place element_of(const place *at, size_t index)
{
    return (place){.document = at->document, .parent = at, .index = index};
}

static void write_path(const place *at, char out[PATH_SIZE], size_t *len)
{
    if (at->parent == NULL) {
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
    return auth_error_set(err, AUTH_STATUS_INVALID, "%s: %s: %s", at->document->rules->subject,
                          path, what);
}

/* Refuses a number of things that is not from 1 to max. */
static auth_status refuse_count(const place *at, const char *whole, const char *parts, size_t max,
                                auth_error *err)
{
    char what[WHAT_SIZE];
    (void)snprintf(what, sizeof what, "%s has 1 to %zu %s here; leave the member out or shorten it",
                   whole, max, parts);
    return refuse(at, what, err);
}

static auth_status decode_text(const place *at, const json_t *value, const json_member *member,
                               auth_bytes *out, auth_error *err)
{
    size_t max = member->text_max > 0 ? member->text_max : at->document->rules->text_max;
    if (!json_is_string(value))
        return refuse(at, "not a string; write it in quotes", err);
    if (json_string_length(value) == 0 || json_string_length(value) > max)
        return refuse_count(at, "a string", "octets", max, err);
    *out = (auth_bytes){(const uint8_t *)json_string_value(value), json_string_length(value)};
    return AUTH_STATUS_OK;
}

/* Checks that a value is an array of 1 to max elements. */
static auth_status check_array(const place *at, const json_t *value, size_t max, auth_error *err)
{
    if (!json_is_array(value))
        return refuse(at, "not an array; write [ ... ]", err);
    if (json_array_size(value) == 0 || json_array_size(value) > max)
        return refuse_count(at, "an array", "elements", max, err);
    return AUTH_STATUS_OK;
}

static auth_status decode_texts(const place *at, const json_t *value, const json_member *member,
                                json_texts *out, auth_error *err)
{
    size_t max = member->row_max > 0 ? member->row_max : JSON_TEXTS_MAX;
    auth_status status = check_array(at, value, max, err);
    if (status != AUTH_STATUS_OK)
        return status;
    out->is_set = true;
    out->count = json_array_size(value);
    for (size_t i = 0; i < out->count && status == AUTH_STATUS_OK; i++) {
        place element = element_of(at, i);
        status = decode_text(&element, json_array_get(value, i), member, &out->rows[i], err);
    }
    return status;
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

static auth_status decode_rows(const place *at, const json_t *value, const json_member *member,
                               uint8_t *rows, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < json_array_size(value) && status == AUTH_STATUS_OK; i++) {
        place element = element_of(at, i);
        status = decode_object(&element, json_array_get(value, i), member->members,
                               rows + i * member->row_size, err);
    }
    return status;
}

/* The rows have their place in the structure. */
static auth_status decode_objects(const place *at, const json_t *value, const json_member *member,
                                  uint8_t *base, auth_error *err)
{
    auth_status status = check_array(at, value, member->row_max, err);
    if (status != AUTH_STATUS_OK)
        return status;
    void *room = base + member->offset;
    *(json_array_head *)room = (json_array_head){true, json_array_size(value)};
    return decode_rows(at, value, member, base + member->rows_offset, err);
}

/* The rows get theirs now. */
static auth_status decode_allocated(const place *at, const json_t *value, const json_member *member,
                                    json_rows *out, auth_error *err)
{
    auth_status status = check_array(at, value, member->row_max, err);
    if (status != AUTH_STATUS_OK)
        return status;
    void *rows = json_allocate(at->document, json_array_size(value), member->row_size);
    if (rows == NULL)
        return auth_error_memory(err);
    *out = (json_rows){true, json_array_size(value), rows};
    return decode_rows(at, value, member, rows, err);
}

static auth_status decode_member(const place *at, const json_t *value, const json_member *member,
                                 uint8_t *base, auth_error *err)
{
    void *room = base + member->offset;
    switch (member->kind) {
    case JSON_KIND_TEXT:
        return decode_text(at, value, member, room, err);
    case JSON_KIND_FLAG:
        return decode_flag(at, value, room, err);
    case JSON_KIND_NUMBER:
        return decode_number(at, value, room, err);
    case JSON_KIND_TEXTS:
        return decode_texts(at, value, member, room, err);
    case JSON_KIND_OBJECT:
        return decode_object(at, value, member->members, room, err);
    case JSON_KIND_OBJECTS:
        return decode_objects(at, value, member, base, err);
    case JSON_KIND_ROWS:
        return decode_allocated(at, value, member, room, err);
    case JSON_KIND_REFUSED:
        break;
    }
    return refuse(at, member->why, err);
}

static bool is_member(const json_member *members, const char *name)
{
    for (; members->name != NULL; members++) {
        if (strcmp(members->name, name) == 0)
            return true;
    }
    return false;
}

/* Names come from the document, and somebody may have written a person number there. */
static bool is_showable(const char *name)
{
    static const char digits[] = "0123456789";
    size_t count = 0;
    for (const char *at = strpbrk(name, digits); at != NULL; at = strpbrk(at + 1, digits))
        count++;
    return count <= SHOWN_DIGITS_MAX && strlen(name) <= SHOWN_NAME_MAX;
}

static auth_status refuse_unknown(const place *at, const json_t *value, const json_member *members,
                                  auth_error *err)
{
    /* Reading needs no change, but jansson's iterator is declared for what can be changed. */
    json_t *object = (json_t *)(uintptr_t)value;
    for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i)) {
        const char *name = json_object_iter_key(i);
        if (is_member(members, name))
            continue;
        char what[WHAT_SIZE];
        (void)snprintf(what, sizeof what, "no such member; remove it or mend its name (%s)",
                       at->document->rules->guide);
        place member = member_of(at, is_showable(name) ? name : "(a long name)");
        return refuse(&member, what, err);
    }
    return AUTH_STATUS_OK;
}

static auth_status refuse_missing(const place *at, auth_error *err)
{
    char what[WHAT_SIZE];
    (void)snprintf(what, sizeof what, "missing; add it (%s)", at->document->rules->guide);
    return refuse(at, what, err);
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
        place here = member_of(at, members->name);
        if (member != NULL)
            status = decode_member(&here, member, members, out, err);
        else if (members->is_required)
            status = refuse_missing(&here, err);
    }
    return status;
}

auth_status json_decode(json_document *document, const json_member *members, void *out,
                        auth_error *err)
{
    place at = {.document = document};
    return decode_object(&at, document->root, members, out, err);
}
