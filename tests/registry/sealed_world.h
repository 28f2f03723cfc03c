/* SPDX-License-Identifier: Apache-2.0 */
/* A registry with persons, documents and an officer, sealed under the first of two master keys. */
#ifndef SEALED_WORLD_H
#define SEALED_WORLD_H

#include "ledger_world.h"

#include "registry/keyring.h"

#define SEALED_CITIZENS_MAX 40
#define SEALED_REQUESTS 12
#define SEALED_PATH "/centre/city/"

#define SEALED_NAME "Li Xiaolong"

typedef struct sealed_world {
    ledger_world *ledger;
    registry_keyring *first; /* generation 1 */
    registry_keyring *both;
    size_t citizens;
    auth_person_number numbers[SEALED_CITIZENS_MAX];
    auth_person_number asked; /* the person of all requests */
} sealed_world;

sealed_world *sealed_world_new(void);
void sealed_world_free(sealed_world *world);

/* Runs SQL as the superuser, formatted. */
void sealed_world_sql(sealed_world *world, const char *format, ...) AUTH_PRINTF(2, 3);

/* The identity of a citizen (kind 1) or request (kind 2), and the look-up index of a person in hex.
 */
void sealed_world_id(uint8_t kind, size_t number, uint8_t out[16], char text[37]);
const char *sealed_world_index(sealed_world *world, const registry_keyring *ring,
                               uint32_t generation, const auth_person_number *number, char out[65]);

#endif
