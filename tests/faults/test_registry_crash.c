/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is all there that was acknowledged, and nothing by halves, when writers are killed, lines are cut
 * and the server crashes at random moments? What the disk is full for is refused with a word about
 * it, and goes on when there is room again.
 */
#include "faults/writer.h"
#include "harness/cluster.h"
#include "harness/registry_rows.h"
#include "registry/crypto.h"
#include "registry/ledger.h"
#include "registry/transaction.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WRITERS 4
#define MOMENTS 240
#define SERVER_EVERY 8 /* one moment in so many is the server's */
#define CUT_EVERY 4

static char database[CLUSTER_NAME_SIZE];
static char ra_conninfo[REGISTRY_CONNINFO_SIZE];
static char ca_conninfo[REGISTRY_CONNINFO_SIZE];
static char acks[160];
static unsigned seed;
static uint64_t generation;

static void begin_world(void)
{
    const char *given = getenv("AUTH_TEST_SEED");
    seed = given != NULL ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
    fprintf(stderr, "AUTH_TEST_SEED=%u\n", seed);
    cluster_database(database);
    registry_connection *super = cluster_connect_superuser(database);
    cluster_sql(super, rows_realm);
    registry_connection_free(super);
    cluster_conninfo(database, "auth_ra", ra_conninfo);
    cluster_conninfo(database, "auth_ca", ca_conninfo);
    (void)snprintf(acks, sizeof acks, "%s/acks", cluster_dir());
}

static writer_place place(void) { return (writer_place){ra_conninfo, ca_conninfo, acks}; }

static pid_t start_writer(void)
{
    writer_place at = place();
    generation++;
    pid_t pid = writer_start(&at, generation * WRITER_NUMBERS, seed + (unsigned)generation);
    ck_assert_int_gt(pid, 0);
    return pid;
}

/* A writer ends by our signal and by nothing else, such as a rule that it saw broken. */
static void kill_writer(pid_t pid)
{
    int status = 0;
    (void)kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFSIGNALED(status), "a writer ended by itself: %d", WEXITSTATUS(status));
}

static void crash_server(void)
{
    auth_error err;
    assert_ok(registry_embed_stop(cluster_dir(), cluster_options(), REGISTRY_EMBED_IMMEDIATE, &err),
              &err);
    assert_ok(registry_embed_start(cluster_dir(), cluster_options(), &err), &err);
}

/* Cuts the lines of all writers, wherever they are. */
static void cut_lines(void)
{
    registry_connection *super = cluster_connect_superuser(database);
    (void)cluster_ask(super, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                             " WHERE usename IN ('auth_ca', 'auth_ra')");
    registry_connection_free(super);
}

/* A moment at random. */
static void let_pass(int most_ms) { (void)poll(NULL, 0, rand_r(&seed) % most_ms); }

static void assert_none(registry_connection *super, const char *what, const char *sql)
{
    const char *count = cluster_ask(super, sql);
    ck_assert_msg(strcmp(count, "0") == 0, "%s: %s", what, count);
}

/* Every request has all of its rows, and every certificate too. */
static void assert_whole(registry_connection *super)
{
    assert_none(super, "requests without their item, signatures or entry",
                "SELECT count(*) FROM request r WHERE"
                " (SELECT count(*) FROM request_item i WHERE i.request_id = r.request_id) <> 1 OR"
                " (SELECT count(*) FROM signature s WHERE s.request_id = r.request_id) <> 2 OR"
                " (SELECT count(*) FROM ledger_entry e WHERE e.request_id = r.request_id"
                " AND e.event = 1) <> 1");
    assert_none(super, "requests that are done by halves",
                "SELECT count(*) FROM request r LEFT JOIN outcome o USING (request_id)"
                " LEFT JOIN certificate c USING (request_id, item)"
                " LEFT JOIN live_certificate l ON l.serial = c.serial"
                " LEFT JOIN key_holder k ON k.key_hash = c.key_hash"
                " AND k.citizen_id = c.citizen_id WHERE (r.state = 4) <> (o.serial IS NOT NULL)"
                " OR (r.state = 4) <> (c.serial = o.serial AND c.serial = l.serial"
                " AND k.key_hash IS NOT NULL AND (SELECT count(*) FROM ledger_entry e"
                " WHERE e.serial = c.serial AND e.event = 33) = 1) IS TRUE");
    assert_none(super, "certificates without a request that is done",
                "SELECT count(*) FROM certificate c LEFT JOIN request r USING (request_id)"
                " WHERE r.state IS DISTINCT FROM 4");
    assert_none(super, "requests in no state to go on",
                "SELECT count(*) FROM request WHERE state NOT IN (2, 4)");
}

/* Loads what was written down, in a table for each kind of line. */
static void load_acks(registry_connection *super)
{
    char sql[512];
    cluster_sql(super, "CREATE TABLE public.ack (line text);"
                       "SET search_path = registry, public");
    (void)snprintf(sql, sizeof sql, "COPY public.ack FROM '%s' WITH (DELIMITER E'\\x01')", acks);
    ck_assert_int_eq(chmod(acks, 0644), 0);
    cluster_sql(super, sql);
    cluster_sql(super,
                "CREATE TABLE public.submitted AS SELECT split_part(line, ' ', 1) AS what,"
                " split_part(line, ' ', 2)::bigint AS first, split_part(line, ' ', 3)::int AS count"
                " FROM public.ack WHERE line ~ '^[SE] ';"
                "CREATE TABLE public.issued AS SELECT split_part(line, ' ', 2)::bigint AS number,"
                " decode(split_part(line, ' ', 3), 'hex') AS serial FROM public.ack"
                " WHERE line ~ '^C ';"
                /* The number that a request id was made of, as rows_number. */
                "CREATE TABLE public.present AS SELECT request_id, ('x' || lpad(left(replace("
                "request_id::text, '-', ''), 12), 16, '0'))::bit(64)::bigint - 1767225600000"
                " AS number FROM request; CREATE INDEX ON public.present (number)");
}

static void assert_acknowledged(registry_connection *super)
{
    assert_none(super, "acknowledged requests that are not there",
                "SELECT count(*) FROM public.submitted s CROSS JOIN LATERAL"
                " generate_series(first, first + count - 1) n LEFT JOIN public.present p"
                " ON p.number = n WHERE s.what = 'E' AND p.number IS NULL");
    assert_none(super, "submissions that are there by halves",
                "SELECT count(*) FROM public.submitted s WHERE what = 'S' AND (SELECT count(*)"
                " FROM public.present p WHERE p.number >= s.first AND p.number < s.first + s.count)"
                " NOT IN (0, s.count) AND NOT EXISTS (SELECT FROM public.submitted o WHERE"
                " o.what = 'S' AND o.first = s.first AND o.count <> s.count)");
    assert_none(super, "acknowledged certificates that are not there",
                "SELECT count(*) FROM public.issued i JOIN public.present p USING (number)"
                " LEFT JOIN certificate c ON c.serial = i.serial"
                " WHERE c.request_id IS DISTINCT FROM p.request_id");
    assert_none(super, "requests with two certificates",
                "SELECT count(*) FROM (SELECT number FROM public.issued GROUP BY number"
                " HAVING count(DISTINCT serial) > 1) twice");
    assert_none(super, "serial numbers of two requests",
                "SELECT count(*) FROM (SELECT serial FROM public.issued GROUP BY serial"
                " HAVING count(DISTINCT number) > 1) twice");
}

/* Everything in the ledger gets its place, once and as it was written. */
static void assert_ledger(registry_connection *super)
{
    auth_error err;
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    AUTH_AUTO(registry_connection) *ca = cluster_connect(database, REGISTRY_ROLE_CA);
    registry_ledger_progress progress = {.is_more = true};
    assert_ok(registry_crypto_new(&crypto, &err), &err);
    while (progress.is_more) {
        assert_ok(registry_begin(ca, REGISTRY_READ_COMMITTED, &err), &err);
        assert_ok(registry_ledger_sequence(ca, crypto, 0, &progress, &err), &err);
        assert_ok(registry_commit(ca, &err), &err);
    }
    assert_none(super, "entries without their leaf, or with another",
                "SELECT count(*) FROM ledger_entry e FULL JOIN ledger_leaf l USING (entry_id)"
                " WHERE l.leaf_hash IS DISTINCT FROM sha256('\\x00'::bytea || e.body)");
}

/* Kills all writers, lets what they left be finished, and looks. */
static void end_world(pid_t *writers)
{
    writer_place at = place();
    for (size_t i = 0; i < WRITERS; i++)
        kill_writer(writers[i]);
    writer_run_once(&at, ++generation * WRITER_NUMBERS, seed);
    registry_connection *super = cluster_connect_superuser(database);
    load_acks(super);
    fprintf(stderr, "%s certificates\n", cluster_ask(super, "SELECT count(*) FROM certificate"));
    assert_whole(super);
    assert_acknowledged(super);
    assert_ledger(super);
    ck_assert_str_ne(cluster_ask(super, "SELECT count(*) FROM public.issued"), "0");
    registry_connection_free(super);
}

START_TEST(nothing_acknowledged_is_lost_and_nothing_is_done_by_halves)
{
    pid_t writers[WRITERS];
    begin_world();
    for (size_t i = 0; i < WRITERS; i++)
        writers[i] = start_writer();
    for (int moment = 1; moment <= MOMENTS; moment++) {
        let_pass(moment % SERVER_EVERY == 1 ? 1000 : 200);
        if (moment % SERVER_EVERY == 0)
            crash_server();
        else if (moment % CUT_EVERY == 1)
            cut_lines();
        else {
            size_t i = (size_t)rand_r(&seed) % WRITERS;
            kill_writer(writers[i]);
            writers[i] = start_writer();
        }
    }
    end_world(writers);
}
END_TEST

CLUSTER_SUITE("registry_crash", TEST(nothing_acknowledged_is_lost_and_nothing_is_done_by_halves))
