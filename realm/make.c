/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/make.h"

#include "realm/ceremony.h"
#include "realm/stage.h"
#include "registry/migrate.h"

#include <string.h>

static bool is_embedded(const realm_plan *plan)
{
    return plan->registry == NULL || strcmp(plan->registry, REALM_REGISTRY_EMBEDDED) == 0;
}

static registry_embed_options embed_options(const realm_plan *plan)
{
    return (registry_embed_options){.account = plan->account, .is_throwaway = plan->is_throwaway};
}

static auth_status start(const stage *of, const realm_plan *plan, char path[REALM_PATH_SIZE],
                         auth_error *err)
{
    registry_embed_options options = embed_options(plan);
    auth_status status = realm_path_join(of->path, NULL, REALM_REGISTRY_FOLDER, "", path, err);
    return status == AUTH_STATUS_OK && is_embedded(plan) ? registry_embed_start(path, &options, err)
                                                         : status;
}

/* Also after a failure, so that the files can be removed; the first error is the one that counts.
 */
static auth_status stop(const char *path, const realm_plan *plan, auth_status before,
                        auth_error *err)
{
    auth_error why;
    registry_embed_options options = embed_options(plan);
    auth_status status = is_embedded(plan)
                             ? registry_embed_stop(path, &options, REGISTRY_EMBED_FAST, &why)
                             : AUTH_STATUS_OK;
    if (before != AUTH_STATUS_OK || status == AUTH_STATUS_OK)
        return before;
    return auth_error_set(err, status, "%s", why.text);
}

static auth_status connect(const char *conninfo, registry_connection **out, auth_error *err)
{
    registry_settings settings = {.conninfo = conninfo, .roles = ceremony_roles()};
    return registry_connection_open(&settings, out, err);
}

static auth_status migrate(const char *conninfo, auth_error *err)
{
    AUTH_AUTO(registry_connection) *connection = NULL;
    registry_settings settings = {.conninfo = conninfo, .takes_any_schema = true};
    size_t applied = 0;
    auth_status status = registry_connection_open(&settings, &connection, err);
    return status == AUTH_STATUS_OK ? registry_migrate(connection, &applied, err) : status;
}

static auth_status put_on_record(const ceremony *of, auth_error *err)
{
    AUTH_AUTO(registry_connection) *connection = NULL;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    auth_status status = realm_conninfo(of->of, REGISTRY_ROLE_OWNER, conninfo, err);
    if (status == AUTH_STATUS_OK)
        status = migrate(conninfo, err);
    if (status == AUTH_STATUS_OK)
        status = connect(conninfo, &connection, err);
    return status == AUTH_STATUS_OK ? ceremony_record(connection, of, err) : status;
}

/* Everything in the new folder, the registry's rows last: they are what cannot be taken back. */
static auth_status hold(const stage *at, const realm_plan *plan, auth_error *err)
{
    AUTH_AUTO(realm) *of = NULL;
    ceremony made = {.count = 0};
    char path[REALM_PATH_SIZE];
    realm_opening opening = {.parts = REALM_PROFILES | REALM_POLICY | REALM_MASTER_KEY};
    auth_status status = stage_fill(at, plan, err);
    if (status == AUTH_STATUS_OK)
        status = realm_open(at->path, &opening, &of, err);
    if (status == AUTH_STATUS_OK)
        status = ceremony_hold(plan, of, &made, err);
    if (status == AUTH_STATUS_OK)
        status = ceremony_files_write(&made, err);
    if (status == AUTH_STATUS_OK) {
        status = start(at, plan, path, err);
        if (status == AUTH_STATUS_OK)
            status = put_on_record(&made, err);
        status = stop(path, plan, status, err);
    }
    ceremony_clear(&made);
    return status;
}

auth_status realm_make(const realm_plan *plan, auth_error *err)
{
    stage at = {.dir = ""};
    auth_status status = realm_plan_check(plan, err);
    if (status == AUTH_STATUS_OK)
        status = stage_open(plan->dir, &at, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = hold(&at, plan, err);
    bool is_on_record = status == AUTH_STATUS_OK && !is_embedded(plan);
    if (status == AUTH_STATUS_OK)
        status = stage_finish(&at, plan->account == NULL ? REALM_ACCOUNT : plan->account, err);
    if (status == AUTH_STATUS_OK)
        return status;
    /* The rows of a database elsewhere are, or may be, there: its keys must not be lost. */
    if (is_on_record || (status == AUTH_STATUS_UNKNOWN && !is_embedded(plan)))
        auth_error_context(err,
                           "%s: kept, since the registry may hold its realm; look there "
                           "before you rename or remove it",
                           at.path);
    else
        stage_remove(&at);
    return status;
}
