/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The subject is read from its RFC 4514 text, in which a value cannot pass for another attribute:
 * separators inside values are escaped. Identifiers hold nothing that would be.
 */
#include "subject.h"

#include <auth/name.h>
#include <string.h>

#define TEXT_MAX ((size_t)32 << 10)

/* The octets up to the next separator that is not escaped. */
static size_t part_of(auth_bytes text)
{
    size_t i = 0;
    while (i < text.len && text.data[i] != ',' && text.data[i] != '+')
        i += text.data[i] == '\\' ? 2 : 1;
    return i < text.len ? i : text.len;
}

static char *place_of(registry_subject *out, auth_bytes type)
{
    if (auth_bytes_equal(type, auth_bytes_from_text("O")))
        return out->realm;
    if (auth_bytes_equal(type, auth_bytes_from_text("OU")))
        return out->office;
    if (auth_bytes_equal(type, auth_bytes_from_text("title")))
        return out->role;
    if (auth_bytes_equal(type, auth_bytes_from_text("UID")))
        return out->officer;
    return NULL;
}

static auth_status take(registry_subject *out, auth_bytes part, auth_error *err)
{
    const uint8_t *equals = part.len == 0 ? NULL : memchr(part.data, '=', part.len);
    if (equals == NULL)
        return AUTH_STATUS_OK;
    size_t type_len = (size_t)(equals - part.data);
    char *place = place_of(out, (auth_bytes){part.data, type_len});
    auth_bytes value = {equals + 1, part.len - type_len - 1};
    if (place == NULL || value.len >= AUTH_IDENTIFIER_SIZE)
        return AUTH_STATUS_OK;
    if (place[0] != '\0')
        return auth_error_set(
            err, AUTH_STATUS_CONFLICT,
            "certificate: subject: an attribute stands there twice; issue it anew");
    memcpy(place, value.data, value.len);
    place[value.len] = '\0';
    return AUTH_STATUS_OK;
}

auth_status registry_subject_read(auth_bytes name, registry_subject *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    registry_subject read = {.realm = ""};
    auth_status status = auth_buf_new(TEXT_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_name_text(name, AUTH_REVEALED, text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes left = auth_buf_bytes(text);
    while (status == AUTH_STATUS_OK && left.len > 0) {
        size_t len = part_of(left);
        status = take(&read, (auth_bytes){left.data, len}, err);
        size_t step = len < left.len ? len + 1 : len;
        left = (auth_bytes){left.data + step, left.len - step};
    }
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}
