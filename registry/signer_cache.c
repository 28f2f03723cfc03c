/* SPDX-License-Identifier: Apache-2.0 */
#include "signer_cache.h"

#include <auth/cert.h>
#include <stdlib.h>
#include <string.h>

/* A power of two, twice the most that are kept: chains of probes stay short. */
#define SLOTS ((size_t)2 * SIGNER_CACHE_MAX)
#define FIRST_ROOM 64

struct signer_cache {
    cached_signer *rows;
    size_t count;
    size_t room;
    size_t keys;
    uint16_t *slots; /* 1 and the row; 0: free */
};

auth_status signer_cache_new(signer_cache **out, auth_error *err)
{
    AUTH_AUTO(signer_cache) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->slots = calloc(SLOTS, sizeof *made->slots);
    if (made->slots == NULL)
        return auth_error_memory(err);
    *out = AUTH_TAKE(made);
    return AUTH_STATUS_OK;
}

static void forget(signer_cache *cache)
{
    for (size_t i = 0; i < cache->count; i++)
        auth_public_key_free(cache->rows[i].key);
    cache->count = 0;
    cache->keys = 0;
}

void signer_cache_free(signer_cache *cache)
{
    if (cache == NULL)
        return;
    forget(cache);
    free(cache->rows);
    free(cache->slots);
    free(cache);
}

void signer_cache_make_room(signer_cache *cache, size_t room)
{
    if (cache->count + room <= SIGNER_CACHE_MAX)
        return;
    forget(cache);
    memset(cache->slots, 0, SLOTS * sizeof *cache->slots);
}

/* The slot of a hash, or the free one where it would be. SHA-256 spreads by itself. */
static size_t slot_of(const signer_cache *cache, const uint8_t *hash)
{
    size_t slot = ((size_t)hash[0] << 16 | (size_t)hash[1] << 8 | hash[2]) % SLOTS;
    while (cache->slots[slot] != 0 &&
           memcmp(cache->rows[cache->slots[slot] - 1].hash, hash, REGISTRY_HASH_SIZE) != 0)
        slot = (slot + 1) % SLOTS;
    return slot;
}

const cached_signer *signer_cache_find(const signer_cache *cache,
                                       const uint8_t hash[REGISTRY_HASH_SIZE])
{
    size_t slot = slot_of(cache, hash);
    return cache->slots[slot] == 0 ? NULL : &cache->rows[cache->slots[slot] - 1];
}

static auth_status grow(signer_cache *cache, auth_error *err)
{
    if (cache->count < cache->room)
        return AUTH_STATUS_OK;
    size_t room = cache->room == 0 ? FIRST_ROOM : cache->room * 2;
    if (room > SIGNER_CACHE_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "signers: a batch has more than %d; take fewer documents at once",
                              SIGNER_CACHE_MAX);
    cached_signer *grown = reallocarray(cache->rows, room, sizeof *grown);
    if (grown == NULL)
        return auth_error_memory(err);
    cache->rows = grown;
    cache->room = room;
    return AUTH_STATUS_OK;
}

/* Tells whether a key may sign anything but certificates and lists (RFC 5280 4.2.1.3). */
static bool may_sign(const auth_cert *cert)
{
    uint32_t usage = 0;
    return auth_cert_key_usage(cert, &usage) &&
           (usage & (AUTH_KEY_USAGE_DIGITAL_SIGNATURE | AUTH_KEY_USAGE_NON_REPUDIATION)) != 0;
}

static auth_status validate(const auth_known_issuer *issuer, auth_purpose purpose,
                            auth_bytes certificate, auth_time at, bool *out, auth_error *err)
{
    auth_verdict verdict;
    auth_validation options = {.now = at, .purpose = purpose};
    *out = false;
    if (issuer == NULL)
        return AUTH_STATUS_OK;
    auth_status status =
        auth_known_issuer_validate(issuer, &options, certificate, NULL, &verdict, err);
    *out = status == AUTH_STATUS_OK && verdict.reason == AUTH_VERDICT_REASON_OK;
    return status;
}

/* An answer about the certificate makes it one that is not trusted; a fault goes up. */
static auth_status judge(const registry_facts_setting *setting, const auth_cert *cert, auth_time at,
                         cached_signer *out, auth_error *err)
{
    auth_bytes der = auth_cert_der(cert);
    auth_bytes serial = auth_cert_serial(cert);
    if (serial.len > sizeof out->serial || !may_sign(cert))
        return AUTH_STATUS_OK;
    out->serial_len = (uint8_t)serial.len;
    memcpy(out->serial, serial.data, serial.len);
    out->kind = AUTH_HOLDER_OFFICER;
    auth_status status =
        validate(setting->staff, AUTH_PURPOSE_OFFICER, der, at, &out->is_trusted, err);
    if (status == AUTH_STATUS_OK && out->is_trusted)
        return registry_subject_read(auth_cert_subject(cert), &out->subject, err);
    out->kind = AUTH_HOLDER_CITIZEN;
    if (status == AUTH_STATUS_OK)
        status = validate(setting->citizens, AUTH_PURPOSE_ANY, der, at, &out->is_trusted, err);
    return status;
}

/* Puts a row in, which takes over its key. */
static void put(signer_cache *cache, const cached_signer *row)
{
    size_t slot = slot_of(cache, row->hash);
    cache->rows[cache->count++] = *row;
    cache->keys += row->key != NULL;
    cache->slots[slot] = (uint16_t)cache->count;
}

static bool has_room_for_key(const signer_cache *cache, const cached_signer *row)
{
    return row->is_trusted && row->kind == AUTH_HOLDER_OFFICER &&
           cache->keys < SIGNER_CACHE_KEYS_MAX;
}

auth_status signer_cache_judge(signer_cache *cache, const registry_facts_setting *setting,
                               auth_bytes certificate, const uint8_t hash[REGISTRY_HASH_SIZE],
                               auth_time at, auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    cached_signer row = {.is_trusted = false};
    if (signer_cache_find(cache, hash) != NULL)
        return AUTH_STATUS_OK;
    auth_status status = auth_cert_parse(certificate, &cert, err);
    if (status == AUTH_STATUS_OK)
        status = judge(setting, cert, at, &row, err);
    if (auth_status_is_fault(status))
        return status;
    if (status != AUTH_STATUS_OK)
        row.is_trusted = false;
    status = grow(cache, err);
    if (status != AUTH_STATUS_OK)
        return status;
    memcpy(row.hash, hash, REGISTRY_HASH_SIZE);
    if (has_room_for_key(cache, &row))
        status = auth_cert_public_key(cert, &row.key, err);
    if (auth_status_is_fault(status))
        return status;
    put(cache, &row);
    return AUTH_STATUS_OK;
}
