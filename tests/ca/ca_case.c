/* SPDX-License-Identifier: Apache-2.0 */
#include "ca_case.h"

#include "ca/duty.h"
#include "registry/certificate.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ca_case *here; /* whose superuser runs the SQL of its world */
static unsigned cases;

static void run_sql(const char *text) { cluster_sql(here->super, text); }

static registry_pool *make_pool(const ca_case *it, registry_role role)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_pool *pool = NULL;
    registry_settings settings = {.conninfo = conninfo, .roles = role};
    cluster_conninfo(it->database, registry_role_name(role), conninfo);
    assert_ok(registry_pool_new(&settings, 2, &pool, &err), &err);
    return pool;
}

ca_case *ca_case_new(void) { return ca_case_new_limited(0); }

ca_case *ca_case_new_limited(unsigned an_hour)
{
    ca_case *it = calloc(1, sizeof *it);
    ck_assert_ptr_nonnull(it);
    here = it;
    cluster_database(it->database);
    (void)snprintf(it->journal, sizeof it->journal, "%s/journal-%d-%u", cluster_dir(),
                   (int)getpid(), cases);
    (void)snprintf(it->anchor, sizeof it->anchor, "%s/anchor-%d-%u", cluster_dir(), (int)getpid(),
                   cases++);
    ck_assert_int_eq(mkdir(it->journal, S_IRWXU), 0);
    it->super = cluster_connect_superuser(it->database);
    it->auditor = cluster_connect(it->database, REGISTRY_ROLE_AUDITOR);
    it->ca_pool = make_pool(it, REGISTRY_ROLE_CA);
    it->ra_pool = make_pool(it, REGISTRY_ROLE_RA);
    it->world = ca_world_new(&(ca_world_base){.ca_pool = it->ca_pool,
                                              .ra_pool = it->ra_pool,
                                              .sql = run_sql,
                                              .journal = it->journal,
                                              .anchor = it->anchor,
                                              .threads = 2,
                                              .an_hour = an_hour});
    it->card = ca_world_key();
    it->csr = ca_world_csr(it->card);
    return it;
}

void ca_case_remove_journal(const char *path)
{
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    (void)closedir(folder);
    ck_assert_int_eq(rmdir(path), 0);
}

void ca_case_free(ca_case *it)
{
    ca_world_free(it->world);
    auth_signer_free(it->card);
    auth_buf_free(it->csr);
    registry_pool_free(it->ca_pool);
    registry_pool_free(it->ra_pool);
    registry_connection_free(it->auditor);
    registry_connection_free(it->super);
    ca_case_remove_journal(it->journal);
    (void)unlink(it->anchor);
    free(it);
}

registry_queue_report ca_case_run(ca_case *it)
{
    auth_error err;
    registry_queue_report report = {0};
    assert_ok(ca_worker_run(it->world->worker, it->world->now, &report, &err), &err);
    return report;
}

void ca_case_expect(ca_case *it, size_t granted, size_t refused)
{
    registry_queue_report report = ca_case_run(it);
    const char *why =
        cluster_ask(it->super, "SELECT string_agg(d, '; ') FROM (SELECT detail d FROM"
                               " registry.outcome UNION SELECT detail FROM registry.request) x"
                               " WHERE d IS NOT NULL");
    ck_assert_msg(report.granted == granted && report.refused == refused,
                  "granted %zu, refused %zu: %s", report.granted, report.refused, why);
}

void ca_case_assert(ca_case *it, const char *sql, const char *expected)
{
    const char *got = cluster_ask(it->super, sql);
    ck_assert_msg(strcmp(got, expected) == 0, "%s: %s, not %s", sql, got, expected);
}

auth_buf *ca_case_newest(ca_case *it)
{
    auth_error err;
    static char hex[65536];
    auth_buf *out = NULL;
    (void)snprintf(hex, sizeof hex, "%s",
                   cluster_ask(it->super, "SELECT encode(der, 'hex') FROM registry.certificate c"
                                          " JOIN registry.ledger_entry e ON e.serial = c.serial AND"
                                          " e.event = 32 ORDER BY entry_id DESC LIMIT 1"));
    assert_ok(auth_buf_new(sizeof hex, &out, &err), &err);
    assert_ok(auth_codec_decode(AUTH_CODEC_HEX, auth_bytes_from_text(hex), out, &err), &err);
    return out;
}

auth_bytes ca_case_serial(const auth_buf *certificate, uint8_t room[20])
{
    auth_error err;
    AUTH_AUTO(auth_cert) *cert = NULL;
    assert_ok(auth_cert_parse(auth_buf_bytes(certificate), &cert, &err), &err);
    auth_bytes serial = auth_cert_serial(cert);
    memcpy(room, serial.data, serial.len);
    return (auth_bytes){room, serial.len};
}

auth_buf *ca_case_enrol(ca_case *it, const char *number, const auth_signer *key)
{
    static ca_ask ask;
    AUTH_AUTO(auth_buf) *csr = ca_world_csr(key);
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    (void)ca_ask_person(&ask, number, auth_buf_bytes(csr));
    ca_world_ask(it->world, &ask, ca_counter);
    ca_case_expect(it, 1, 0);
    return ca_case_newest(it);
}

static void find(void *context, const registry_finding *finding)
{
    (void)context;
    ck_abort_msg("%s %s: %s", finding->table, finding->row, finding->text);
}

void ca_case_expect_clean(ca_case *it)
{
    auth_error err;
    const char *anchor = it->anchor;
    bool is_more = true;
    registry_reporter reporter = {.find = find};
    registry_ledger_examination examination = {.anchors = &anchor, .anchor_count = 1};
    registry_fsck_summary summary;
    while (is_more)
        assert_ok(ca_advance_ledger(&it->world->setting, it->world->crypto, it->world->now,
                                    &is_more, &err),
                  &err);
    assert_ok(registry_fsck(it->auditor, it->world->crypto, &examination, &reporter, &summary,
                            &err),
              &err);
}
