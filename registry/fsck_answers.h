/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds what clients were told and what OCSP responders were seen to answer, in a file that
 * somebody else kept (docs/answers.md), against the registry: that nothing acknowledged is missing,
 * that nothing was answered that the registry does not know, and that no certificate was called
 * good when its revocation had been acknowledged for a second.
 */
#ifndef REGISTRY_FSCK_ANSWERS_H
#define REGISTRY_FSCK_ANSWERS_H

#include "connection.h"
#include "finding.h"

/* The most lines of a file that say what was told; what was seen is not bounded. */
#define REGISTRY_ANSWERS_TOLD_MAX 2000000

typedef struct registry_answers_summary {
    uint64_t told;
    uint64_t seen;
} registry_answers_summary;

/*
 * Runs the check of one file, as the role auth_auditor. Faults go to the reporter by file and line;
 * *out is added to.
 *
 * Errors: AUTH_STATUS_NOT_FOUND, AUTH_STATUS_DENIED or AUTH_STATUS_IO for the file;
 * AUTH_STATUS_MALFORMED for a line that is none; AUTH_STATUS_LIMIT above
 * REGISTRY_ANSWERS_TOLD_MAX; those of registry_run; AUTH_STATUS_MEMORY.
 */
auth_status registry_fsck_answers(registry_connection *connection, const char *path,
                                  registry_reporter *reporter, registry_answers_summary *out,
                                  auth_error *err) AUTH_MUST_CHECK;

#endif
