/* SPDX-License-Identifier: Apache-2.0 */
#include "faults/writer.h"

#include "harness/child.h"
#include "harness/registry_rows.h"
#include "registry/transaction.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define BATCH_MAX 20
#define ISSUED_MAX 200
#define PATIENCE_S 60

/* A certificate of the batch at hand. */
typedef struct issued {
    rows_request made;
    uint64_t number;
} issued;

typedef struct writer {
    registry_pool *ra;
    registry_pool *ca;
    int acks;
    uint64_t first;
    uint64_t next;
    unsigned seed;
    issued batch[ISSUED_MAX];
} writer;

static void note(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        _exit(3);
}

static void note_submission(const writer *of, char what, uint64_t first, size_t count)
{
    char line[64];
    (void)snprintf(line, sizeof line, "%c %llu %zu\n", what, (unsigned long long)first, count);
    note(of->acks, line);
}

static void note_certificate(const writer *of, const issued *one)
{
    char line[96];
    int used = snprintf(line, sizeof line, "C %llu ", (unsigned long long)one->number);
    for (size_t i = 0; i < sizeof one->made.serial; i++)
        used += snprintf(line + used, sizeof line - (size_t)used, "%02x", one->made.serial[i]);
    (void)snprintf(line + used, sizeof line - (size_t)used, "\n");
    note(of->acks, line);
}

/* Each attempt to issue takes a serial number of its own, as an authority does. */
static auth_status prepare(registry_connection *connection, registry_queue_batch *batch,
                           void *context, auth_error *err)
{
    writer *of = context;
    (void)connection;
    for (size_t i = 0; i < batch->document_count; i++) {
        issued *one = &of->batch[i];
        one->number = rows_number(batch->documents[i].request.id);
        rows_make(&one->made, one->number);
        if (getrandom(one->made.serial + 2, 16, 0) != 16)
            _exit(4);
        registry_decision granted = rows_grant(&one->made, i);
        auth_status status = registry_queue_decide(batch, &granted, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

/* Told of a commit that is known to be done. */
static void stored(const registry_queue_batch *batch, void *context)
{
    writer *of = context;
    for (size_t i = 0; i < batch->decision_count; i++) {
        const registry_decision *decision = &batch->decisions[i];
        if (registry_queue_is_active(batch, decision->document) &&
            registry_decision_is_granted(decision))
            note_certificate(of, &of->batch[decision->document]);
    }
}

static bool submit(writer *of)
{
    static rows_request made[BATCH_MAX];
    registry_request_new requests[BATCH_MAX];
    registry_submitted results[BATCH_MAX];
    auth_error err;
    /* Every third time what was submitted before comes again, in another order. */
    bool is_again = rand_r(&of->seed) % 3 == 0 && of->next > of->first;
    size_t count = 1 + (size_t)rand_r(&of->seed) % BATCH_MAX;
    uint64_t first = of->next;
    if (is_again) {
        count = count > of->next - of->first ? (size_t)(of->next - of->first) : count;
        first = of->next - count;
    }
    for (size_t i = 0; i < count; i++) {
        rows_make(&made[i], is_again ? first + count - 1 - i : first + i);
        requests[i] = made[i].request;
    }
    if (!is_again)
        note_submission(of, 'S', first, count);
    if (registry_request_submit(of->ra, requests, count, results, &err) != AUTH_STATUS_OK)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (results[i].what == REGISTRY_SUBMISSION_OTHER)
            _exit(5);
    }
    if (!is_again)
        note_submission(of, 'E', first, count);
    if (!is_again)
        of->next += count;
    return true;
}

static bool issue(writer *of)
{
    auth_error err;
    registry_queue_report report = {0};
    registry_queue_work work = {.prepare = prepare, .stored = stored, .context = of};
    registry_queue_limits limits = {.documents = ISSUED_MAX / 2};
    auth_status status = registry_queue_run(of->ca, &limits, ROWS_NOW, &work, &report, &err);
    if (status != AUTH_STATUS_OK)
        return false;
    if (report.refused > 0)
        _exit(6);
    return report.documents > 0;
}

static registry_pool *make_pool(const char *conninfo, registry_role role)
{
    auth_error err;
    registry_pool *pool = NULL;
    registry_settings settings = {.conninfo = conninfo,
                                  .roles = role,
                                  .connect_timeout_ms = 1000,
                                  .call_timeout_ms = 5000};
    if (registry_pool_new(&settings, 1, &pool, &err) != AUTH_STATUS_OK)
        _exit(7);
    return pool;
}

static writer *make_writer(const writer_place *place, uint64_t first, unsigned seed)
{
    writer *made = calloc(1, sizeof *made);
    if (made == NULL)
        _exit(8);
    made->ra = make_pool(place->ra_conninfo, REGISTRY_ROLE_RA);
    made->ca = make_pool(place->ca_conninfo, REGISTRY_ROLE_CA);
    made->acks = open(place->acks, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    made->first = first;
    made->next = first;
    made->seed = seed;
    if (made->acks < 0)
        _exit(9);
    return made;
}

pid_t writer_start(const writer_place *place, uint64_t first, unsigned seed)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    harness_child_begin();
    /* It does not outlive the test. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    writer *of = make_writer(place, first, seed);
    for (;;) {
        (void)submit(of);
        (void)issue(of);
    }
}

void writer_run_once(const writer_place *place, uint64_t first, unsigned seed)
{
    writer *of = make_writer(place, first, seed);
    time_t until = time(NULL) + PATIENCE_S;
    bool is_in = false;
    while (time(NULL) < until) {
        is_in = submit(of) || is_in;
        if (issue(of) && is_in)
            break;
    }
    registry_pool_free(of->ra);
    registry_pool_free(of->ca);
    (void)close(of->acks);
    free(of);
}
