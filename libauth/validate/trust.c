/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/trust.h"

#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>

static auth_status status_of(auth_verdict_reason reason)
{
    if (reason == AUTH_VERDICT_REASON_LIMIT)
        return AUTH_STATUS_LIMIT;
    if (reason == AUTH_VERDICT_REASON_KEY)
        return AUTH_STATUS_UNSUPPORTED;
    return reason == AUTH_VERDICT_REASON_MALFORMED ? AUTH_STATUS_MALFORMED : AUTH_STATUS_INVALID;
}

/* Reads, checks and loads; c->x509 stays NULL, with *found, when the certificate is refused. */
static auth_status load(candidate *c, auth_bytes der, finding *found, auth_error *err)
{
    auth_status status = candidate_read(c, der, found, err);
    if (status == AUTH_STATUS_OK && c->is_read)
        status = candidate_check(c, found, err);
    if (status == AUTH_STATUS_OK && c->is_usable)
        status = candidate_load(c, found, err);
    return status;
}

static auth_status add_anchors(auth_trust *trust, const auth_bytes *anchors, size_t count,
                               uint8_t **room, auth_error *err)
{
    for (size_t i = 0; i < count; i++) {
        candidate *c = &trust->rows[trust->count++];
        finding found = {0};
        memcpy(*room, anchors[i].data, anchors[i].len);
        auth_status status = load(c, (auth_bytes){*room, anchors[i].len}, &found, err);
        *room += anchors[i].len;
        if (status != AUTH_STATUS_OK)
            return status;
        if (c->x509 == NULL)
            return auth_error_set(err, status_of(found.reason), "trust anchor %zu: %s; %s", i + 1,
                                  found.detail, auth_verdict_reason_remedy(found.reason));
        c->is_anchor = true;
        if (X509_STORE_add_cert(trust->store, c->x509) != 1)
            return auth_error_memory(err);
    }
    trust->anchor_count = count;
    return AUTH_STATUS_OK;
}

static auth_status add_intermediates(auth_trust *trust, const auth_bytes *intermediates,
                                     size_t count, uint8_t **room, auth_error *err)
{
    for (size_t i = 0; i < count; i++) {
        candidate *c = &trust->rows[trust->count++];
        finding found = {0};
        memcpy(*room, intermediates[i].data, intermediates[i].len);
        auth_status status = load(c, (auth_bytes){*room, intermediates[i].len}, &found, err);
        *room += intermediates[i].len;
        if (status != AUTH_STATUS_OK)
            return status;
        if (c->x509 == NULL) {
            candidate_clear(c);
            trust->count--;
        }
    }
    return AUTH_STATUS_OK;
}

/* Adds up how many octets the certificates have; false when one is too large. */
static bool add_lengths(const auth_bytes *rows, size_t count, size_t *total)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].len > AUTH_CERTIFICATE_MAX || rows[i].len == 0)
            return false;
        *total += rows[i].len;
    }
    return true;
}

static auth_status make_room(const auth_bytes *anchors, size_t anchor_count,
                             const auth_bytes *intermediates, size_t intermediate_count,
                             auth_trust *trust, auth_error *err)
{
    size_t total = 1;
    if (anchor_count > AUTH_TRUST_MAX || intermediate_count > AUTH_TRUST_MAX ||
        !add_lengths(anchors, anchor_count, &total) ||
        !add_lengths(intermediates, intermediate_count, &total))
        return auth_error_set(
            err, AUTH_STATUS_LIMIT,
            "trust set: at most %d anchors and %d intermediates of 1 to %zu octets "
            "are taken; give fewer",
            AUTH_TRUST_MAX, AUTH_TRUST_MAX, AUTH_CERTIFICATE_MAX);
    trust->octets = malloc(total);
    trust->rows = calloc(anchor_count + intermediate_count + 1, sizeof *trust->rows);
    trust->store = X509_STORE_new();
    if (trust->octets == NULL || trust->rows == NULL || trust->store == NULL)
        return auth_error_memory(err);
    return AUTH_STATUS_OK;
}

auth_status auth_trust_new(const auth_bytes *anchors, size_t anchor_count,
                           const auth_bytes *intermediates, size_t intermediate_count,
                           auth_trust **out, auth_error *err)
{
    AUTH_AUTO(auth_trust) *trust = calloc(1, sizeof *trust);
    if (trust == NULL)
        return auth_error_memory(err);
    auth_status status =
        make_room(anchors, anchor_count, intermediates, intermediate_count, trust, err);
    if (status != AUTH_STATUS_OK)
        return status;
    uint8_t *room = trust->octets;
    status = add_anchors(trust, anchors, anchor_count, &room, err);
    if (status == AUTH_STATUS_OK)
        status = add_intermediates(trust, intermediates, intermediate_count, &room, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(trust);
    return status;
}

void auth_trust_free(auth_trust *trust)
{
    if (trust == NULL)
        return;
    for (size_t i = 0; trust->rows != NULL && i < trust->count; i++)
        candidate_clear(&trust->rows[i]);
    X509_STORE_free(trust->store);
    free(trust->rows);
    free(trust->octets);
    free(trust);
}
