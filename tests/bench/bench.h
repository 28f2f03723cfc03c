/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the benchmarks share. Each prints one JSON object a line: name, value and unit of what was
 * measured, the reference measured in the same run, the ratio of the two, and the bound that the
 * design sets (null: none). Times are processor times of this process on one core, so that another
 * process takes nothing from the figures but cache.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>

/* One turn of what is measured; returns how many units of work it did. */
typedef double (*bench_turn)(void *context);

/* Runs turns for seconds and returns units a second of the best tenth of them. */
double bench_rate(bench_turn turn, void *context, double seconds);

typedef struct bench_result {
    const char *name;
    double value;
    const char *unit;
    const char *against;    /* what the reference is */
    double reference_value; /* in the same unit */
    double bound;           /* 0: none */
} bench_result;

/* Prints a line of the report. */
void bench_print(const bench_result *result);

/* Reads "--seconds S" from a command line; ends the program when there is anything else. */
double bench_seconds(int argc, char **argv);

/* Keeps the compiler from leaving out what computed a value. */
void bench_use(const void *value);

#endif
