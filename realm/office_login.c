/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/office_login.h"

#include "registry/realm.h"
#include "registry/transaction.h"

static auth_status assign(registry_connection *connection, const realm *of, const char *office,
                          auth_error *err)
{
    auth_status status = registry_begin(connection, REGISTRY_READ_COMMITTED, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status =
        registry_office_login_assign(connection, realm_login(of, REGISTRY_ROLE_LRA), office, err);
    if (status == AUTH_STATUS_OK)
        return registry_commit(connection, err);
    registry_rollback(connection);
    return status;
}

auth_status realm_office_login_assign(const realm *of, auth_error *err)
{
    AUTH_AUTO(registry_connection) *connection = NULL;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo, .roles = REGISTRY_ROLE_OWNER};
    const char *office = daemon_options_text(realm_options(of), "lra-office");
    if (office[0] == '\0')
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "%s: names no office for auth-lra; write lra-office = OFFICE",
                              REALM_CONF_FILE);
    auth_status status = realm_conninfo(of, REGISTRY_ROLE_OWNER, conninfo, err);
    if (status == AUTH_STATUS_OK)
        status = registry_connection_open(&settings, &connection, err);
    return status == AUTH_STATUS_OK ? assign(connection, of, office, err) : status;
}
