/* SPDX-License-Identifier: Apache-2.0 */
#include "login/holders.h"
#include "login/levels.h"
#include "x509/view.h"

#include <stdlib.h>
#include <string.h>

/* Holders of a bucket, and locks of the table: few threads wait for each other. */
#define WAYS 8
#define LOCKS 64

typedef struct bucket {
    size_t next; /* the row that is replaced next */
    login_holder *rows[WAYS];
} bucket;

struct login_holders {
    pthread_mutex_t locks[LOCKS];
    size_t count; /* of buckets, a power of two */
    bucket *buckets;
};

static auth_status read_holder(const auth_login_policy *policy, const x509_cert_view *view,
                               login_holder *holder, auth_error *err)
{
    const login_issuer *issuer = holder->issuer;
    holder->serial =
        (auth_bytes){holder->octets + (view->serial.data - view->der.data), view->serial.len};
    holder->not_before =
        view->not_before > issuer->not_before ? view->not_before : issuer->not_before;
    holder->not_after = view->not_after < issuer->not_after ? view->not_after : issuer->not_after;
    holder->assurance =
        login_levels_highest(policy, issuer->policies & login_levels_of(policy, view, false));
    auth_status status = AUTH_STATUS_OK;
    if (holder->key == NULL)
        status = auth_public_key_parse(view->spki, &holder->key, err);
    if (status == AUTH_STATUS_OK)
        status = login_describe_holder(view, holder, err);
    return status;
}

auth_status login_holder_new(const auth_login_policy *policy, const x509_cert_view *certificate,
                             const uint8_t hash[LOGIN_HASH_SIZE], login_issuer *issuer,
                             auth_public_key **key, login_holder **out, auth_error *err)
{
    auth_bytes der = certificate->der;
    login_holder *holder = calloc(1, sizeof *holder + der.len);
    if (holder == NULL)
        return auth_error_memory(err);
    atomic_init(&holder->references, 1);
    holder->issuer = login_issuer_hold(issuer);
    holder->key = AUTH_TAKE(*key);
    memcpy(holder->hash, hash, LOGIN_HASH_SIZE);
    memcpy(holder->octets, der.data, der.len);
    holder->der = (auth_bytes){holder->octets, der.len};
    auth_status status = read_holder(policy, certificate, holder, err);
    if (status == AUTH_STATUS_OK)
        *out = holder;
    else
        login_holder_release(holder);
    return status;
}

static login_holder *hold(login_holder *holder)
{
    atomic_fetch_add_explicit(&holder->references, 1, memory_order_relaxed);
    return holder;
}

/* A certificate may show a person number. */
void login_holder_release(login_holder *holder)
{
    if (holder == NULL ||
        atomic_fetch_sub_explicit(&holder->references, 1, memory_order_acq_rel) > 1)
        return;
    login_issuer_release(holder->issuer);
    auth_public_key_free(holder->key);
    auth_secret_wipe(holder->octets, holder->der.len);
    free(holder);
}

auth_status login_holders_new(size_t count, login_holders **out, auth_error *err)
{
    login_holders *table = calloc(1, sizeof *table);
    if (table == NULL)
        return auth_error_memory(err);
    for (table->count = 1; table->count * WAYS < count;)
        table->count *= 2;
    table->buckets = calloc(table->count, sizeof *table->buckets);
    if (table->buckets == NULL) {
        free(table);
        return auth_error_memory(err);
    }
    for (size_t i = 0; i < LOCKS; i++)
        (void)pthread_mutex_init(&table->locks[i], NULL);
    *out = table;
    return AUTH_STATUS_OK;
}

void login_holders_free(login_holders *table)
{
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->count; i++) {
        for (size_t way = 0; way < WAYS; way++)
            login_holder_release(table->buckets[i].rows[way]);
    }
    for (size_t i = 0; i < LOCKS; i++)
        (void)pthread_mutex_destroy(&table->locks[i]);
    free(table->buckets);
    free(table);
}

/* SHA-256 spreads by itself. */
static size_t bucket_of(const login_holders *table, const uint8_t hash[LOGIN_HASH_SIZE])
{
    size_t number;
    memcpy(&number, hash, sizeof number);
    return number & (table->count - 1);
}

login_holder *login_holders_find(login_holders *table, const uint8_t hash[LOGIN_HASH_SIZE])
{
    size_t number = bucket_of(table, hash);
    bucket *b = &table->buckets[number];
    login_holder *found = NULL;
    (void)pthread_mutex_lock(&table->locks[number % LOCKS]);
    for (size_t i = 0; i < WAYS && found == NULL; i++) {
        if (b->rows[i] != NULL && memcmp(b->rows[i]->hash, hash, LOGIN_HASH_SIZE) == 0)
            found = hold(b->rows[i]);
    }
    (void)pthread_mutex_unlock(&table->locks[number % LOCKS]);
    return found;
}

/* The row of the same certificate, whose issuer may have been another, or the one that gives way.
 */
static size_t row_for(bucket *b, const uint8_t hash[LOGIN_HASH_SIZE])
{
    for (size_t i = 0; i < WAYS; i++) {
        if (b->rows[i] != NULL && memcmp(b->rows[i]->hash, hash, LOGIN_HASH_SIZE) == 0)
            return i;
    }
    size_t row = b->next;
    b->next = (b->next + 1) % WAYS;
    return row;
}

void login_holders_keep(login_holders *table, login_holder *holder)
{
    size_t number = bucket_of(table, holder->hash);
    bucket *b = &table->buckets[number];
    (void)pthread_mutex_lock(&table->locks[number % LOCKS]);
    size_t row = row_for(b, holder->hash);
    login_holder *old = b->rows[row];
    b->rows[row] = hold(holder);
    (void)pthread_mutex_unlock(&table->locks[number % LOCKS]);
    login_holder_release(old);
}
