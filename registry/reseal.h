/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing to a new generation of the master key, while everybody goes on working. Rows that are
 * sealed under older generations are opened and sealed under the newest of the keyring, page by
 * page, each page in a transaction of its own; the look-up index of persons changes with them. A
 * row says by its column seal_key which generation it has, so whatever stops this, doing it again
 * goes on where it ended, and nothing is ever between two generations.
 *
 * Until it is done, persons are looked up by the index of each generation in use. Offices that
 * still have the old key only go on sealing with it: give them their new key files first.
 */
#ifndef REGISTRY_RESEAL_H
#define REGISTRY_RESEAL_H

#include "connection.h"
#include "finding.h"
#include "keyring.h"

/* The most rows of a transaction. */
#define REGISTRY_RESEAL_BATCH 1000

typedef struct registry_reseal_summary {
    uint64_t requests;
    uint64_t citizens;
    uint64_t officers;
    uint64_t left;    /* rows that are still of an older generation: they were reported, or came in
                         meanwhile */
    uint32_t retired; /* generations that no row has any more */
} registry_reseal_summary;

/*
 * Holds the keyring against the registry: each generation that is in use is there, and is the right
 * key. To be called before anything is sealed.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when a generation that is in use is missing; AUTH_STATUS_DENIED
 * when a key is not the one of the registry; those of registry_run.
 */
auth_status registry_keyring_check(registry_connection *connection, const registry_keyring *ring,
                                   registry_crypto *crypto, auth_error *err) AUTH_MUST_CHECK;

/*
 * Adds the newest generation of the ring to the registry, in a transaction of its own, unless it is
 * there. The first key of a registry is made known in this way too.
 *
 * Errors: AUTH_STATUS_CONFLICT when the registry knows a newer one; AUTH_STATUS_DENIED when it
 * knows another key of this generation; AUTH_STATUS_NOT_FOUND when the ring is empty; those of
 * registry_run and registry_commit.
 */
auth_status registry_keyring_adopt(registry_connection *connection, const registry_keyring *ring,
                                   registry_crypto *crypto, auth_error *err) AUTH_MUST_CHECK;

/*
 * Seals everything under the newest generation of the ring. connection is auth-ca's; ring holds a
 * master key of each generation that is in use. A row that does not open goes to the reporter and
 * is left as it is.
 *
 * Errors: those of registry_keyring_check, registry_keyring_adopt and registry_commit. What was
 * committed before stays.
 */
auth_status registry_reseal(registry_connection *connection, const registry_keyring *ring,
                            registry_crypto *crypto, unsigned batch, registry_reporter *reporter,
                            registry_reseal_summary *out, auth_error *err) AUTH_MUST_CHECK;

#endif
