/* SPDX-License-Identifier: Apache-2.0 */
/* Is a stored document that is not the one that its row, items or signatures tell about found? */
#include "sealed_world.h"

#include "harness/realm_office.h"
#include "registry/fsck_document.h"
#include "registry/reseal.h"

#include <stdio.h>
#include <string.h>

#define FIRST "019b76da-a800-7123-8456-789abcdef000"
#define SECOND "019b76da-a800-7123-8456-789abcdef001"

static void keep(void *context, const registry_finding *finding)
{
    ledger_world *world = context;
    if (world->found < WORLD_FINDINGS_MAX)
        (void)snprintf(world->findings[world->found], sizeof world->findings[0], "%s %s: %s",
                       finding->table, finding->row, finding->text);
    world->found++;
}

static void examine(sealed_world *world)
{
    auth_error err;
    uint64_t count = 0;
    registry_reporter reporter = {.find = keep, .context = world->ledger};
    world->ledger->found = 0;
    auth_policy *policy = office_policy(NULL, NULL);
    registry_document_examination by = {.ring = world->both, .policy = policy};
    assert_ok(registry_fsck_documents(world->ledger->auditor, &by, world->ledger->crypto, &reporter,
                                      &count, &err),
              &err);
    auth_policy_free(policy);
    ck_assert_uint_eq(count, SEALED_REQUESTS);
}

START_TEST(whole_documents_are_in_order)
{
    auth_error err;
    registry_reporter reporter = {.find = NULL};
    registry_reseal_summary summary;
    sealed_world *world = sealed_world_new();
    examine(world);
    ledger_world_expect_clean(world->ledger);
    assert_ok(registry_reseal(world->ledger->ca, world->both, world->ledger->crypto, 0, &reporter,
                              &summary, &err),
              &err);
    examine(world);
    ledger_world_expect_clean(world->ledger);
    sealed_world_free(world);
}

typedef struct change {
    const char *sql;
    const char *table;
} change;

static const change changes[] = {
    {"UPDATE request SET document = (SELECT document FROM request WHERE request_id = '" SECOND
     "') WHERE request_id = '" FIRST "'",
     "request"},
    {"UPDATE request SET document = set_byte(document, 100, get_byte(document, 100) # 1)"
     " WHERE request_id = '" FIRST "'",
     "request"},
    {"UPDATE request SET payload_hash = sha256('x') WHERE request_id = '" FIRST "'", "request"},
    {"UPDATE request SET kind = 4 WHERE request_id = '" FIRST "'", "request"},
    {"UPDATE request SET item_count = 2 WHERE request_id = '" FIRST "'", "request"},
    {"UPDATE request_item SET person_index = sha256('x') WHERE request_id = '" FIRST "'",
     "request_item"},
    {"UPDATE request_item SET serial = decode(repeat('01', 18), 'hex') WHERE request_id = '" FIRST
     "'",
     "request_item"},
    {"UPDATE request_item SET item = 1 WHERE request_id = '" FIRST "'", "request_item"},
    {"UPDATE signature SET signer_serial = decode(repeat('01', 18), 'hex') WHERE request_id = "
     "'" FIRST "'",
     "signature"},
    {"UPDATE signature SET place = 1 WHERE request_id = '" FIRST "'", "signature"},
    {"DELETE FROM signature WHERE request_id = '" FIRST "'", "signature"},
};

#define CHANGES (sizeof changes / sizeof changes[0])

START_TEST(a_document_that_does_not_fit_is_named)
{
    sealed_world *world = sealed_world_new();
    sealed_world_sql(world, "SET session_replication_role = replica");
    sealed_world_sql(world, "%s", changes[_i].sql);
    examine(world);
    ledger_world_expect(world->ledger, changes[_i].table, FIRST);
    sealed_world_free(world);
}

START_TEST(without_the_keys_nothing_is_said)
{
    auth_error err;
    uint64_t count = 0;
    registry_keyring *none = NULL;
    registry_reporter reporter = {.find = NULL};
    sealed_world *world = sealed_world_new();
    assert_ok(registry_keyring_new(registry_keyring_realm(world->both), &none, &err), &err);
    registry_document_examination by = {.ring = none};
    assert_fails(registry_fsck_documents(world->ledger->auditor, &by, world->ledger->crypto,
                                         &reporter, &count, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    registry_keyring_free(none);
    sealed_world_free(world);
}

CLUSTER_SUITE("documents", TEST(whole_documents_are_in_order),
              TEST_EACH(a_document_that_does_not_fit_is_named, CHANGES),
              TEST(without_the_keys_nothing_is_said))
