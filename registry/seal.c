/* SPDX-License-Identifier: Apache-2.0 */
#include "seal.h"
#include "key_text.h"

#include <string.h>

#define VERSION 1
#define HEADER (1 + REGISTRY_NONCE_SIZE)
#define LENGTH_SIZE 4
#define ASSOCIATED_SIZE 768

typedef struct field_row {
    const char *table;
    const char *column;
    size_t block;
    bool is_own;
} field_row;

static const field_row fields[] = {
#define REGISTRY_SEAL_FIELD_ROW(id, number, table, column, block, is_own)                          \
    [REGISTRY_SEAL_FIELD_##id] = {table, column, block, is_own},
#include "seal_field.def"
};

static const field_row *field_of(const registry_seal_place *place) { return &fields[place->field]; }

static auth_status in_place(auth_status status, const registry_seal_place *place, auth_error *err)
{
    const field_row *field = field_of(place);
    auth_error_context(err, "%s.%s", field->table, field->column);
    return status;
}

/* Where a value stands, as octets that mean no other place. */
typedef struct associated {
    size_t len;
    uint8_t octets[ASSOCIATED_SIZE];
} associated;

static void put(associated *to, auth_bytes part)
{
    to->octets[to->len++] = (uint8_t)(part.len >> 8);
    to->octets[to->len++] = (uint8_t)part.len;
    memcpy(to->octets + to->len, part.data, part.len);
    to->len += part.len;
}

/* All parts are bounded: 12 + 2 * 20 + row 64 + 4 + path 520, and six lengths. */
static associated associate(const registry_seal_place *place)
{
    associated made = {.len = 0};
    const field_row *field = field_of(place);
    const uint8_t generation[4] = {(uint8_t)(place->generation >> 24),
                                   (uint8_t)(place->generation >> 16),
                                   (uint8_t)(place->generation >> 8), (uint8_t)place->generation};
    put(&made, auth_bytes_from_text("auth seal 1"));
    put(&made, auth_bytes_from_text(field->table));
    put(&made, auth_bytes_from_text(field->column));
    put(&made, place->row);
    put(&made, (auth_bytes){generation, sizeof generation});
    put(&made, auth_bytes_from_text(place->office_path));
    return made;
}

static auth_status key_of(const registry_keyring *ring, registry_crypto *crypto,
                          const registry_seal_place *place, uint8_t out[REGISTRY_KEY_SIZE],
                          auth_error *err)
{
    if (place->row.len == 0 || place->row.len > REGISTRY_SEAL_ROW_MAX) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "a row's identity has 1 to %d octets, not %zu; seal with the row's "
                              "primary key",
                              REGISTRY_SEAL_ROW_MAX, place->row.len);
    }
    auth_status status =
        registry_keyring_office_key(ring, crypto, place->generation, place->office_path, out, err);
    if (status == AUTH_STATUS_OK && field_of(place)->is_own)
        status =
            registry_hkdf_sha256(crypto, (auth_bytes){out, REGISTRY_KEY_SIZE}, place->row,
                                 auth_bytes_from_text("auth row"), out, REGISTRY_KEY_SIZE, err);
    return status;
}

/* Length, value and padding, in a buffer that is wiped. */
static auth_status pad(auth_bytes value, size_t block, auth_buf **out, auth_error *err)
{
    size_t len = LENGTH_SIZE + value.len;
    size_t padded = block == 0 ? len : (len + block - 1) / block * block;
    AUTH_AUTO(auth_buf) *made = NULL;
    uint8_t *octets = NULL;
    auth_status status = auth_buf_new(padded, &made, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_extend(made, padded, &octets, err);
    if (status != AUTH_STATUS_OK)
        return status;
    for (size_t i = 0; i < LENGTH_SIZE; i++)
        octets[i] = (uint8_t)(value.len >> (8 * (LENGTH_SIZE - 1 - i)));
    if (value.len > 0)
        memcpy(octets + LENGTH_SIZE, value.data, value.len);
    *out = AUTH_TAKE(made);
    return AUTH_STATUS_OK;
}

static auth_status seal_with(registry_crypto *crypto, const uint8_t *key,
                             const registry_seal_place *place, auth_bytes plain, auth_buf *out,
                             auth_error *err)
{
    associated where = associate(place);
    size_t before = auth_buf_bytes(out).len;
    uint8_t *sealed = NULL;
    auth_status status = auth_buf_extend(out, HEADER + plain.len + REGISTRY_TAG_SIZE, &sealed, err);
    if (status != AUTH_STATUS_OK)
        return status;
    sealed[0] = VERSION;
    status = registry_random(sealed + 1, REGISTRY_NONCE_SIZE, err);
    if (status == AUTH_STATUS_OK)
        status = registry_gcm_seal(crypto, key, sealed + 1, (auth_bytes){where.octets, where.len},
                                   plain, sealed + HEADER, err);
    if (status != AUTH_STATUS_OK)
        auth_buf_truncate(out, before);
    return status;
}

auth_status registry_seal(const registry_keyring *ring, registry_crypto *crypto,
                          const registry_seal_place *place, auth_bytes value, auth_buf *out,
                          auth_error *err)
{
    uint8_t key[REGISTRY_KEY_SIZE];
    AUTH_AUTO(auth_buf) *plain = NULL;
    auth_status status =
        value.len > REGISTRY_SEAL_MAX
            ? auth_error_set(err, AUTH_STATUS_LIMIT, "%zu octets; the most are %zu, so take less",
                             value.len, REGISTRY_SEAL_MAX)
            : pad(value, field_of(place)->block, &plain, err);
    if (status == AUTH_STATUS_OK)
        status = key_of(ring, crypto, place, key, err);
    if (status == AUTH_STATUS_OK)
        status = seal_with(crypto, key, place, auth_buf_bytes(plain), out, err);
    auth_secret_wipe(key, sizeof key);
    return status == AUTH_STATUS_OK ? status : in_place(status, place, err);
}

/* Takes length and padding off. What the tag has proved was written by pad. */
static auth_status unpad(uint8_t *octets, size_t size, size_t *out, auth_error *err)
{
    size_t len = 0;
    for (size_t i = 0; i < LENGTH_SIZE; i++)
        len = len << 8 | octets[i];
    if (len > size - LENGTH_SIZE) {
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "the value says that it is longer than it is; restore it from a "
                              "back-up");
    }
    memmove(octets, octets + LENGTH_SIZE, len);
    *out = len;
    return AUTH_STATUS_OK;
}

static auth_status check_form(auth_bytes sealed, auth_error *err)
{
    if (sealed.len < HEADER + REGISTRY_TAG_SIZE + LENGTH_SIZE) {
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "%zu octets are too few for a sealed value; restore it from a "
                              "back-up",
                              sealed.len);
    }
    if (sealed.data[0] != VERSION) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "the value is sealed in form %u, and only form %d is known; use the "
                              "auth that sealed it",
                              sealed.data[0], VERSION);
    }
    if (sealed.len > REGISTRY_SEAL_MAX + REGISTRY_SEAL_OVERHEAD) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "%zu octets are too many for a sealed value; restore it from a "
                              "back-up",
                              sealed.len);
    }
    return AUTH_STATUS_OK;
}

static auth_status unseal_with(registry_crypto *crypto, const uint8_t *key,
                               const registry_seal_place *place, auth_bytes sealed, auth_buf **out,
                               auth_error *err)
{
    associated where = associate(place);
    auth_bytes text = {sealed.data + HEADER, sealed.len - HEADER};
    size_t len = text.len - REGISTRY_TAG_SIZE;
    AUTH_AUTO(auth_buf) *plain = NULL;
    uint8_t *octets = NULL;
    auth_status status = auth_buf_new(len, &plain, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_extend(plain, len, &octets, err);
    if (status == AUTH_STATUS_OK)
        status = registry_gcm_open(crypto, key, sealed.data + 1,
                                   (auth_bytes){where.octets, where.len}, text, octets, err);
    if (status == AUTH_STATUS_OK)
        status = unpad(octets, len, &len, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_buf_truncate(plain, len);
    *out = AUTH_TAKE(plain);
    return AUTH_STATUS_OK;
}

auth_status registry_unseal(const registry_keyring *ring, registry_crypto *crypto,
                            const registry_seal_place *place, auth_bytes sealed, auth_buf **out,
                            auth_error *err)
{
    uint8_t key[REGISTRY_KEY_SIZE];
    auth_status status = check_form(sealed, err);
    if (status == AUTH_STATUS_OK)
        status = key_of(ring, crypto, place, key, err);
    if (status == AUTH_STATUS_OK)
        status = unseal_with(crypto, key, place, sealed, out, err);
    auth_secret_wipe(key, sizeof key);
    return status == AUTH_STATUS_OK ? status : in_place(status, place, err);
}
