/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/issuers.h"

#include "key/digest.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* An application has a few; who has more reads some of them again. */
#define ISSUERS 64

struct fetch_issuers {
    pthread_rwlock_t lock;
    size_t next; /* to be replaced */
    fetch_issuer *rows[ISSUERS];
};

auth_status issuers_new(fetch_issuers **out, auth_error *err)
{
    fetch_issuers *issuers = calloc(1, sizeof *issuers);
    if (issuers == NULL)
        return auth_error_memory(err);
    (void)pthread_rwlock_init(&issuers->lock, NULL);
    *out = issuers;
    return AUTH_STATUS_OK;
}

void issuers_free(fetch_issuers *issuers)
{
    if (issuers == NULL)
        return;
    for (size_t i = 0; i < ISSUERS; i++)
        issuer_free(issuers->rows[i]);
    (void)pthread_rwlock_destroy(&issuers->lock);
    free(issuers);
}

fetch_issuer *issuer_share(fetch_issuer *issuer)
{
    atomic_fetch_add_explicit(&issuer->references, 1, memory_order_relaxed);
    return issuer;
}

void issuer_free(fetch_issuer *issuer)
{
    if (issuer == NULL ||
        atomic_fetch_sub_explicit(&issuer->references, 1, memory_order_acq_rel) > 1)
        return;
    auth_public_key_free(issuer->key);
    auth_cert_free(issuer->cert);
    auth_ocsp_issuer_free(issuer->ocsp);
    free(issuer);
}

static auth_status read_issuer(auth_bytes der, fetch_issuer **out, auth_error *err)
{
    AUTH_AUTO(fetch_issuer) *issuer = calloc(1, sizeof *issuer);
    if (issuer == NULL)
        return auth_error_memory(err);
    atomic_init(&issuer->references, 1);
    auth_status status = auth_cert_parse(der, &issuer->cert, err);
    if (status == AUTH_STATUS_OK)
        status = auth_cert_public_key(issuer->cert, &issuer->key, err);
    if (status == AUTH_STATUS_OK)
        status = auth_ocsp_issuer_new(der, &issuer->ocsp, err);
    if (status == AUTH_STATUS_OK)
        status = digest(DIGEST_SHA256, der, issuer->id, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(issuer);
    else
        auth_error_context(err, "issuer");
    return status;
}

/* Under the lock. */
static fetch_issuer *look_for(const fetch_issuers *issuers, auth_bytes der)
{
    for (size_t i = 0; i < ISSUERS && issuers->rows[i] != NULL; i++) {
        if (auth_bytes_equal(auth_cert_der(issuers->rows[i]->cert), der))
            return issuers->rows[i];
    }
    return NULL;
}

auth_status issuers_find(fetch_issuers *issuers, auth_bytes der, fetch_issuer **out,
                         auth_error *err)
{
    (void)pthread_rwlock_rdlock(&issuers->lock);
    fetch_issuer *found = look_for(issuers, der);
    if (found != NULL)
        *out = issuer_share(found);
    (void)pthread_rwlock_unlock(&issuers->lock);
    if (found != NULL)
        return AUTH_STATUS_OK;

    fetch_issuer *issuer = NULL;
    auth_status status = read_issuer(der, &issuer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    fetch_issuer *old = NULL;
    (void)pthread_rwlock_wrlock(&issuers->lock);
    if (look_for(issuers, der) == NULL) {
        old = issuers->rows[issuers->next];
        issuers->rows[issuers->next] = issuer_share(issuer);
        issuers->next = (issuers->next + 1) % ISSUERS;
    }
    (void)pthread_rwlock_unlock(&issuers->lock);
    issuer_free(old);
    *out = issuer;
    return AUTH_STATUS_OK;
}

auth_status issuer_status_key(const fetch_issuer *issuer, auth_bytes serial,
                              uint8_t key[FETCH_KEY_SIZE], auth_error *err)
{
    uint8_t room[FETCH_KEY_SIZE + AUTH_SERIAL_MAX];
    if (serial.len == 0 || serial.len > AUTH_SERIAL_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "certificate: serial number: it has %zu octets and may have 1 to %d "
                              "(RFC 5280 4.1.2.2); have the certificate issued again",
                              serial.len, AUTH_SERIAL_MAX);
    memcpy(room, issuer->id, FETCH_KEY_SIZE);
    memcpy(room + FETCH_KEY_SIZE, serial.data, serial.len);
    return digest(DIGEST_SHA256, (auth_bytes){room, FETCH_KEY_SIZE + serial.len}, key, err);
}
