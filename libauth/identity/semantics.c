/* SPDX-License-Identifier: Apache-2.0 */
/* serialNumber with a semantics prefix: three letters, a country and a hyphen (EN 319 412-1 5.1.3).
 */
#include "identity/identity.h"

#include <string.h>

typedef struct prefix_row {
    const char *prefix;
    auth_person_type type;
} prefix_row;

static const prefix_row prefixes[] = {
    {"PNOCN-", AUTH_PERSON_TYPE_ANY},
    {"PASCN-", AUTH_PERSON_TYPE_PASSPORT},
    {"IDCCN-", AUTH_PERSON_TYPE_ANY}, /* read only */
};

#define PREFIX_LEN 6

bool identity_read_semantics(auth_bytes value, identity_item *out)
{
    if (value.len <= PREFIX_LEN || value.len > IDENTITY_SEMANTICS_MAX)
        return false;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (memcmp(value.data, prefixes[i].prefix, PREFIX_LEN) != 0)
            continue;
        *out = (identity_item){
            .binding = AUTH_IDENTITY_BINDING_PNOCN,
            .type = prefixes[i].type,
            .is_resident = prefixes[i].type == AUTH_PERSON_TYPE_ANY,
            .value = {value.data + PREFIX_LEN, value.len - PREFIX_LEN},
        };
        return true;
    }
    return false;
}

auth_status identity_write_semantics(const auth_person_number *number,
                                     char out[IDENTITY_SEMANTICS_MAX], size_t *len, auth_error *err)
{
    if (number->type == AUTH_PERSON_TYPE_MILITARY_OFFICER)
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "serialNumber: a military officer card number is no PrintableString "
                              "(RFC 5280 appendix A.1); bind it with gbt20518, sim or pseudonym");
    size_t row = number->type == AUTH_PERSON_TYPE_PASSPORT ? 1 : 0;
    auth_bytes digits = auth_person_number_reveal(number);
    memcpy(out, prefixes[row].prefix, PREFIX_LEN);
    memcpy(out + PREFIX_LEN, digits.data, digits.len);
    *len = PREFIX_LEN + digits.len;
    return AUTH_STATUS_OK;
}
