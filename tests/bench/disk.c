/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/disk.h"
#include "harness/data.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define MAX_TURNS 10000

static char folder_path[256];

static double now_s(void)
{
    struct timespec time;
    if (clock_gettime(CLOCK_MONOTONIC, &time) != 0)
        harness_die("there is no clock");
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double rate(bench_turn turn, void *context)
{
    double start = now_s();
    double done = turn(context);
    return done / (now_s() - start);
}

bench_pair bench_rates(bench_turn turn, bench_turn reference, void *context, double seconds)
{
    static double values[MAX_TURNS];
    static double references[MAX_TURNS];
    size_t turns = 0;
    (void)turn(context);
    (void)reference(context);
    double start = now_s();
    while ((now_s() - start < seconds || turns == 0) && turns < MAX_TURNS) {
        values[turns] = rate(turn, context);
        references[turns++] = rate(reference, context);
    }
    qsort(values, turns, sizeof values[0], compare);
    qsort(references, turns, sizeof references[0], compare);
    return (bench_pair){values[turns / 2], references[turns / 2]};
}

const char *bench_folder(void)
{
    (void)snprintf(folder_path, sizeof folder_path, "bench-files.XXXXXX");
    if (mkdtemp(folder_path) == NULL)
        harness_die("no folder can be made here");
    return folder_path;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

void bench_folder_remove(void)
{
    if (nftw(folder_path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        harness_die("%s cannot be removed", folder_path);
}
