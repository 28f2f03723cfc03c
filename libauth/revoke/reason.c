/* SPDX-License-Identifier: Apache-2.0 */
#include <auth/revocation.h>
#include <string.h>

typedef struct reason_row {
    auth_revocation_reason reason;
    const char *name;
    const char *text;
    bool is_given;
    bool is_reversible;
} reason_row;

static const reason_row rows[] = {
#define AUTH_REVOCATION_REASON_ROW(id, number, label, given, reversible, meaning)                  \
    {AUTH_REVOCATION_REASON_##id, (label), (meaning), (given), (reversible)},
#include <auth/revocation_reason.def>
};

static const char reason_names[] =
#define AUTH_REVOCATION_REASON_ROW(id, number, label, given, reversible, meaning) " " label
#include <auth/revocation_reason.def>
    ;

#define ROW_COUNT (sizeof rows / sizeof rows[0])

static const reason_row *row_of(unsigned number)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if ((unsigned)rows[i].reason == number)
            return &rows[i];
    }
    return NULL;
}

const char *auth_revocation_reason_name(auth_revocation_reason reason)
{
    const reason_row *row = row_of((unsigned)reason);
    return row == NULL ? "" : row->name;
}

const char *auth_revocation_reason_text(auth_revocation_reason reason)
{
    const reason_row *row = row_of((unsigned)reason);
    return row == NULL ? "" : row->text;
}

auth_status auth_revocation_reason_find(const char *name, auth_revocation_reason *out,
                                        auth_error *err)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *out = rows[i].reason;
            return AUTH_STATUS_OK;
        }
    }
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "no reason of RFC 5280 5.3.1 has this name; there are:%s", reason_names);
}

bool auth_revocation_reason_exists(unsigned number) { return row_of(number) != NULL; }

bool auth_revocation_reason_is_given(auth_revocation_reason reason)
{
    const reason_row *row = row_of((unsigned)reason);
    return row != NULL && row->is_given;
}

bool auth_revocation_reason_is_reversible(auth_revocation_reason reason)
{
    const reason_row *row = row_of((unsigned)reason);
    return row != NULL && row->is_reversible;
}
