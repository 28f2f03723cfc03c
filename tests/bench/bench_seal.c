/* SPDX-License-Identifier: Apache-2.0 */
/* How many values are sealed and opened a second, how many persons are looked up, and how does
 * that compare with hashing alone? Values are names of 24 octets in an office of the third level.
 */
#include "bench/bench.h"
#include "harness/data.h"
#include "registry/merkle.h"
#include "registry/seal.h"

#include <stdlib.h>

#define TIMES 1000

typedef struct bench {
    registry_crypto *crypto;
    registry_keyring *ring;
    registry_seal_place place;
    auth_person_number number;
    auth_buf *sealed;
} bench;

static void need(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

static const uint8_t row[16] = {1};

static bench new_bench(void)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    bench it = {.place = {REGISTRY_SEAL_FIELD_CITIZEN_NAME,
                          {row, sizeof row},
                          "/centre/province/city/",
                          1}};
    auth_buf *text = NULL;
    need(registry_crypto_new(&it.crypto, &err), &err);
    need(registry_keyring_new("bench", &it.ring, &err), &err);
    need(auth_buf_new(4096, &text, &err), &err);
    need(auth_buf_new(4096, &it.sealed, &err), &err);
    need(registry_master_key_new(it.crypto, "bench", 1, NULL, text, &err), &err);
    need(registry_keyring_add(it.ring, it.crypto, auth_buf_bytes(text), NULL, &err), &err);
    auth_person_rules rules = {.type = AUTH_PERSON_TYPE_ANY, .today = {2026, 1, 1}};
    need(auth_person_number_parse(BYTES("11010519491231002X"), &rules, &it.number, &err), &err);
    auth_buf_free(text);
    return it;
}

static double seal(void *context)
{
    bench *it = context;
    auth_error err;
    for (int i = 0; i < TIMES; i++) {
        auth_buf_truncate(it->sealed, 0);
        need(registry_seal(it->ring, it->crypto, &it->place, BYTES("a name of four and twent"),
                           it->sealed, &err),
             &err);
    }
    return TIMES;
}

static double unseal(void *context)
{
    bench *it = context;
    auth_error err;
    for (int i = 0; i < TIMES; i++) {
        auth_buf *value = NULL;
        need(registry_unseal(it->ring, it->crypto, &it->place, auth_buf_bytes(it->sealed), &value,
                             &err),
             &err);
        auth_buf_free(value);
    }
    return TIMES;
}

static double look_up(void *context)
{
    bench *it = context;
    auth_error err;
    uint8_t index[REGISTRY_HASH_SIZE];
    for (int i = 0; i < TIMES; i++)
        need(registry_person_index(it->ring, it->crypto, 1, &it->number, index, &err), &err);
    return TIMES;
}

static double hash(void *context)
{
    bench *it = context;
    auth_error err;
    merkle_hash out = {{0}};
    for (int i = 0; i < TIMES; i++)
        need(merkle_node(it->crypto, &out, &out, &out, &err), &err);
    return TIMES;
}

int main(int argc, char **argv)
{
    double seconds = bench_seconds(argc, argv) / 4;
    bench it = new_bench();
    double reference = bench_rate(hash, &it, seconds);
    const struct {
        const char *name;
        bench_turn turn;
    } measured[] = {{"seal", seal}, {"unseal", unseal}, {"person-index", look_up}};
    for (size_t i = 0; i < sizeof measured / sizeof measured[0]; i++) {
        bench_result result = {
            .name = measured[i].name,
            .value = bench_rate(measured[i].turn, &it, seconds),
            .unit = "values/s",
            .against = "SHA-256 of two hashes, as in a Merkle tree",
            .reference_value = reference,
        };
        bench_print(&result);
    }
    auth_buf_free(it.sealed);
    registry_keyring_free(it.ring);
    registry_crypto_free(it.crypto);
    return 0;
}
