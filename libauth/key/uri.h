/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#11 URIs (RFC 7512), as far as they name a key to sign with. Internal to key/. */
#ifndef KEY_URI_H
#define KEY_URI_H

#include <auth/error.h>
#include <stddef.h>
#include <stdint.h>

/* What PKCS#11 gives labels and numbers of tokens room for (CK_TOKEN_INFO), with a NUL. */
#define URI_LABEL_SIZE 33
#define URI_SERIAL_SIZE 17
#define URI_PATH_SIZE 256
#define URI_NAME_SIZE 64
#define URI_OBJECT_SIZE 129
#define URI_ID_MAX 64

/* A text that is empty was not given. */
typedef struct token_uri {
    char module_path[URI_PATH_SIZE];
    char module_name[URI_NAME_SIZE];
    char token[URI_LABEL_SIZE];
    char manufacturer[URI_LABEL_SIZE];
    char model[URI_SERIAL_SIZE];
    char serial[URI_SERIAL_SIZE];
    char object[URI_OBJECT_SIZE];
    char pin_source[URI_PATH_SIZE]; /* a path, "file:" taken off */
    uint8_t id[URI_ID_MAX];
    size_t id_len;
    uint64_t slot_id;
    bool has_slot_id;
} token_uri;

/*
 * Reads a URI that names a module, a token and an object in it.
 *
 * Errors: AUTH_STATUS_MALFORMED; AUTH_STATUS_UNSUPPORTED for attributes of RFC 7512 that are not
 * used here.
 */
auth_status token_uri_parse(const char *text, token_uri *out, auth_error *err) AUTH_MUST_CHECK;

#endif
