/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many enrolments a second does one auth-ca work through, from approved documents in the queue
 * to committed certificates, each with a certification request of its own and two officers'
 * signatures: one a document, and 500 a document? And how much memory does it take?
 *
 * Times are of the wall, with the database on the same machine. --full does 100,000.
 */
#include "bench/bench.h"
#include "bench/bench_cluster.h"
#include "ca/ca_world.h"
#include "harness/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOGETHER 100 /* documents of one submission */
#define ITEMS 500
#define THREADS 2

static ca_ask asks[TOGETHER];
static auth_buf *documents[TOGETHER];
static auth_buf *requests[ITEMS];

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

static void make_document(ca_world *world, size_t place, size_t items, unsigned *person)
{
    char number[16];
    ca_ask_begin(world, AUTH_REQUEST_KIND_ENROL, &asks[place]);
    for (size_t i = 0; i < items; i++) {
        AUTH_AUTO(auth_signer) *key = ca_world_key();
        requests[i] = ca_world_csr(key);
        (void)snprintf(number, sizeof number, "ZZ%07u", (*person)++);
        (void)ca_ask_person(&asks[place], number, auth_buf_bytes(requests[i]));
    }
    documents[place] = ca_ask_sign(world, &asks[place], ca_counter);
    for (size_t i = 0; i < items; i++)
        auth_buf_free(requests[i]);
}

/* In a process of its own, so that its memory is not the authority's. */
static void submit_all(ca_world *world, size_t count, size_t items, unsigned person)
{
    const ca_ask *places[TOGETHER];
    world->base.ra_pool = bench_cluster_pool(REGISTRY_ROLE_RA);
    for (size_t done = 0; done < count;) {
        size_t now = count - done < TOGETHER ? count - done : TOGETHER;
        now = items > 1 ? 1 : now;
        for (size_t i = 0; i < now; i++) {
            make_document(world, i, items, &person);
            places[i] = &asks[i];
        }
        ca_world_submit(world, places, documents, now);
        for (size_t i = 0; i < now; i++)
            auth_buf_free(documents[i]);
        done += now;
    }
}

static void submit(ca_world *world, size_t count, size_t items, unsigned person)
{
    int how = 0;
    pid_t pid = fork();
    if (pid < 0)
        harness_die("no process");
    if (pid == 0) {
        submit_all(world, count, items, person);
        _exit(0);
    }
    if (waitpid(pid, &how, 0) != pid || how != 0)
        harness_die("the documents were not submitted");
}

static void measure(ca_world *world, const char *name, size_t count, size_t items, unsigned person,
                    double bound)
{
    auth_error err;
    registry_queue_report report = {0};
    size_t granted = 0;
    submit(world, count, items, person);
    bench_cluster_sql("ANALYZE; CHECKPOINT");
    double begun = bench_wall();
    do {
        must(ca_worker_run(world->worker, world->now, &report, &err), &err);
        granted += report.granted;
    } while (report.documents > 0);
    double seconds = bench_wall() - begun;
    if (granted != count * items)
        harness_die("%zu of %zu were granted", granted, count * items);
    bench_print(&(bench_result){.name = name,
                                .value = (double)granted / seconds,
                                .unit = "enrolments/s",
                                .against = "the design",
                                .reference_value = bound,
                                .bound = 1});
}

int main(int argc, char **argv)
{
    bool is_full = argc > 1 && strcmp(argv[1], "--full") == 0;
    char journal[64];
    size_t count = is_full ? 50000 : 4000;
    struct rusage usage;
    bench_cluster_start("SELECT 1");
    (void)snprintf(journal, sizeof journal, "%s/journal", bench_cluster_dir());
    if (mkdir(journal, S_IRWXU) != 0)
        harness_die("no folder for the journal");
    ca_world *world = ca_world_new(&(ca_world_base){.ca_pool = bench_cluster_pool(REGISTRY_ROLE_CA),
                                                    .ra_pool = bench_cluster_pool(REGISTRY_ROLE_RA),
                                                    .sql = bench_cluster_sql,
                                                    .journal = journal,
                                                    .threads = THREADS,
                                                    .is_unlimited = true});
    measure(world, "enrol-single", count, 1, 0, 1500);
    measure(world, "enrol-batch", count / ITEMS, ITEMS, 1000000, 4000);
    (void)getrusage(RUSAGE_SELF, &usage);
    bench_print(&(bench_result){.name = "enrol-memory",
                                .value = (double)usage.ru_maxrss / 1024,
                                .unit = "MiB",
                                .against = "the most that the design allows",
                                .reference_value = 64});
    ca_world_free(world);
    return 0;
}
