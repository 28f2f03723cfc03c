/* SPDX-License-Identifier: Apache-2.0 */
/* Which members an item has, by its kind. */
#include "request/request.h"

#include <stdio.h>

#define NEEDS 'N'
#define MUST_NOT '-'

/* A string is there when it points somewhere; an object or array says so itself. */
#define IS_SET_TEXT(value) ((value).data != NULL)
#define IS_SET_OBJECT(value) (is_set(&(value)))

#define KIND_COUNT 10

/* The heads of objects and arrays begin with is_set. */
static bool is_set(const void *head) { return *(const bool *)head; }

typedef struct member_row {
    const char *name;
    char letters[KIND_COUNT + 1];
} member_row;

static const member_row rows[] = {
#define REQUEST_MEMBER_ROW(field, form, name, letters) {(name), letters},
#include "request/member.def"
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

_Static_assert(AUTH_REQUEST_KIND_CLOSE_OFFICE == KIND_COUNT, "member.def has a letter a kind");

static auth_status check_presence(const char *name, char letter, bool is_there,
                                  const request_place *place, auth_error *err)
{
    if (letter == NEEDS && !is_there) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "request: $.items[%zu].%s: missing; a request to %s needs it "
                              "(docs/request.md)",
                              place->index, name, auth_request_kind_name(place->kind));
    }
    if (letter == MUST_NOT && is_there) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "request: $.items[%zu].%s: a request to %s has no such member; "
                              "remove it (docs/request.md)",
                              place->index, name, auth_request_kind_name(place->kind));
    }
    return AUTH_STATUS_OK;
}

auth_status request_check_members(const request_place *place, const raw_item *raw, auth_error *err)
{
    const bool are_there[ROW_COUNT] = {
#define REQUEST_MEMBER_ROW(field, form, name, letters) IS_SET_##form(raw->field),
#include "request/member.def"
    };
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < ROW_COUNT && status == AUTH_STATUS_OK; i++)
        status = check_presence(rows[i].name, rows[i].letters[place->kind - 1], are_there[i], place,
                                err);
    return status;
}

auth_status request_check_profile(auth_request_kind kind, bool is_there, auth_error *err)
{
    bool needs = auth_request_kind_has_profile(kind);
    if (needs == is_there)
        return AUTH_STATUS_OK;
    return request_refuse(err, "profile",
                          needs ? "missing; this kind asks for certificates, name their profile"
                                : "this kind asks for no certificate; remove it");
}

auth_status request_refuse(auth_error *err, const char *path, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "request: $.%s: %s", path, what);
}

auth_status request_refuse_item(auth_error *err, size_t index, const char *path, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "request: $.items[%zu].%s: %s", index, path,
                          what);
}
