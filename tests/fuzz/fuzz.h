/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz targets share. Each target is one file fuzz_<name>.c with LLVMFuzzerTestOneInput:
 * with -Dfuzz=true libFuzzer drives it, and in every build replay.c runs it on the kept inputs of
 * corpus/<name>/ as a normal test.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <auth/bytes.h>
#include <stdio.h>
#include <stdlib.h>

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for this name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stops at a property that does not hold. */
#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);   \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
