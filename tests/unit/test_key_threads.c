/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May eight threads sign and verify with one key, of every type, at once? Meant to run under
 * ThreadSanitizer as well (-Db_sanitize=thread).
 */
#include "harness/harness.h"

#include <auth/key.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define THREADS 8
#define TURNS 20

typedef struct type_row {
    auth_key_type type;
    unsigned bits;
} type_row;

static const type_row types[] = {
    {AUTH_KEY_TYPE_P256, 0},    {AUTH_KEY_TYPE_P384, 0}, {AUTH_KEY_TYPE_RSA, 2048},
    {AUTH_KEY_TYPE_ED25519, 0}, {AUTH_KEY_TYPE_SM2, 0},
};
#define TYPES (sizeof types / sizeof types[0])

typedef struct shared {
    const auth_signer *signer;
    atomic_int good;
    atomic_int wrong;
} shared;

/* Signs, verifies, verifies what is wrong, and loads the key anew, all with the shared objects. */
static bool take_turn(const auth_signer *signer, unsigned turn)
{
    char text[32];
    auth_signature signature;
    auth_public_key *again = NULL;
    const auth_public_key *key = auth_signer_public_key(signer);
    auth_bytes algorithm = auth_signer_algorithm(signer);
    (void)snprintf(text, sizeof text, "message %u", turn);
    auth_bytes message = auth_bytes_from_text(text);
    if (auth_signer_sign(signer, message, &signature, NULL) != AUTH_STATUS_OK)
        return false;
    auth_bytes octets = {signature.octets, signature.len};
    bool is_good =
        auth_public_key_verify(key, algorithm, message, octets, NULL) == AUTH_STATUS_OK &&
        auth_public_key_verify(key, algorithm, BYTES("another"), octets, NULL) ==
            AUTH_STATUS_UNTRUSTED &&
        auth_public_key_parse(auth_public_key_spki(key), &again, NULL) == AUTH_STATUS_OK &&
        auth_public_key_verify(again, algorithm, message, octets, NULL) == AUTH_STATUS_OK;
    auth_public_key_free(again);
    return is_good;
}

static void *run(void *context)
{
    shared *with = context;
    for (unsigned i = 0; i < TURNS; i++) {
        if (take_turn(with->signer, i))
            atomic_fetch_add(&with->good, 1);
        else
            atomic_fetch_add(&with->wrong, 1);
    }
    return NULL;
}

START_TEST(threads_share_a_key)
{
    auth_error err;
    AUTH_AUTO(auth_signer) *signer = NULL;
    assert_ok(auth_signer_generate(types[_i].type, types[_i].bits, &signer, &err), &err);
    shared with = {.signer = signer};
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run, &with), 0);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_int_eq(atomic_load(&with.wrong), 0);
    ck_assert_int_eq(atomic_load(&with.good), THREADS * TURNS);
}
END_TEST

SUITE("key_threads", TEST_EACH(threads_share_a_key, TYPES))
