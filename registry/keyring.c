/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring.h"
#include "key_file.h"
#include "key_text.h"
#include "key_wrap.h"

#include <stdlib.h>
#include <string.h>

/* What a generation is made of: a key for the path, and the realm's index key. */
typedef struct ring_keys {
    uint8_t index[REGISTRY_KEY_SIZE];
    uint8_t branch[REGISTRY_KEY_SIZE];
} ring_keys;

typedef struct ring_entry {
    uint32_t generation;
    auth_secret *keys; /* a ring_keys */
} ring_entry;

struct registry_keyring {
    char realm[KEY_REALM_SIZE];
    char path[KEY_PATH_SIZE]; /* of all generations: a ring is one holder's */
    size_t count;
    ring_entry entries[REGISTRY_KEYRING_MAX];
};

auth_status registry_keyring_new(const char *realm, registry_keyring **out, auth_error *err)
{
    if (!key_is_identifier(auth_bytes_from_text(realm))) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "realm: the name is not of 1 to 64 lower-case letters, digits and "
                              "inner hyphens; name it as realm.conf does");
    }
    registry_keyring *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    (void)strncpy(made->realm, realm, sizeof made->realm - 1);
    made->path[0] = '/';
    *out = made;
    return AUTH_STATUS_OK;
}

void registry_keyring_free(registry_keyring *ring)
{
    for (size_t i = 0; ring != NULL && i < ring->count; i++)
        auth_secret_free(ring->entries[i].keys);
    free(ring);
}

const char *registry_keyring_realm(const registry_keyring *ring) { return ring->realm; }

const char *registry_keyring_scope(const registry_keyring *ring) { return ring->path; }

uint32_t registry_keyring_newest(const registry_keyring *ring)
{
    uint32_t newest = 0;
    for (size_t i = 0; i < ring->count; i++)
        newest = ring->entries[i].generation > newest ? ring->entries[i].generation : newest;
    return newest;
}

static const ring_keys *keys_of(const registry_keyring *ring, uint32_t generation)
{
    for (size_t i = 0; i < ring->count; i++) {
        if (ring->entries[i].generation == generation)
            return (const ring_keys *)(const void *)auth_secret_bytes(ring->entries[i].keys).data;
    }
    return NULL;
}

bool registry_keyring_has(const registry_keyring *ring, uint32_t generation)
{
    return keys_of(ring, generation) != NULL;
}

static auth_status no_generation(uint32_t generation, auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "key generation %u: there is no key file of it; name the file of this "
                          "generation too",
                          generation);
}

/* Derivation */

static auth_status index_key(registry_crypto *crypto, const uint8_t *master, uint8_t *out,
                             auth_error *err)
{
    return registry_hkdf_sha256(crypto, (auth_bytes){master, REGISTRY_KEY_SIZE},
                                (auth_bytes){NULL, 0}, auth_bytes_from_text("auth index"), out,
                                REGISTRY_KEY_SIZE, err);
}

/* Replaces the key of an office by that of the office below it. */
static auth_status step_down(registry_crypto *crypto, uint8_t key[REGISTRY_KEY_SIZE],
                             auth_bytes name, auth_error *err)
{
    static const char label[] = "auth office"; /* its NUL is part of it */
    uint8_t info[sizeof label + KEY_REALM_SIZE];
    memcpy(info, label, sizeof label);
    memcpy(info + sizeof label, name.data, name.len);
    return registry_hkdf_sha256(crypto, (auth_bytes){key, REGISTRY_KEY_SIZE}, (auth_bytes){NULL, 0},
                                (auth_bytes){info, sizeof label + name.len}, key, REGISTRY_KEY_SIZE,
                                err);
}

static auth_status check_scope(const registry_keyring *ring, const char *path, auth_error *err)
{
    if (!key_is_office_path(auth_bytes_from_text(path))) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "office: this is no path; write it as /centre/province/city/");
    }
    if (strncmp(path, ring->path, strlen(ring->path)) != 0) {
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "office %s: it lies outside of %s, whose key this is; use the key "
                              "file of that office or of one above it",
                              path, ring->path);
    }
    return AUTH_STATUS_OK;
}

auth_status registry_keyring_office_key(const registry_keyring *ring, registry_crypto *crypto,
                                        uint32_t generation, const char *path,
                                        uint8_t out[REGISTRY_KEY_SIZE], auth_error *err)
{
    uint8_t key[REGISTRY_KEY_SIZE];
    auth_status status = check_scope(ring, path, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const ring_keys *keys = keys_of(ring, generation);
    if (keys == NULL)
        return no_generation(generation, err);
    memcpy(key, keys->branch, sizeof key);
    for (const char *at = path + strlen(ring->path); *at != '\0' && status == AUTH_STATUS_OK;) {
        size_t len = strcspn(at, "/");
        status = step_down(crypto, key, (auth_bytes){(const uint8_t *)at, len}, err);
        at += len + 1;
    }
    if (status == AUTH_STATUS_OK)
        memcpy(out, key, sizeof key);
    auth_secret_wipe(key, sizeof key);
    return status;
}

auth_status registry_keyring_check_value(const registry_keyring *ring, registry_crypto *crypto,
                                         uint32_t generation, uint8_t out[REGISTRY_HASH_SIZE],
                                         auth_error *err)
{
    const ring_keys *keys = keys_of(ring, generation);
    auth_bytes label = auth_bytes_from_text("auth check");
    if (keys == NULL)
        return no_generation(generation, err);
    return registry_hmac_sha256(crypto, (auth_bytes){keys->index, sizeof keys->index}, &label, 1,
                                out, err);
}

auth_status registry_person_index(const registry_keyring *ring, registry_crypto *crypto,
                                  uint32_t generation, const auth_person_number *number,
                                  uint8_t out[REGISTRY_HASH_SIZE], auth_error *err)
{
    const ring_keys *keys = keys_of(ring, generation);
    uint8_t type = (uint8_t)number->type;
    const auth_bytes parts[] = {{&type, 1}, auth_person_number_reveal(number)};
    if (number->len == 0 || number->type == AUTH_PERSON_TYPE_ANY) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "person number: there is none; read it with its type first");
    }
    if (keys == NULL)
        return no_generation(generation, err);
    return registry_hmac_sha256(crypto, (auth_bytes){keys->index, sizeof keys->index}, parts, 2,
                                out, err);
}

/* Adding */

static auth_status check_entry(const registry_keyring *ring, const key_text *key, auth_error *err)
{
    if (strcmp(ring->realm, key->realm) != 0) {
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "key file: it is a key of realm %s, not of %s; name the file of this "
                              "realm",
                              key->realm, ring->realm);
    }
    if (ring->count > 0 && strcmp(ring->path, key->path) != 0) {
        return auth_error_set(
            err, AUTH_STATUS_CONFLICT,
            "key file: it is a key of %s, and the one before of %s; name files of "
            "one office, or of the realm",
            key->path, ring->path);
    }
    if (registry_keyring_has(ring, key->generation)) {
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "key file: there is a key of generation %u already; name one file a "
                              "generation",
                              key->generation);
    }
    if (ring->count == REGISTRY_KEYRING_MAX) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "key file: more than %d generations; name those that are in use "
                              "(auth registry status)",
                              REGISTRY_KEYRING_MAX);
    }
    return AUTH_STATUS_OK;
}

static auth_status keep(registry_keyring *ring, registry_crypto *crypto, const key_text *key,
                        auth_error *err)
{
    AUTH_AUTO(auth_secret) *secret = NULL;
    auth_status status = auth_secret_new(sizeof(ring_keys), &secret, err);
    if (status != AUTH_STATUS_OK)
        return status;
    ring_keys *keys = (ring_keys *)(void *)auth_secret_data(secret);
    memcpy(keys->branch, key->key, sizeof keys->branch);
    if (key->is_office)
        memcpy(keys->index, key->index, sizeof keys->index);
    else
        status = index_key(crypto, key->key, keys->index, err);
    if (status != AUTH_STATUS_OK)
        return status;
    memcpy(ring->path, key->path, sizeof ring->path);
    ring->entries[ring->count++] = (ring_entry){key->generation, AUTH_TAKE(secret)};
    return AUTH_STATUS_OK;
}

auth_status registry_keyring_add(registry_keyring *ring, registry_crypto *crypto, auth_bytes text,
                                 const auth_signer *token, auth_error *err)
{
    AUTH_AUTO(auth_secret) *room = NULL;
    auth_status status = auth_secret_new(sizeof(key_text), &room, err);
    if (status != AUTH_STATUS_OK)
        return status;
    key_text *key = (key_text *)(void *)auth_secret_data(room);
    status = key_text_parse(crypto, text, key, err);
    if (status == AUTH_STATUS_OK)
        status = check_entry(ring, key, err);
    if (status == AUTH_STATUS_OK && key->is_wrapped)
        status = key_unwrap(crypto, token, key, err);
    if (status == AUTH_STATUS_OK)
        status = keep(ring, crypto, key, err);
    return status;
}

auth_status registry_keyring_load(registry_keyring *ring, registry_crypto *crypto, const char *path,
                                  const auth_signer *token, auth_error *err)
{
    AUTH_AUTO(auth_secret) *text = NULL;
    auth_status status = registry_key_file_read(path, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = registry_keyring_add(ring, crypto, auth_secret_bytes(text), token, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "%s", path);
    return status;
}

/* Handing out */

auth_status registry_keyring_export_office(const registry_keyring *ring, registry_crypto *crypto,
                                           uint32_t generation, const char *path, auth_buf *out,
                                           auth_error *err)
{
    AUTH_AUTO(auth_secret) *room = NULL;
    const ring_keys *keys = keys_of(ring, generation);
    if (keys == NULL)
        return no_generation(generation, err);
    auth_status status = auth_secret_new(sizeof(key_text), &room, err);
    if (status != AUTH_STATUS_OK)
        return status;
    key_text *key = (key_text *)(void *)auth_secret_data(room);
    status = registry_keyring_office_key(ring, crypto, generation, path, key->key, err);
    if (status != AUTH_STATUS_OK)
        return status;
    key->is_office = true;
    key->generation = generation;
    memcpy(key->realm, ring->realm, sizeof key->realm);
    (void)strncpy(key->path, path, sizeof key->path - 1);
    memcpy(key->index, keys->index, sizeof key->index);
    return key_text_write(crypto, key, out, err);
}

auth_status registry_master_key_new(registry_crypto *crypto, const char *realm, uint32_t generation,
                                    const auth_signer *token, auth_buf *out, auth_error *err)
{
    AUTH_AUTO(auth_secret) *room = NULL;
    if (!key_is_identifier(auth_bytes_from_text(realm)) || generation == 0 ||
        generation > KEY_GENERATION_MAX) {
        return auth_error_set(
            err, AUTH_STATUS_INVALID,
            "master key: it needs the realm's name, of lower-case letters, digits "
            "and inner hyphens, and a generation from 1");
    }
    auth_status status = auth_secret_new(sizeof(key_text), &room, err);
    if (status != AUTH_STATUS_OK)
        return status;
    key_text *key = (key_text *)(void *)auth_secret_data(room);
    key->generation = generation;
    (void)strncpy(key->realm, realm, sizeof key->realm - 1);
    key->path[0] = '/';
    status = registry_random(key->key, sizeof key->key, err);
    if (status == AUTH_STATUS_OK && token != NULL)
        status = key_wrap(crypto, token, key, err);
    if (status == AUTH_STATUS_OK)
        status = key_text_write(crypto, key, out, err);
    return status;
}
