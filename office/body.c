/* SPDX-License-Identifier: Apache-2.0 */
/* The only file of office/ that knows which library reads the JSON. */
#include "body.h"

#include <auth/jws.h>
#include <jansson.h>
#include <string.h>

#define FLAGS JSON_REJECT_DUPLICATES

static auth_status load(const char *what, auth_bytes text, json_t **out, auth_error *err)
{
    json_error_t fault;
    *out = json_loadb((const char *)text.data, text.len, FLAGS, &fault);
    if (*out == NULL && json_error_code(&fault) == json_error_out_of_memory)
        return auth_error_memory(err);
    if (!json_is_object(*out)) {
        json_decref(*out);
        *out = NULL;
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "%s: line %d: is no JSON object (RFC 8259); send one", what,
                              fault.line > 0 ? fault.line : 1);
    }
    return AUTH_STATUS_OK;
}

static bool has_signature(const json_t *signatures, const json_t *signature)
{
    size_t count = json_array_size(signatures);
    for (size_t i = 0; i < count; i++) {
        if (json_equal(json_array_get(signatures, i), signature))
            return true;
    }
    return false;
}

static auth_status add(json_t *to, const json_t *from, size_t *added, auth_error *err)
{
    json_t *signatures = json_object_get(to, "signatures");
    json_t *sent = json_object_get(from, "signatures");
    size_t count = json_array_size(sent);
    if (!json_is_array(signatures) || !json_is_array(sent))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "document: $.signatures: is no array (RFC 7515 7.2.1); send General "
                              "JSON");
    if (!json_equal(json_object_get(to, "payload"), json_object_get(from, "payload")))
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "document: $.payload: it is not that of the request; sign the "
                              "document that the request has");
    *added = 0;
    for (size_t i = 0; i < count; i++) {
        if (has_signature(signatures, json_array_get(sent, i)))
            continue;
        if (json_array_size(signatures) >= AUTH_JWS_SIGNATURES_MAX)
            return auth_error_set(err, AUTH_STATUS_LIMIT,
                                  "document: it would have more than %d signatures; make it anew",
                                  AUTH_JWS_SIGNATURES_MAX);
        if (json_array_append(signatures, json_array_get(sent, i)) != 0)
            return auth_error_memory(err);
        ++*added;
    }
    return AUTH_STATUS_OK;
}

/* Told a piece at a time by jansson. */
static int put(const char *octets, size_t len, void *context)
{
    return auth_buf_append(context, (auth_bytes){(const uint8_t *)octets, len}, NULL) ==
                   AUTH_STATUS_OK
               ? 0
               : -1;
}

auth_status office_body_merge(auth_bytes stored, auth_bytes sent, auth_buf **out, size_t *added,
                              auth_error *err)
{
    json_t *to = NULL;
    json_t *from = NULL;
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = load("request", stored, &to, err);
    if (status == AUTH_STATUS_OK)
        status = load("document", sent, &from, err);
    if (status == AUTH_STATUS_OK)
        status = add(to, from, added, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_JWS_MAX, &text, err);
    if (status == AUTH_STATUS_OK && json_dump_callback(to, put, text, JSON_COMPACT) != 0)
        status = auth_error_set(err, AUTH_STATUS_LIMIT,
                                "document: it is too long with these signatures; make it anew with "
                                "fewer items");
    json_decref(to);
    json_decref(from);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(text);
    return status;
}
