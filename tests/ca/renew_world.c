/* SPDX-License-Identifier: Apache-2.0 */
#include "renew_world.h"

#include "harness/harness.h"
#include "realm/realm_folder.h"
#include "registry/fsck.h"
#include "registry/fsck_document.h"

#include <auth/codec.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PARTS (REALM_AUTHORITIES | REALM_PROFILES | REALM_POLICY | REALM_MASTER_KEY | REALM_SIGNERS)
#define TEXT_SIZE 65536

static void open_pool(renew_world *it)
{
    auth_error err;
    static char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo, .roles = REGISTRY_ROLE_CA};
    assert_ok(realm_conninfo(it->of, REGISTRY_ROLE_CA, conninfo, &err), &err);
    assert_ok(registry_pool_new(&settings, 4, &it->pool, &err), &err);
}

static void open_owner(renew_world *it)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    assert_ok(realm_conninfo(it->of, REGISTRY_ROLE_OWNER, conninfo, &err), &err);
    it->owner = PQconnectdb(conninfo);
    ck_assert_msg(PQstatus(it->owner) == CONNECTION_OK, "%s", PQerrorMessage(it->owner));
    renew_world_sql(it, "SET search_path = registry");
}

static void open_journal(renew_world *it)
{
    auth_error err;
    ca_journal_options options = {.now = it->now, .id = {1}, .may_create = true};
    assert_ok(ca_journal_open(it->journal, &options, &it->setting.journal, NULL, &err), &err);
}

static void fill_setting(renew_world *it)
{
    auth_error err;
    static const char *const names[] = {"daemon-server", "ocsp-responder"};
    for (size_t i = 0; i < 2; i++) {
        realm_authority id = i == 0 ? REALM_AUTHORITY_STAFF : REALM_AUTHORITY_CITIZENS;
        it->authorities[i] =
            (ca_authority){.name = realm_authority_name(id),
                           .id = id,
                           .certificate = auth_cert_der(realm_authority_cert(it->of, id)),
                           .signer = realm_authority_signer(it->of, id),
                           .shards = 1};
        assert_ok(realm_profile_find(it->of, names[i], &it->profiles[i], &err), &err);
    }
    it->setting = (ca_setting){
        .realm = realm_name(it->of),
        .policy = realm_policy(it->of),
        .daemon_profiles = it->profiles,
        .daemon_profile_count = 2,
        .root = auth_cert_der(realm_authority_cert(it->of, REALM_AUTHORITY_ROOT)),
        .authorities = it->authorities,
        .authority_count = 2,
        .base = realm_base(it->of),
        .ring = realm_keyring(it->of),
        .pool = it->pool,
    };
}

renew_world *renew_world_new(void)
{
    auth_error err;
    renew_world *it = calloc(1, sizeof *it);
    ck_assert_ptr_nonnull(it);
    realm_folder_start_registry();
    realm_folder_become_owner();
    assert_ok(realm_open(realm_folder(), &(realm_opening){.parts = PARTS}, &it->of, &err), &err);
    realm_folder_become_maker();
    assert_ok(registry_crypto_new(&it->crypto, &err), &err);
    open_pool(it);
    open_owner(it);
    it->now =
        strtoll(renew_world_ask(it, "SELECT extract(epoch FROM created_at)::bigint FROM realm"),
                NULL, 10);
    (void)snprintf(it->journal, sizeof it->journal, "%s/journal-XXXXXX", realm_folder_parent());
    ck_assert_ptr_nonnull(mkdtemp(it->journal));
    fill_setting(it);
    open_journal(it);
    return it;
}

void renew_world_restart(renew_world *it)
{
    ca_journal_free(it->setting.journal);
    open_journal(it);
}

void renew_world_free(renew_world *it)
{
    renew_world_rules(it, false);
    renew_world_sql(it, "DELETE FROM ledger_entry WHERE position('renewal' IN encode(body, "
                        "'escape')) > 0 OR event = 33");
    renew_world_sql(it, "DELETE FROM certificate c USING outcome o WHERE o.request_id ="
                        " c.request_id AND o.item = c.item AND o.serial <> c.serial");
    renew_world_sql(it, "DELETE FROM revocation; DELETE FROM blocked_key; DELETE FROM key_holder k"
                        " WHERE NOT EXISTS (SELECT FROM certificate c WHERE c.key_hash ="
                        " k.key_hash)");
    renew_world_rules(it, true);
    PQfinish(it->owner);
    ca_journal_free(it->setting.journal);
    registry_pool_free(it->pool);
    registry_crypto_free(it->crypto);
    realm_free(it->of);
    free(it);
}

size_t renew_world_renew(renew_world *it, unsigned days, ca_renewals *out)
{
    auth_error err;
    size_t made = 0;
    assert_ok(ca_renew(&it->setting, it->crypto, it->now + days * DAY, 3600, out, &err), &err);
    for (size_t i = 0; i < out->count; i++)
        made += out->rows[i].error.status == AUTH_STATUS_OK;
    return made;
}

void renew_world_sql(renew_world *it, const char *sql)
{
    PGresult *result = PQexec(it->owner, sql);
    ExecStatusType status = PQresultStatus(result);
    ck_assert_msg(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "%s",
                  PQresultErrorMessage(result));
    PQclear(result);
}

void renew_world_rules(renew_world *it, bool are_on)
{
    static const char *const tables[] = {"certificate", "ledger_entry", "revocation", "blocked_key",
                                         "key_holder"};
    char sql[128];
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        (void)snprintf(sql, sizeof sql, "ALTER TABLE %s %s TRIGGER USER", tables[i],
                       are_on ? "ENABLE" : "DISABLE");
        renew_world_sql(it, sql);
    }
}

const char *renew_world_ask(renew_world *it, const char *sql)
{
    static char text[TEXT_SIZE];
    PGresult *result = PQexec(it->owner, sql);
    ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQresultErrorMessage(result));
    (void)snprintf(text, sizeof text, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return text;
}

registry_connection *renew_world_connect(renew_world *it, registry_role role)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_connection *connection = NULL;
    registry_settings settings = {.conninfo = conninfo, .roles = role};
    assert_ok(realm_conninfo(it->of, role, conninfo, &err), &err);
    assert_ok(registry_connection_open(&settings, &connection, &err), &err);
    return connection;
}

static void collect(void *context, const registry_finding *finding)
{
    char *text = context;
    size_t used = strlen(text);
    (void)snprintf(text + used, TEXT_SIZE - used, "%s: %s\n", finding->table, finding->text);
}

const char *renew_world_examine(renew_world *it)
{
    static char text[TEXT_SIZE];
    auth_error err;
    uint64_t count = 0;
    registry_fsck_summary summary;
    registry_reporter reporter = {.find = collect, .context = text};
    registry_document_examination by = {.ring = realm_keyring(it->of),
                                        .policy = realm_policy(it->of)};
    registry_connection *auditor = renew_world_connect(it, REGISTRY_ROLE_AUDITOR);
    text[0] = '\0';
    assert_ok(registry_fsck(auditor, it->crypto, &(registry_ledger_examination){0}, &reporter,
                            &summary, &err),
              &err);
    assert_ok(registry_fsck_documents(auditor, &by, it->crypto, &reporter, &count, &err), &err);
    registry_connection_free(auditor);
    return text;
}

auth_buf *renew_world_newest(renew_world *it, const char *profile, int authority)
{
    auth_error err;
    char sql[256];
    auth_buf *out = NULL;
    (void)snprintf(sql, sizeof sql,
                   "SELECT encode(der, 'hex') FROM certificate WHERE profile = '%s'"
                   " AND authority_id = %d ORDER BY not_after DESC, item LIMIT 1",
                   profile, authority);
    assert_ok(auth_buf_new(AUTH_CERT_MAX, &out, &err), &err);
    assert_ok(auth_codec_decode(AUTH_CODEC_HEX, auth_bytes_from_text(renew_world_ask(it, sql)), out,
                                &err),
              &err);
    return out;
}
