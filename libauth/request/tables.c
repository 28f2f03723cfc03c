/* SPDX-License-Identifier: Apache-2.0 */
/* Names and texts of the tables that auth/request.h declares. */
#include <auth/request.h>
#include <string.h>

typedef struct table_row {
    int number;
    const char *name;
    const char *text;
} table_row;

typedef struct name_table {
    const char *what;
    const char *names;
    const table_row *rows;
    size_t count;
} name_table;

static const table_row kind_rows[] = {
#define AUTH_REQUEST_KIND_ROW(id, number, name, has_profile, text) {(number), (name), (text)},
#include <auth/request_kind.def>
};
static const char kind_names[] =
#define AUTH_REQUEST_KIND_ROW(id, number, name, has_profile, text) " " name
#include <auth/request_kind.def>
    ;

static const table_row reason_rows[] = {
#define AUTH_REQUEST_REASON_ROW(id, number, name, text) {(number), (name), (text)},
#include <auth/request_reason.def>
};

static const table_row role_rows[] = {
#define AUTH_OFFICER_ROLE_ROW(id, number, name, is_signer, text) {(number), (name), (text)},
#include <auth/officer_role.def>
};
static const char role_names[] =
#define AUTH_OFFICER_ROLE_ROW(id, number, name, is_signer, text) " " name
#include <auth/officer_role.def>
    ;

static const table_row method_rows[] = {
#define AUTH_EVIDENCE_METHOD_ROW(id, number, name, text) {(number), (name), (text)},
#include <auth/evidence_method.def>
};
static const char method_names[] =
#define AUTH_EVIDENCE_METHOD_ROW(id, number, name, text) " " name
#include <auth/evidence_method.def>
    ;

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

static const name_table kinds = {"kind of request", kind_names, kind_rows, COUNT(kind_rows)};
static const name_table reasons = {"reason", "", reason_rows, COUNT(reason_rows)};
static const name_table roles = {"role", role_names, role_rows, COUNT(role_rows)};
static const name_table methods = {"method of evidence", method_names, method_rows,
                                   COUNT(method_rows)};

static const table_row *row_of(const name_table *table, int number)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->rows[i].number == number)
            return &table->rows[i];
    }
    return NULL;
}

static const char *name_of(const name_table *table, int number)
{
    const table_row *row = row_of(table, number);
    return row == NULL ? "" : row->name;
}

static auth_status find(const name_table *table, const char *name, int *out, auth_error *err)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->rows[i].name, name) == 0) {
            *out = table->rows[i].number;
            return AUTH_STATUS_OK;
        }
    }
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND, "no %s has this name; there are:%s",
                          table->what, table->names);
}

const char *auth_request_kind_name(auth_request_kind kind) { return name_of(&kinds, (int)kind); }

auth_status auth_request_kind_find(const char *name, auth_request_kind *out, auth_error *err)
{
    int number = 0;
    auth_status status = find(&kinds, name, &number, err);
    if (status == AUTH_STATUS_OK)
        *out = (auth_request_kind)number;
    return status;
}

bool auth_request_kind_has_profile(auth_request_kind kind)
{
    switch (kind) {
#define AUTH_REQUEST_KIND_ROW(id, number, name, has_profile, text)                                 \
    case AUTH_REQUEST_KIND_##id:                                                                   \
        return has_profile;
#include <auth/request_kind.def>
    default:
        return false;
    }
}

const char *auth_request_reason_name(auth_request_reason reason)
{
    return name_of(&reasons, (int)reason);
}

const char *auth_request_reason_text(auth_request_reason reason)
{
    const table_row *row = row_of(&reasons, (int)reason);
    return row == NULL ? "" : row->text;
}

const char *auth_officer_role_name(auth_officer_role role) { return name_of(&roles, (int)role); }

auth_status auth_officer_role_find(const char *name, auth_officer_role *out, auth_error *err)
{
    int number = 0;
    auth_status status = find(&roles, name, &number, err);
    if (status == AUTH_STATUS_OK)
        *out = (auth_officer_role)number;
    return status;
}

const char *auth_evidence_method_name(auth_evidence_method method)
{
    return name_of(&methods, (int)method);
}

auth_status auth_evidence_method_find(const char *name, auth_evidence_method *out, auth_error *err)
{
    int number = 0;
    auth_status status = find(&methods, name, &number, err);
    if (status == AUTH_STATUS_OK)
        *out = (auth_evidence_method)number;
    return status;
}
