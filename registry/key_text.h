/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key files as text. A file holds one generation of one key, line by line:
 *
 *   auth-master-key 1            auth-office-key 1
 *   realm <name>                 realm <name>
 *   generation <n>               generation <n>
 *   key <base64>                 path /centre/province/
 *   check <hex>                  index <base64>
 *                                key <base64>
 *                                check <hex>
 *
 * A master key may stand there encrypted: then "token <base64>" takes the place of "key". check is
 * the beginning of the SHA-256 of all lines before it, against slips of copying; it proves nothing
 * about who wrote the file. There is one spelling of each file, and only that is read.
 *
 * Internal to registry/.
 */
#ifndef REGISTRY_KEY_TEXT_H
#define REGISTRY_KEY_TEXT_H

#include "crypto.h"

#include <stdbool.h>

#define KEY_TEXT_MAX ((size_t)2048)
#define KEY_REALM_SIZE 65 /* an identifier of at most 64 characters, and NUL */
#define KEY_PATH_SIZE 521 /* at most 8 times "/" and 64 characters, "/" and NUL */
#define KEY_GENERATION_MAX 0x7fffffffU
/* salt, nonce, key, tag */
#define KEY_WRAPPED_SIZE                                                                           \
    (REGISTRY_KEY_SIZE + REGISTRY_NONCE_SIZE + REGISTRY_KEY_SIZE + REGISTRY_TAG_SIZE)

/* What a file says. Lives in an auth_secret; is wiped with it. */
typedef struct key_text {
    bool is_office;
    bool is_wrapped; /* wrapped holds the key, and key nothing */
    uint32_t generation;
    char realm[KEY_REALM_SIZE];
    char path[KEY_PATH_SIZE]; /* of an office's key; else "/" */
    uint8_t index[REGISTRY_KEY_SIZE];
    uint8_t key[REGISTRY_KEY_SIZE];
    uint8_t wrapped[KEY_WRAPPED_SIZE];
} key_text;

/*
 * Reads a file's text.
 *
 * Errors: AUTH_STATUS_MALFORMED naming the line; AUTH_STATUS_UNSUPPORTED for another version;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status key_text_parse(registry_crypto *crypto, auth_bytes text, key_text *out,
                           auth_error *err) AUTH_MUST_CHECK;

/* Appends the text of a file. Errors: AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO. */
auth_status key_text_write(registry_crypto *crypto, const key_text *key, auth_buf *out,
                           auth_error *err) AUTH_MUST_CHECK;

/* Tells whether text is an identifier: lower-case letters, digits, and hyphens inside. */
bool key_is_identifier(auth_bytes text);

/* Tells whether text is an office's path: "/centre/province/city/". "/" itself is none. */
bool key_is_office_path(auth_bytes text);

#endif
