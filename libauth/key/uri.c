/* SPDX-License-Identifier: Apache-2.0 */
#include "key/uri.h"

#include <stdio.h>
#include <string.h>

#define SCHEME "pkcs11:"

/* An attribute's value, before its meaning: octets with their percent signs resolved. */
typedef struct uri_value {
    uint8_t octets[URI_PATH_SIZE];
    size_t len;
} uri_value;

typedef struct attribute_row {
    const char *name;
    bool is_query;
    size_t offset;
    size_t size;
} attribute_row;

#define TEXT_ROW(name, is_query, member)                                                           \
    {                                                                                              \
        name, is_query, offsetof(token_uri, member), sizeof((token_uri *)NULL)->member             \
    }

/* The attributes whose value is kept as text. */
static const attribute_row text_rows[] = {
    TEXT_ROW("token", false, token),
    TEXT_ROW("manufacturer", false, manufacturer),
    TEXT_ROW("model", false, model),
    TEXT_ROW("serial", false, serial),
    TEXT_ROW("object", false, object),
    TEXT_ROW("module-path", true, module_path),
    TEXT_ROW("module-name", true, module_name),
    TEXT_ROW("pin-source", true, pin_source),
};

static auth_status refuse(auth_error *err, const char *name, size_t len, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED, "PKCS#11 URI: '%.*s': %s (RFC 7512 2.3)",
                          (int)(len > 32 ? 32 : len), name, what);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* What may stand for itself: pk11-pchar and pk11-qchar without pct-encoded (RFC 7512 2.3). */
static bool is_plain(char c, bool is_query)
{
    bool is_word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const char *others = is_query ? "-._~:[]@!$'()*+,=/?|" : "-._~:[]@!$'()*+,=&";
    return is_word || (c != '\0' && strchr(others, c) != NULL);
}

static bool decode(const char *text, size_t len, bool is_query, uri_value *out)
{
    out->len = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t octet = (uint8_t)text[i];
        if (text[i] == '%') {
            int high = i + 2 < len ? hex_value(text[i + 1]) : -1;
            int low = high < 0 ? -1 : hex_value(text[i + 2]);
            if (low < 0)
                return false;
            octet = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (!is_plain(text[i], is_query)) {
            return false;
        }
        if (out->len == sizeof out->octets)
            return false;
        out->octets[out->len++] = octet;
    }
    return true;
}

static auth_status keep_text(const attribute_row *row, const uri_value *value, token_uri *uri,
                             auth_error *err)
{
    char *text = (char *)uri + row->offset;
    size_t name_len = strlen(row->name);
    if (value->len == 0 || value->len >= row->size)
        return refuse(err, row->name, name_len, "empty, or longer than PKCS#11 has room for");
    if (memchr(value->octets, 0, value->len) != NULL)
        return refuse(err, row->name, name_len, "a NUL in it");
    if (text[0] != '\0')
        return refuse(err, row->name, name_len, "given twice");
    memcpy(text, value->octets, value->len);
    return AUTH_STATUS_OK;
}

static auth_status keep_id(const uri_value *value, token_uri *uri, auth_error *err)
{
    if (uri->id_len != 0)
        return refuse(err, "id", 2, "given twice");
    if (value->len == 0 || value->len > sizeof uri->id)
        return refuse(err, "id", 2, "empty, or of more than 64 octets");
    memcpy(uri->id, value->octets, value->len);
    uri->id_len = value->len;
    return AUTH_STATUS_OK;
}

static auth_status keep_slot(const uri_value *value, token_uri *uri, auth_error *err)
{
    if (uri->has_slot_id)
        return refuse(err, "slot-id", 7, "given twice");
    uint64_t number = 0;
    bool is_number = value->len > 0 && value->len < 19;
    for (size_t i = 0; is_number && i < value->len; i++) {
        is_number = value->octets[i] >= '0' && value->octets[i] <= '9';
        number = number * 10 + (uint64_t)(value->octets[i] - '0');
    }
    if (!is_number)
        return refuse(err, "slot-id", 7, "not a decimal number");
    uri->slot_id = number;
    uri->has_slot_id = true;
    return AUTH_STATUS_OK;
}

static auth_status check_type(const uri_value *value, auth_error *err)
{
    static const char wanted[] = "private";
    if (value->len == sizeof wanted - 1 && memcmp(value->octets, wanted, value->len) == 0)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                          "PKCS#11 URI: 'type': only private keys sign; write type=private or "
                          "leave it out (RFC 7512 2.3)");
}

static bool is_name(const char *name, const char *text, size_t len)
{
    return strlen(name) == len && memcmp(name, text, len) == 0;
}

static auth_status keep(const char *name, size_t name_len, const uri_value *value, bool is_query,
                        token_uri *uri, auth_error *err)
{
    for (size_t i = 0; i < sizeof text_rows / sizeof text_rows[0]; i++) {
        if (text_rows[i].is_query == is_query && is_name(text_rows[i].name, name, name_len))
            return keep_text(&text_rows[i], value, uri, err);
    }
    if (!is_query && is_name("id", name, name_len))
        return keep_id(value, uri, err);
    if (!is_query && is_name("slot-id", name, name_len))
        return keep_slot(value, uri, err);
    if (!is_query && is_name("type", name, name_len))
        return check_type(value, err);
    if (is_query && is_name("pin-value", name, name_len)) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "PKCS#11 URI: 'pin-value': a PIN in a URI is seen by others (RFC "
                              "7512 section 7); write it to a file and name that by pin-source");
    }
    return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                          "PKCS#11 URI: the attribute '%.*s' is not used here, or not in this "
                          "part of the URI; leave it out (RFC 7512 2.3)",
                          (int)(name_len > 32 ? 32 : name_len), name);
}

/* Reads name=value pairs with separators between them; none is no fault. */
static auth_status parse_part(const char *text, size_t len, bool is_query, token_uri *uri,
                              auth_error *err)
{
    char separator = is_query ? '&' : ';';
    size_t at = 0;
    while (at < len) {
        const char *begin = text + at;
        const char *end = memchr(begin, separator, len - at);
        size_t pair_len = end == NULL ? len - at : (size_t)(end - begin);
        at += pair_len + 1;
        const char *equals = memchr(begin, '=', pair_len);
        if (equals == NULL)
            return refuse(err, begin, pair_len, "an attribute without '='");
        size_t name_len = (size_t)(equals - begin);
        uri_value value;
        if (!decode(equals + 1, pair_len - name_len - 1, is_query, &value))
            return refuse(err, begin, name_len,
                          "a character that must be percent-encoded, or a value too long");
        auth_status status = keep(begin, name_len, &value, is_query, uri, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

/* "file:///path", "file:/path" and a bare path name a file; "|command" is a program, and refused.
 */
static auth_status check_pin_source(token_uri *uri, auth_error *err)
{
    char *source = uri->pin_source;
    if (source[0] == '\0')
        return AUTH_STATUS_OK;
    const char *path = source;
    if (strncmp(path, "file://", 7) == 0)
        path += 7;
    else if (strncmp(path, "file:", 5) == 0)
        path += 5;
    if (path[0] != '/')
        return refuse(err, "pin-source", 10, "not the absolute path of a file");
    memmove(source, path, strlen(path) + 1);
    return AUTH_STATUS_OK;
}

static auth_status check_whole(token_uri *uri, auth_error *err)
{
    if ((uri->module_path[0] == '\0') == (uri->module_name[0] == '\0'))
        return refuse(err, SCHEME, strlen(SCHEME),
                      "either module-path or module-name must tell which module to load");
    if (uri->module_path[0] != '\0' && uri->module_path[0] != '/')
        return refuse(err, "module-path", 11, "not an absolute path");
    if (strchr(uri->module_name, '/') != NULL || uri->module_name[0] == '.')
        return refuse(err, "module-name", 11, "a path; write module-path");
    if (uri->token[0] == '\0' && uri->serial[0] == '\0' && !uri->has_slot_id)
        return refuse(err, SCHEME, strlen(SCHEME),
                      "token, serial or slot-id must tell which token holds the key");
    if (uri->object[0] == '\0' && uri->id_len == 0)
        return refuse(err, SCHEME, strlen(SCHEME), "object or id must tell which key is meant");
    return check_pin_source(uri, err);
}

auth_status token_uri_parse(const char *text, token_uri *out, auth_error *err)
{
    token_uri uri;
    memset(&uri, 0, sizeof uri);
    if (strncmp(text, SCHEME, strlen(SCHEME)) != 0)
        return refuse(err, text, strcspn(text, ":"), "a URI of PKCS#11 begins with 'pkcs11:'");
    text += strlen(SCHEME);
    size_t path_len = strcspn(text, "?");
    auth_status status = parse_part(text, path_len, false, &uri, err);
    if (status == AUTH_STATUS_OK && text[path_len] == '?')
        status = parse_part(text + path_len + 1, strlen(text + path_len + 1), true, &uri, err);
    if (status == AUTH_STATUS_OK)
        status = check_whole(&uri, err);
    if (status == AUTH_STATUS_OK)
        *out = uri;
    return status;
}
