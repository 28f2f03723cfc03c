/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/name.h"

#include <auth/name.h>
#include <stdlib.h>

/* The content octets of an OID given dotted. */
#define OID_MAX 64

/* Longest value: 256 characters of four octets, with type and headers. */
#define RDN_MAX 1200

struct auth_name {
    uint8_t room[AUTH_NAME_MAX];
    size_t len;
};

auth_status auth_name_new(auth_name **out, auth_error *err)
{
    auth_name *name = calloc(1, sizeof *name);
    if (name == NULL)
        return auth_error_memory(err);
    name->room[0] = DER_SEQUENCE;
    name->len = 2;
    *out = name;
    return AUTH_STATUS_OK;
}

void auth_name_free(auth_name *name) { free(name); }

auth_bytes auth_name_der(const auth_name *name) { return (auth_bytes){name->room, name->len}; }

/* An attribute type that was asked for by name or dotted. */
typedef struct wanted_type {
    oid id;
    uint8_t room[OID_MAX];
    auth_bytes octets;
} wanted_type;

static auth_status find_type(const char *text, wanted_type *out, auth_error *err)
{
    out->id = oid_named(text);
    if (x509_is_attribute(out->id)) {
        out->octets = oid_bytes(out->id);
        return AUTH_STATUS_OK;
    }
    size_t len = 0;
    if (!der_oid_parse(text, out->room, sizeof out->room, &len))
        return auth_error_set(
            err, AUTH_STATUS_NOT_FOUND,
            "name: no such attribute type; write CN, SN, serialNumber, C, L, ST, "
            "street, O, OU, title, GN, initials, dnQualifier, pseudonym, "
            "organizationIdentifier, UID, DC, emailAddress or an OID like 2.5.4.3");
    out->octets = (auth_bytes){out->room, len};
    return AUTH_STATUS_OK;
}

static auth_status append_rdn(auth_name *name, auth_bytes rdn, auth_error *err)
{
    auth_bytes content;
    uint8_t room[AUTH_NAME_MAX];
    der_writer writer = der_writer_on(room, sizeof room);
    if (!der_only(auth_name_der(name), DER_SEQUENCE, &content))
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "name: it was overwritten");
    size_t sequence = der_open(&writer, DER_SEQUENCE);
    der_put(&writer, content);
    der_put(&writer, rdn);
    der_close(&writer, sequence);
    auth_bytes whole = der_written(&writer);
    if (whole.data == NULL)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "name: more than %d octets", AUTH_NAME_MAX);
    der_writer copy = der_writer_on(name->room, sizeof name->room);
    der_put(&copy, whole);
    name->len = copy.len;
    return AUTH_STATUS_OK;
}

auth_status auth_name_add(auth_name *name, const char *type, auth_bytes value, auth_error *err)
{
    wanted_type wanted;
    auth_status status = find_type(type, &wanted, err);
    if (status == AUTH_STATUS_OK)
        status = x509_check_text(wanted.id, value, 1, x509_attribute_max(wanted.id), err);
    if (status != AUTH_STATUS_OK)
        return status;
    uint8_t room[RDN_MAX];
    der_writer writer = der_writer_on(room, sizeof room);
    x509_put_attribute_type(&writer, wanted.octets, x509_attribute_tag(wanted.id), value);
    return append_rdn(name, der_written(&writer), err);
}

auth_status auth_name_text(auth_bytes name, auth_reveal reveal, auth_buf *out, auth_error *err)
{
    if (reveal == AUTH_REVEALED)
        return x509_name_text(name, out, err);
    return x509_name_text_masked(name, out, err);
}

bool auth_name_equal(auth_bytes a, auth_bytes b) { return x509_name_equal(a, b); }
