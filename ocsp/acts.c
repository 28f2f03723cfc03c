/* SPDX-License-Identifier: Apache-2.0 */
#include "acts.h"

#include "hash.h"

#include <stdatomic.h>
#include <stdlib.h>

#define PLACES 65536

struct ocsp_acts {
    ocsp_hash_key key;
    _Atomic uint64_t count;        /* of acts */
    _Atomic uint64_t all;          /* when one was on all */
    _Atomic uint64_t last[PLACES]; /* of those whose serial number has this place */
};

auth_status ocsp_acts_new(ocsp_acts **out, auth_error *err)
{
    ocsp_acts *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    auth_status status = ocsp_hash_key_new(&it->key, err);
    if (status != AUTH_STATUS_OK) {
        free(it);
        return status;
    }
    *out = it;
    return AUTH_STATUS_OK;
}

void ocsp_acts_free(ocsp_acts *acts) { free(acts); }

uint64_t ocsp_acts_mark(const ocsp_acts *acts) { return atomic_load(&acts->count); }

/* Two acts at once may get to a place in either order; the greater one stays. */
static void raise(_Atomic uint64_t *place, uint64_t to)
{
    uint64_t now = atomic_load(place);
    while (now < to && !atomic_compare_exchange_weak(place, &now, to))
        continue;
}

void ocsp_acts_note(ocsp_acts *acts, auth_bytes serial)
{
    uint64_t place = ocsp_hash(&acts->key, serial) % PLACES;
    raise(&acts->last[place], atomic_fetch_add(&acts->count, 1) + 1);
}

void ocsp_acts_note_all(ocsp_acts *acts)
{
    raise(&acts->all, atomic_fetch_add(&acts->count, 1) + 1);
}

/* Mostly there was none on anything, and the table, which is in nobody's cache, is not looked at.
 */
bool ocsp_acts_since(const ocsp_acts *acts, auth_bytes serial, uint64_t mark)
{
    if (ocsp_acts_mark(acts) == mark)
        return false;
    uint64_t place = ocsp_hash(&acts->key, serial) % PLACES;
    return atomic_load(&acts->last[place]) > mark || atomic_load(&acts->all) > mark;
}
