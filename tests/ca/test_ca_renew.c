/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Are certificates of daemons and responders made anew when they end soon, and only those, for as
 * long as nothing was revoked; and do daemons find them?
 */
#include "harness/child.h"
#include "harness/harness.h"
#include "realm/realm_folder.h"
#include "realm/renewal.h"
#include "registry/blocked_key.h"
#include "registry/certificate.h"
#include "registry/transaction.h"
#include "renew_world.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static ca_renewals renewals;

/* The certificate of a responder or server that the realm's folder has, or its issuer's. */
static auth_buf *file_of(const char *folder, const char *name)
{
    auth_error err;
    char path[REALM_PATH_SIZE];
    auth_buf *out = NULL;
    assert_ok(realm_path_join(realm_folder(), folder, name, ".cer", path, &err), &err);
    assert_ok(realm_file_read(path, &out, &err), &err);
    return out;
}

/* Responders are good for 30 days, servers for 90. */
START_TEST(certificates_are_renewed_in_their_last_third)
{
    renew_world *it = renew_world_new();
    ck_assert_uint_eq(renew_world_renew(it, 0, &renewals), 0);
    ck_assert_uint_eq(renew_world_renew(it, 19, &renewals), 0);
    ck_assert_uint_eq(renew_world_renew(it, 21, &renewals), 2);
    ck_assert_str_eq(renewals.rows[0].profile, "ocsp-responder");
    ck_assert_int_eq(renewals.rows[0].not_after, it->now + 51 * DAY - 1);
    ck_assert_uint_eq(renew_world_renew(it, 21, &renewals), 0);
    ck_assert_uint_eq(renew_world_renew(it, 61, &renewals), 4);
    ck_assert_uint_eq(renew_world_renew(it, 61, &renewals), 0);
    ck_assert_str_eq(renew_world_examine(it), "");
    renew_world_free(it);
}
END_TEST

/* An authority that was away for long finds the mandate as it was. */
START_TEST(what_has_ended_is_renewed_too)
{
    renew_world *it = renew_world_new();
    ck_assert_uint_eq(renew_world_renew(it, 200, &renewals), 4);
    ck_assert_str_eq(renew_world_examine(it), "");
    renew_world_free(it);
}
END_TEST

/* A list that is good for 40 days must not outlive the certificate that it is read with. */
START_TEST(a_long_margin_begins_after_the_first_third)
{
    auth_error err;
    renew_world *it = renew_world_new();
    auth_time tenth = it->now + 10 * DAY;
    assert_ok(ca_renew(&it->setting, it->crypto, tenth - 60, 40 * DAY, &renewals, &err), &err);
    ck_assert_uint_eq(renewals.count, 0);
    assert_ok(ca_renew(&it->setting, it->crypto, tenth + 60, 40 * DAY, &renewals, &err), &err);
    ck_assert_uint_eq(renewals.count, 2);
    renew_world_free(it);
}
END_TEST

START_TEST(a_renewal_says_what_the_ceremony_s_said)
{
    auth_error err;
    AUTH_AUTO(auth_cert) *before = NULL;
    AUTH_AUTO(auth_cert) *after = NULL;
    renew_world *it = renew_world_new();
    AUTH_AUTO(auth_buf) *former = renew_world_newest(it, "daemon-server", 2);
    ck_assert_uint_eq(renew_world_renew(it, 61, &renewals), 4);
    AUTH_AUTO(auth_buf) *made = renew_world_newest(it, "daemon-server", 2);
    assert_ok(auth_cert_parse(auth_buf_bytes(former), &before, &err), &err);
    assert_ok(auth_cert_parse(auth_buf_bytes(made), &after, &err), &err);
    assert_bytes(auth_cert_subject(after), auth_cert_subject(before));
    assert_bytes(auth_cert_spki(after), auth_cert_spki(before));
    ck_assert_int_eq(auth_cert_not_after(after), it->now + 151 * DAY - 1);
    ck_assert_str_eq(
        renew_world_ask(it, "SELECT count(*) FROM ledger_entry WHERE event = 32 AND"
                            " position('\"detail\":\"renewal\"' IN encode(body, 'escape')) > 0"),
        "4");
    renew_world_free(it);
}
END_TEST

/* Revokes or suspends the certificate that the ceremony made for a responder, as a request does. */
static void act(renew_world *it, int authority, int action, int step)
{
    char sql[1024];
    renew_world_rules(it, false);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO revocation (serial, step, authority_id, shard, action, reason, at,"
                   " not_after, request_id, item) SELECT c.serial, %d, c.authority_id, c.shard, %d,"
                   " %d, c.not_before, c.not_after, c.request_id, c.item FROM certificate c"
                   " JOIN outcome o ON o.serial = c.serial WHERE profile = 'ocsp-responder'"
                   " AND authority_id = %d",
                   step, action, action == 1 ? 1 : 6, authority);
    renew_world_sql(it, sql);
    renew_world_rules(it, true);
}

START_TEST(what_was_revoked_or_suspended_is_not_renewed)
{
    renew_world *it = renew_world_new();
    act(it, 3, 2, 1);
    ck_assert_uint_eq(renew_world_renew(it, 21, &renewals), 1);
    act(it, 3, 3, 2);
    ck_assert_uint_eq(renew_world_renew(it, 22, &renewals), 1);
    act(it, 3, 1, 3);
    ck_assert_uint_eq(renew_world_renew(it, 45, &renewals), 1);
    ck_assert_uint_eq(renew_world_renew(it, 80, &renewals), 3);
    renew_world_free(it);
}
END_TEST

/* What is due, as it stands before something is revoked or blocked. */
static registry_result *list_due(renew_world *it, registry_connection *ca)
{
    auth_error err;
    registry_result *rows = NULL;
    const int64_t authorities[] = {2, 3};
    assert_ok(registry_renewal_list(ca, it->now + 61 * DAY, 3600, authorities, 2, 10, &rows, &err),
              &err);
    return rows;
}

/* Tries to store something of its own in place of a renewal, as whoever has auth-ca's password. */
static auth_status insert(registry_connection *ca, const registry_renewal_due *due,
                          uint8_t distinct, auth_error *err)
{
    uint8_t serial[AUTH_SERIAL_SIZE] = {due->serial.data[0], due->serial.data[1], distinct};
    registry_renewed made = {.serial = {serial, sizeof serial},
                             .not_before = due->not_after,
                             .not_after = due->not_after + DAY,
                             .der = due->der};
    auth_status status = registry_begin(ca, REGISTRY_READ_COMMITTED, err);
    if (status == AUTH_STATUS_OK)
        status = registry_renewal_insert(ca, due, &made, due->not_after, err);
    registry_rollback(ca);
    return status;
}

START_TEST(the_database_takes_only_what_the_mandate_says)
{
    auth_error err;
    registry_renewal_due due;
    renew_world *it = renew_world_new();
    AUTH_AUTO(registry_connection) *ca = renew_world_connect(it, REGISTRY_ROLE_CA);
    AUTH_AUTO(registry_result) *rows = list_due(it, ca);
    uint8_t other[32] = {7};
    ck_assert_uint_eq(registry_result_rows(rows), 4);
    assert_ok(registry_renewal_read(rows, 2, &due, &err), &err);
    ck_assert_str_eq(due.profile, "ocsp-responder");
    assert_ok(insert(ca, &due, 1, &err), &err);
    registry_renewal_due changed = due;
    changed.key_hash = (auth_bytes){other, sizeof other};
    assert_fails(insert(ca, &changed, 2, &err), AUTH_STATUS_INVALID, &err);
    changed = due;
    changed.profile = "officer";
    assert_fails(insert(ca, &changed, 3, &err), AUTH_STATUS_INVALID, &err);
    changed = due;
    changed.authority = due.authority == 2 ? 3 : 2;
    assert_fails(insert(ca, &changed, 4, &err), AUTH_STATUS_INVALID, &err);
    changed = due;
    changed.item = 0; /* the root */
    assert_fails(insert(ca, &changed, 5, &err), AUTH_STATUS_INVALID, &err);
    act(it, (int)due.authority, 1, 1);
    assert_fails(insert(ca, &due, 6, &err), AUTH_STATUS_INVALID, &err);
    renew_world_free(it);
}
END_TEST

START_TEST(a_blocked_key_is_not_renewed)
{
    auth_error err;
    registry_renewal_due due;
    renew_world *it = renew_world_new();
    AUTH_AUTO(registry_connection) *ca = renew_world_connect(it, REGISTRY_ROLE_CA);
    AUTH_AUTO(registry_result) *rows = list_due(it, ca);
    assert_ok(registry_renewal_read(rows, 0, &due, &err), &err);
    assert_ok(registry_begin(ca, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_blocked_key_insert(ca, due.key_hash, "lost", (auth_bytes){NULL, 0}, &err),
              &err);
    assert_ok(registry_commit(ca, &err), &err);
    assert_fails(insert(ca, &due, 1, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_uint_eq(renew_world_renew(it, 61, &renewals), 3);
    renew_world_free(it);
}
END_TEST

START_TEST(what_cannot_be_renewed_holds_up_no_other)
{
    renew_world *it = renew_world_new();
    it->setting.daemon_profiles = it->profiles + 1;
    it->setting.daemon_profile_count = 1;
    ck_assert_uint_eq(renew_world_renew(it, 61, &renewals), 2);
    ck_assert_uint_eq(renewals.count, 4);
    ck_assert_int_eq(renewals.rows[0].error.status, AUTH_STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(renewals.rows[0].error.text, "daemon-server"));
    /* An authority whose key is elsewhere is somebody else's to work for. */
    it->authorities[1].signer = NULL;
    ck_assert_uint_eq(renew_world_renew(it, 85, &renewals), 1);
    renew_world_free(it);
}
END_TEST

START_TEST(a_crash_leaves_nothing_in_doubt)
{
    auth_error err;
    ca_recovery recovery;
    renew_world *it = renew_world_new();
    ck_assert_uint_eq(renew_world_renew(it, 61, &renewals), 4);
    /* The note of the batch is not on the disk yet. */
    renew_world_restart(it);
    assert_ok(ca_recover(&it->setting, it->now, &recovery, &err), &err);
    ck_assert_uint_eq(recovery.committed, 1);
    ck_assert_uint_eq(recovery.aborted, 0);
    renew_world_free(it);
}
END_TEST

static void die_at(ca_step step, void *context)
{
    const ca_step *wanted = context;
    if (step == *wanted)
        (void)kill(getpid(), SIGKILL);
}

/* Renews in a process of its own, with lines of its own, which dies at a step. */
static void renew_and_die(renew_world *it, ca_step step)
{
    int how = 0;
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        auth_error err;
        char conninfo[REGISTRY_CONNINFO_SIZE];
        registry_settings settings = {.conninfo = conninfo, .roles = REGISTRY_ROLE_CA};
        harness_child_begin();
        if (realm_conninfo(it->of, REGISTRY_ROLE_CA, conninfo, &err) != AUTH_STATUS_OK ||
            registry_pool_new(&settings, 2, &it->setting.pool, &err) != AUTH_STATUS_OK)
            _exit(2);
        it->setting.reached = die_at;
        it->setting.context = &step;
        (void)!ca_renew(&it->setting, it->crypto, it->now + 61 * DAY, 3600, &renewals, &err);
        _exit(3);
    }
    while (waitpid(pid, &how, 0) < 0 && errno == EINTR)
        ;
    ck_assert(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
}

START_TEST(a_death_at_any_step_renews_once)
{
    auth_error err;
    ca_recovery recovery;
    ca_step step = (ca_step)(CA_STEP_RENEWAL_LOCKED + _i);
    renew_world *it = renew_world_new();
    renew_and_die(it, step);
    renew_world_restart(it);
    assert_ok(ca_recover(&it->setting, it->now, &recovery, &err), &err);
    ck_assert_uint_eq(recovery.committed, step == CA_STEP_RENEWAL_COMMITTED);
    ck_assert_uint_eq(recovery.aborted, step == CA_STEP_RENEWAL_JOURNALLED);
    ck_assert_uint_eq(renew_world_renew(it, 61, &renewals),
                      step == CA_STEP_RENEWAL_COMMITTED ? 0 : 4);
    ck_assert_str_eq(renew_world_ask(it, "SELECT count(*) FROM certificate"), "13");
    ck_assert_str_eq(renew_world_examine(it), "");
    renew_world_free(it);
}
END_TEST

static const registry_role finders[] = {REGISTRY_ROLE_RA, REGISTRY_ROLE_LRA, REGISTRY_ROLE_OCSP};

START_TEST(daemons_find_what_was_made_for_their_key)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *found = NULL;
    renew_world *it = renew_world_new();
    AUTH_AUTO(registry_connection) *connection = renew_world_connect(it, finders[_i]);
    AUTH_AUTO(auth_buf) *mine = file_of("responders", "ocsp-citizens");
    AUTH_AUTO(auth_buf) *issuer = file_of("authorities", "citizens");
    AUTH_AUTO(auth_buf) *other = file_of("authorities", "staff");
    auth_time now = it->now + 21 * DAY;
    assert_ok(realm_renewal_find(connection, auth_buf_bytes(mine), auth_buf_bytes(issuer), now,
                                 &found, &err),
              &err);
    ck_assert_ptr_null(found);
    ck_assert_uint_eq(renew_world_renew(it, 21, &renewals), 2);
    /* Of another issuer it is believed to be nobody's, and before its time nobody's yet. */
    assert_ok(realm_renewal_find(connection, auth_buf_bytes(mine), auth_buf_bytes(other), now,
                                 &found, &err),
              &err);
    ck_assert_ptr_null(found);
    assert_ok(realm_renewal_find(connection, auth_buf_bytes(mine), auth_buf_bytes(issuer), now - 1,
                                 &found, &err),
              &err);
    ck_assert_ptr_null(found);
    assert_ok(realm_renewal_find(connection, auth_buf_bytes(mine), auth_buf_bytes(issuer), now,
                                 &found, &err),
              &err);
    ck_assert_ptr_nonnull(found);
    AUTH_AUTO(auth_buf) *made = renew_world_newest(it, "ocsp-responder", 3);
    assert_bytes(auth_buf_bytes(found), auth_buf_bytes(made));
    /* Who has the newest looks for nothing more. */
    AUTH_AUTO(auth_buf) *newer = NULL;
    assert_ok(realm_renewal_find(connection, auth_buf_bytes(found), auth_buf_bytes(issuer), now,
                                 &newer, &err),
              &err);
    ck_assert_ptr_null(newer);
    renew_world_free(it);
}
END_TEST

START_TEST(a_file_is_replaced_as_a_whole)
{
    auth_error err;
    char path[REALM_PATH_SIZE];
    char fresh[REALM_PATH_SIZE + 8];
    AUTH_AUTO(auth_buf) *read = NULL;
    assert_ok(realm_path_join(realm_folder(), "tls", "new", ".cer", path, &err), &err);
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    realm_folder_write(fresh, BYTES("half of something"));
    realm_folder_become_owner();
    assert_ok(realm_renewal_write(path, BYTES("first"), &err), &err);
    assert_ok(realm_renewal_write(path, BYTES("second"), &err), &err);
    assert_ok(realm_file_read(path, &read, &err), &err);
    assert_bytes(auth_buf_bytes(read), BYTES("second"));
    assert_fails(realm_renewal_write("/nowhere/at/all.cer", BYTES("x"), &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    realm_folder_become_maker();
    (void)remove(path);
}
END_TEST

SUITE_AFTER(realm_folder_make, "ca_renew", TEST(certificates_are_renewed_in_their_last_third),
            TEST(what_has_ended_is_renewed_too), TEST(a_long_margin_begins_after_the_first_third),
            TEST(a_renewal_says_what_the_ceremony_s_said),
            TEST(what_was_revoked_or_suspended_is_not_renewed),
            TEST(the_database_takes_only_what_the_mandate_says), TEST(a_blocked_key_is_not_renewed),
            TEST(what_cannot_be_renewed_holds_up_no_other), TEST(a_crash_leaves_nothing_in_doubt),
            TEST_EACH(a_death_at_any_step_renews_once, 4),
            TEST_EACH(daemons_find_what_was_made_for_their_key, 3),
            TEST(a_file_is_replaced_as_a_whole))
