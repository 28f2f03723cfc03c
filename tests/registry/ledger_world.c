/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_world.h"

#include "registry/transaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned worlds;

ledger_world *ledger_world_new(void)
{
    auth_error err;
    char sql[2 * RAW_CERT_MAX + 256];
    ledger_world *world = calloc(1, sizeof *world);
    ck_assert_ptr_nonnull(world);
    cluster_database(world->database);
    (void)snprintf(world->anchor, sizeof world->anchor, "%s/anchor-%d-%u", cluster_dir(),
                   (int)getpid(), worlds++);
    (void)unlink(world->anchor);
    assert_ok(registry_crypto_new(&world->crypto, &err), &err);
    world->ca = cluster_connect(world->database, REGISTRY_ROLE_CA);
    world->auditor = cluster_connect(world->database, REGISTRY_ROLE_AUDITOR);
    world->superuser = cluster_connect_superuser(world->database);
    world->chain = chain_make(AUTH_KEY_TYPE_P256, CHAIN_LEAF, NULL);
    world->certs[0] = RAW(world->chain.certs[CHAIN_LEAF]);
    world->certs[1] = RAW(world->chain.certs[CHAIN_CA]);
    world->now = CHAIN_NOW;
    char hex[2 * RAW_CERT_MAX + 1];
    char key[2 * AUTH_KEY_HASH_SIZE + 1];
    uint8_t hash[AUTH_KEY_HASH_SIZE];
    auth_public_key_hash(auth_signer_public_key(chain_signer(AUTH_KEY_TYPE_P256, CHAIN_CA)), hash);
    for (size_t i = 0; i < sizeof hash; i++)
        (void)snprintf(key + 2 * i, 3, "%02x", hash[i]);
    for (size_t i = 0; i < world->certs[1].len; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", world->certs[1].data[i]);
    cluster_sql(world->superuser,
                "SET search_path = registry; INSERT INTO realm VALUES (true, 'test')");
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO authority (authority_id, name, certificate, key_hash, not_after)"
                   " VALUES (1, 'citizens', '\\x%s', '\\x%s', 'infinity')",
                   hex, key);
    cluster_sql(world->superuser, sql);
    return world;
}

void ledger_world_free(ledger_world *world)
{
    registry_connection_free(world->superuser);
    registry_connection_free(world->auditor);
    registry_connection_free(world->ca);
    registry_crypto_free(world->crypto);
    (void)unlink(world->anchor);
    free(world);
}

void ledger_world_append(ledger_world *world, unsigned count)
{
    auth_error err;
    registry_ledger_body body = {.event = REGISTRY_LEDGER_EVENT_CA_START,
                                 .at = world->now++,
                                 .realm = "test",
                                 .item = REGISTRY_LEDGER_NO_ITEM};
    assert_ok(registry_begin(world->ca, REGISTRY_READ_COMMITTED, &err), &err);
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(body.detail, sizeof body.detail, "number %u", i);
        assert_ok(registry_ledger_append(world->ca, &body, 0, &err), &err);
    }
    assert_ok(registry_commit(world->ca, &err), &err);
}

void ledger_world_advance(ledger_world *world, uint64_t max)
{
    auth_error err;
    registry_ledger_progress progress = {.is_more = true};
    registry_ledger_round round = {
        .signing = {chain_signer(AUTH_KEY_TYPE_P256, CHAIN_LEAF), world->certs, 2},
        .realm = "test",
        .anchor = world->anchor,
        .max = max,
    };
    while (progress.is_more) {
        round.now = world->now++;
        assert_ok(registry_ledger_advance(world->ca, world->crypto, &round, &progress, &err), &err);
        ck_assert(!progress.is_busy);
    }
}

static void keep(void *context, const registry_finding *finding)
{
    ledger_world *world = context;
    if (world->found < WORLD_FINDINGS_MAX)
        (void)snprintf(world->findings[world->found], sizeof world->findings[0], "%s %s: %s",
                       finding->table, finding->row, finding->text);
    world->found++;
}

static void examine(ledger_world *world, const registry_ledger_examination *examination)
{
    auth_error err;
    registry_reporter reporter = {.find = keep, .context = world};
    world->found = 0;
    assert_ok(registry_ledger_verify(world->auditor, world->crypto, examination, &reporter,
                                     &world->summary, &err),
              &err);
    ck_assert_uint_eq(reporter.found, world->found);
}

void ledger_world_verify(ledger_world *world)
{
    const char *anchor = world->anchor;
    examine(world, &(registry_ledger_examination){.anchors = &anchor, .anchor_count = 1});
}

void ledger_world_verify_with(ledger_world *world, const char *heads)
{
    examine(world, &(registry_ledger_examination){.heads = &heads, .head_count = 1});
}

static void show(const ledger_world *world)
{
    for (size_t i = 0; i < world->found && i < WORLD_FINDINGS_MAX; i++)
        fprintf(stderr, "%s\n", world->findings[i]);
}

void ledger_world_expect_clean(const ledger_world *world)
{
    if (world->found > 0)
        show(world);
    ck_assert_uint_eq(world->found, 0);
}

void ledger_world_expect(const ledger_world *world, const char *table, const char *row)
{
    char start[256];
    (void)snprintf(start, sizeof start, "%s %s: ", table, row);
    for (size_t i = 0; i < world->found && i < WORLD_FINDINGS_MAX; i++) {
        if (strncmp(world->findings[i], start, strlen(start)) == 0)
            return;
    }
    show(world);
    ck_abort_msg("nothing was found about %s", start);
}
