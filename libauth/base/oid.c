/* SPDX-License-Identifier: Apache-2.0 */
#include "base/oid.h"

#include <string.h>

typedef struct oid_row {
    const char *dotted;
    const char *name;
    const char *octets;
    size_t len;
} oid_row;

static const oid_row rows[OID_COUNT] = {
    [OID_UNKNOWN] = {"", "", "", 0},
#define OID_ROW(id, text, label, content)                                                          \
    [OID_##id] = {(text), (label), (content), sizeof(content) - 1},
#include "base/oid.def"
};

auth_bytes oid_bytes(oid id)
{
    return (auth_bytes){(const uint8_t *)rows[id].octets, rows[id].len};
}

/* Those of one length differ in their last octet more often than in any other. */
static bool is_row(const oid_row *row, auth_bytes content)
{
    return row->len == content.len &&
           (uint8_t)row->octets[content.len - 1] == content.data[content.len - 1] &&
           memcmp(row->octets, content.data, content.len) == 0;
}

oid oid_find(auth_bytes content)
{
    if (content.len == 0)
        return OID_UNKNOWN;
    for (oid id = OID_UNKNOWN + 1; id < OID_COUNT; id++) {
        if (is_row(&rows[id], content))
            return id;
    }
    return OID_UNKNOWN;
}

const char *oid_name(oid id) { return rows[id].name; }

const char *oid_dotted(oid id) { return rows[id].dotted; }

oid oid_named(const char *name)
{
    for (oid id = OID_UNKNOWN + 1; id < OID_COUNT; id++) {
        if (strcmp(rows[id].name, name) == 0 || strcmp(rows[id].dotted, name) == 0)
            return id;
    }
    return OID_UNKNOWN;
}
