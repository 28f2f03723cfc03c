/* SPDX-License-Identifier: Apache-2.0 */
#include "role.h"

#include <stddef.h>

const char *const registry_role_names[] = {
#define REGISTRY_ROLE_ROW(id, bit, name) name,
#include "role.def"
    NULL,
};

const char *registry_role_name(registry_role role)
{
    switch (role) {
#define REGISTRY_ROLE_ROW(id, bit, name)                                                           \
    case REGISTRY_ROLE_##id:                                                                       \
        return name;
#include "role.def"
    }
    return NULL;
}
