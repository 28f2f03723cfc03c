/* SPDX-License-Identifier: Apache-2.0 */
#include "search.h"

auth_status office_indexes_of(const office_visit *visit, const auth_person_number *number,
                              office_indexes *out, auth_error *err)
{
    const registry_keyring *ring = realm_keyring(visit->office->realm);
    auth_status status = AUTH_STATUS_OK;
    out->count = 0;
    for (uint32_t generation = registry_keyring_newest(ring);
         status == AUTH_STATUS_OK && generation > 0 && out->count < REGISTRY_KEYRING_MAX;
         generation--) {
        if (!registry_keyring_has(ring, generation))
            continue;
        uint8_t *octets = out->octets[out->count];
        status = registry_person_index(ring, visit->desk->crypto, generation, number, octets, err);
        out->views[out->count++] = (auth_bytes){octets, REGISTRY_HASH_SIZE};
    }
    return status;
}
