/* SPDX-License-Identifier: Apache-2.0 */
/* The database roles, as bits, so that a statement can belong to several of them. */
#ifndef REGISTRY_ROLE_H
#define REGISTRY_ROLE_H

typedef enum registry_role {
#define REGISTRY_ROLE_ROW(id, bit, name) REGISTRY_ROLE_##id = 1 << (bit),
#include "role.def"
} registry_role;

/* Every role. */
enum {
#define REGISTRY_ROLE_ROW(id, bit, name) +(1 << (bit))
    REGISTRY_ROLES_ALL =
#include "role.def"
};

/* The superuser of a cluster that registry_embed_start made; for making roles and databases. */
#define REGISTRY_SUPERUSER "postgres"

/* The database that holds a registry, unless a connection string names another. */
#define REGISTRY_DATABASE "auth"

/* Tells the name of a role in the database; NULL when it is none. */
const char *registry_role_name(registry_role role);

/* The names of all roles, ending in NULL. */
extern const char *const registry_role_names[];

#endif
