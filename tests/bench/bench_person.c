/* SPDX-License-Identifier: Apache-2.0 */
/* How many person numbers a second does one core check, good and bad ones as they are mixed in the
 * vectors, and how does that compare with merely reading their octets? */
#include "bench/bench.h"
#include "harness/person_vectors.h"

#include <string.h>

/* 65,000 logins a second at the peak of the design load are 1.3 % of a core at this rate. */
#define CHECKS_PER_SECOND 5e6

/* Turns are long against the clock's tick and short against the time that is measured. */
#define CHECKS_A_TURN 20000

typedef struct numbers {
    person_vectors vectors;
    size_t accepted;
} numbers;

static double check(void *context)
{
    static const auth_person_rules rules = {.today = {2026, 1, 31}, .accepts_legacy = true};
    numbers *it = context;
    for (size_t i = 0, row = 0; i < CHECKS_A_TURN; i++) {
        auth_person person;
        auth_person_reason reason =
            auth_person_check(it->vectors.rows[row].number, &rules, &person);
        it->accepted += reason == AUTH_PERSON_REASON_OK ? 1 : 0;
        bench_use(&person);
        row = row + 1 == it->vectors.count ? 0 : row + 1;
    }
    return CHECKS_A_TURN;
}

static double copy_and_sum(void *context)
{
    const numbers *it = context;
    for (size_t i = 0, row = 0; i < CHECKS_A_TURN; i++) {
        uint8_t copy[64];
        auth_bytes text = it->vectors.rows[row].number;
        memcpy(copy, text.data, text.len);
        unsigned sum = 0;
        for (size_t at = 0; at < text.len; at++)
            sum += copy[at];
        bench_use(&sum);
        row = row + 1 == it->vectors.count ? 0 : row + 1;
    }
    return CHECKS_A_TURN;
}

int main(int argc, char **argv)
{
    double seconds = bench_seconds(argc, argv);
    numbers it = {.vectors = person_vectors_load()};
    for (size_t i = 0; i < it.vectors.count; i++) {
        if (it.vectors.rows[i].number.len > 64)
            harness_die("row %zu is longer than what is copied", i);
    }
    bench_result result = {
        .name = "person-check",
        .value = bench_rate(check, &it, seconds / 2),
        .unit = "checks/s",
        .against = "memcpy and sum of the same octets",
        .reference_value = bench_rate(copy_and_sum, &it, seconds / 2),
        .bound = CHECKS_PER_SECOND,
    };
    if (it.accepted == 0)
        harness_die("no number was accepted");
    bench_print(&result);
    person_vectors_free(&it.vectors);
    return 0;
}
