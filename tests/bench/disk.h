/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the benchmarks of files share. A disk is waited for, so time is the wall clock's, and the
 * reference is measured in turns with what it is held against: what slows one slows the other.
 */
#ifndef BENCH_DISK_H
#define BENCH_DISK_H

#include "bench/bench.h"

/* The median rates of two turns that are run one after the other until the time is over. */
typedef struct bench_pair {
    double value;
    double reference;
} bench_pair;

bench_pair bench_rates(bench_turn turn, bench_turn reference, void *context, double seconds);

/* Makes a private folder in the build folder, so on a disk and not in memory; frees nothing. */
const char *bench_folder(void);

/* Removes it with all that is in it. */
void bench_folder_remove(void);

#endif
