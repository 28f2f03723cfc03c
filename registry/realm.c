/* SPDX-License-Identifier: Apache-2.0 */
#include "realm.h"

#include "row.h"

#include <stdio.h>

auth_status registry_realm_insert(registry_connection *connection, const char *realm, auth_time now,
                                  auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_REALM_INSERT,
                        REGISTRY_VALUES(registry_text(realm), registry_time(now)), NULL, err);
}

auth_status registry_realm_find(registry_connection *connection, char out[REGISTRY_REALM_SIZE],
                                auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    char realm[REGISTRY_REALM_SIZE] = "";
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_REALM_FIND, REGISTRY_NO_VALUES, &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (registry_result_rows(result) > 0)
        (void)snprintf(realm, sizeof realm, "%s", registry_value_text(result, 0, 0));
    status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        (void)snprintf(out, REGISTRY_REALM_SIZE, "%s", realm);
    return status;
}

auth_status registry_seal_key_insert(registry_connection *connection, int64_t generation,
                                     auth_bytes check_value, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_SEAL_KEY_INSERT,
                        REGISTRY_VALUES(registry_int64(generation), registry_bytes(check_value)),
                        NULL, err);
}

auth_status registry_authority_insert(registry_connection *connection,
                                      const registry_authority *authority, auth_time now,
                                      auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_AUTHORITY_INSERT,
                        REGISTRY_VALUES(registry_int64(authority->id),
                                        registry_text(authority->name),
                                        registry_bytes(authority->certificate),
                                        registry_bytes(authority->key_hash),
                                        registry_time(authority->not_after), registry_time(now)),
                        NULL, err);
}

auth_status registry_office_login_insert(registry_connection *connection, const char *login,
                                         int64_t office, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_OFFICE_LOGIN_INSERT,
                        REGISTRY_VALUES(registry_text(login), registry_int64(office)), NULL, err);
}

auth_status registry_office_login_assign(registry_connection *connection, const char *login,
                                         const char *office, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_OFFICE_LOGIN_ASSIGN,
                     REGISTRY_VALUES(registry_text(login), registry_text(office)), &result, err);
    if (status == AUTH_STATUS_OK && registry_result_rows(result) == 0)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "office %s: there is no open office of this name; open it first",
                              office);
    return status;
}
