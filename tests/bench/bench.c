/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/bench.h"

#include "harness/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEFAULT_SECONDS 2.0
/* As many rates are kept; the best tenth of them is what the machine does undisturbed. */
#define MAX_TURNS 10000

static double seconds_used(void)
{
    struct timespec time;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0)
        harness_die("there is no clock of the process");
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int compare_falling(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left < right) - (left > right);
}

double bench_rate(bench_turn turn, void *context, double seconds)
{
    static double rates[MAX_TURNS];
    size_t turns = 0;
    (void)turn(context); /* warms caches up */
    double start = seconds_used();
    double last = start;
    while ((last - start < seconds || turns == 0) && turns < MAX_TURNS) {
        double done = turn(context);
        double now = seconds_used();
        /* A turn that is shorter than the clock's tick tells nothing. */
        if (now > last)
            rates[turns++] = done / (now - last);
        last = now;
    }
    qsort(rates, turns, sizeof rates[0], compare_falling);
    return rates[turns / 10];
}

void bench_print(const bench_result *result)
{
    char bound[32] = "null";
    if (result->bound > 0)
        (void)snprintf(bound, sizeof bound, "%.4g", result->bound);
    printf("{\"name\":\"%s\",\"value\":%.4g,\"unit\":\"%s\",\"against\":\"%s\",\"ratio\":%.4g,"
           "\"bound\":%s}\n",
           result->name, result->value, result->unit, result->against,
           result->value / result->reference_value, bound);
}

double bench_seconds(int argc, char **argv)
{
    if (argc == 1)
        return DEFAULT_SECONDS;
    char *end = NULL;
    double seconds = argc == 3 && strcmp(argv[1], "--seconds") == 0 ? strtod(argv[2], &end) : 0;
    if (end == NULL || *end != '\0' || seconds <= 0 || seconds > 3600)
        harness_die("usage: %s [--seconds S], S up to 3600", argv[0]);
    return seconds;
}

void bench_use(const void *value) { __asm__ volatile("" : : "r"(value) : "memory"); }
