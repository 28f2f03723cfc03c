/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include "realm/renewal.h"
#include "registry/office.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define READY_MS 2000
/* Where memory comes from: see bound_memory. */
#define ARENAS 4
#define MAPPED_OCTETS (128 * 1024)

static const daemon_event event_renewed = {"certificate-renewed", DAEMON_LEVEL_NOTICE,
                                           "a new certificate is shown from now on"};

static auth_status open_issuer(office *it, realm_authority authority, auth_known_issuer **out,
                               auth_error *err)
{
    auth_verdict verdict;
    auth_validation options = {.now = (auth_time)time(NULL), .purpose = AUTH_PURPOSE_CA};
    auth_bytes certificate = auth_cert_der(realm_authority_cert(it->realm, authority));
    auth_status status =
        auth_known_issuer_new(it->trust, &options, certificate, NULL, out, &verdict, err);
    if (status == AUTH_STATUS_OK && *out == NULL)
        status = auth_error_set(err, AUTH_STATUS_INVALID, "authority %s: %s; %s",
                                realm_authority_name(authority),
                                auth_verdict_reason_text(verdict.reason),
                                auth_verdict_reason_remedy(verdict.reason));
    return status;
}

static auth_status open_authorities(office *it, auth_error *err)
{
    auth_bytes root = auth_cert_der(realm_authority_cert(it->realm, REALM_AUTHORITY_ROOT));
    auth_status status = auth_trust_new(&root, 1, NULL, 0, &it->trust, err);
    if (status == AUTH_STATUS_OK)
        status = open_issuer(it, REALM_AUTHORITY_STAFF, &it->staff, err);
    if (status == AUTH_STATUS_OK)
        status = open_issuer(it, REALM_AUTHORITY_CITIZENS, &it->citizens, err);
    it->facts = (registry_facts_setting){.realm = realm_name(it->realm),
                                         .ring = realm_keyring(it->realm),
                                         .staff = it->staff,
                                         .citizens = it->citizens};
    return status;
}

static auth_status open_pool(office *it, auth_error *err)
{
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo, .program = it->program, .roles = it->role};
    auth_status status = realm_conninfo_ahead(it->realm, it->role, conninfo, err);
    return status == AUTH_STATUS_OK ? registry_pool_new(&settings, OFFICE_DESKS, &it->pool, err)
                                    : status;
}

/*
 * Reading a document of 500 persons takes megabytes for a moment, in any of many threads. With
 * places of their own each would keep its most for good; with few, one uses what another gave
 * back, and the documents themselves go back to the system.
 */
static void bound_memory(void)
{
    (void)mallopt(M_ARENA_MAX, ARENAS);
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_OCTETS);
}

auth_status office_open(const office_opening *opening, office **out, auth_error *err)
{
    realm_opening parts = {.parts = REALM_AUTHORITIES | REALM_POLICY | REALM_MASTER_KEY};
    AUTH_AUTO(office) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    bound_memory();
    made->self = opening->self;
    made->log = daemon_self_log(opening->self);
    made->metrics = daemon_self_metrics(opening->self);
    made->program = opening->program;
    made->role = opening->role;
    made->rows = opening->metrics;
    (void)snprintf(made->tls_certificate, sizeof made->tls_certificate, "%s",
                   daemon_options_text(daemon_self_options(opening->self), "tls-certificate"));
    (void)pthread_mutex_init(&made->lock, NULL);
    (void)pthread_cond_init(&made->changed, NULL);
    office_queue_begin(&made->queue, office_intake_run, made);
    auth_status status = realm_open(opening->realm, &parts, &made->realm, err);
    if (status == AUTH_STATUS_OK)
        status = open_authorities(made, err);
    if (status == AUTH_STATUS_OK)
        status = open_pool(made, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}

void office_free(office *it)
{
    if (it == NULL)
        return;
    for (size_t i = 0; i < OFFICE_DESKS; i++) {
        registry_facts_free(it->desks[i].facts);
        registry_crypto_free(it->desks[i].crypto);
    }
    while (it->places != NULL) {
        office_place *next = it->places->next;
        free(it->places);
        it->places = next;
    }
    registry_pool_free(it->pool);
    auth_known_issuer_free(it->staff);
    auth_known_issuer_free(it->citizens);
    auth_trust_free(it->trust);
    realm_free(it->realm);
    office_queue_end(&it->queue);
    (void)pthread_cond_destroy(&it->changed);
    (void)pthread_mutex_destroy(&it->lock);
    free(it);
}

static auth_status read_scope(registry_connection *connection, office_place *out, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_office row;
    auth_status status = registry_office_scope(connection, &found, err);
    if (status == AUTH_STATUS_OK)
        status = registry_office_read(found, 0, &row, err);
    if (status != AUTH_STATUS_OK)
        return status;
    out->number = row.number;
    (void)snprintf(out->id, sizeof out->id, "%s", row.id);
    (void)snprintf(out->path, sizeof out->path, "%s", row.path);
    return AUTH_STATUS_OK;
}

auth_status office_find_scope(office *it, auth_error *err)
{
    registry_connection *connection = NULL;
    office_place scope = {0};
    (void)pthread_mutex_lock(&it->lock);
    bool is_known = it->has_scope;
    (void)pthread_mutex_unlock(&it->lock);
    if (is_known)
        return AUTH_STATUS_OK;
    auth_status status = registry_pool_take(it->pool, OFFICE_TAKE_MS, &connection, err);
    if (status == AUTH_STATUS_OK)
        status = read_scope(connection, &scope, err);
    registry_pool_give(it->pool, connection);
    if (status != AUTH_STATUS_OK)
        return status;
    (void)pthread_mutex_lock(&it->lock);
    it->scope = scope.number;
    memcpy(it->scope_id, scope.id, sizeof it->scope_id);
    memcpy(it->scope_path, scope.path, sizeof it->scope_path);
    it->has_scope = true;
    (void)pthread_mutex_unlock(&it->lock);
    return AUTH_STATUS_OK;
}

auth_status office_ready(void *context, auth_error *err)
{
    office *it = context;
    registry_connection *connection = NULL;
    office_place scope = {0};
    auth_status status = registry_pool_take(it->pool, READY_MS, &connection, err);
    if (status == AUTH_STATUS_OK)
        status = read_scope(connection, &scope, err);
    registry_pool_give(it->pool, connection);
    return status;
}

auth_status office_renew_tls(void *context, auth_error *err)
{
    office *it = context;
    registry_connection *connection = NULL;
    bool is_replaced = false;
    auth_status status = registry_pool_take(it->pool, READY_MS, &connection, err);
    if (status == AUTH_STATUS_OK)
        status = realm_renewal_tls(it->self, connection, it->tls_certificate, (auth_time)time(NULL),
                                   &is_replaced, err);
    registry_pool_give(it->pool, connection);
    if (is_replaced)
        daemon_log_write(it->log, &event_renewed, NULL, 0);
    return status == AUTH_STATUS_NOT_FOUND ? AUTH_STATUS_OK : status;
}
