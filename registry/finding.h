/* SPDX-License-Identifier: Apache-2.0 */
/* What an examination of the registry finds wrong, and how far it is. */
#ifndef REGISTRY_FINDING_H
#define REGISTRY_FINDING_H

#include <auth/error.h>
#include <stdint.h>

/* One fault. All texts are borrowed and hold nothing about persons. */
typedef struct registry_finding {
    const char *table; /* "certificate", "anchor" */
    const char *row;   /* its primary key, or a file and line */
    const char *text;  /* what is wrong, by which rule */
} registry_finding;

/* Whom an examination reports to. Functions may be NULL; context is handed to both. */
typedef struct registry_reporter {
    void (*find)(void *context, const registry_finding *finding);
    /* part: what is being looked at, such as "ledger"; total is 0 when it is not known. */
    void (*progress)(void *context, const char *part, uint64_t done, uint64_t total);
    void *context;
    uint64_t found; /* faults so far */
} registry_reporter;

/* Reports a fault. */
void registry_report(registry_reporter *to, const char *table, const char *row, const char *format,
                     ...) AUTH_PRINTF(4, 5);

void registry_report_progress(registry_reporter *to, const char *part, uint64_t done,
                              uint64_t total);

#endif
