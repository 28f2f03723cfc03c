/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads in rising order of their trees, from the registry's table or from a file, one at a time.
 * What is no head, has a signature that does not count or goes back is reported and left out.
 * Internal to registry/.
 */
#ifndef REGISTRY_WITNESS_H
#define REGISTRY_WITNESS_H

#include "anchor.h"
#include "connection.h"
#include "finding.h"
#include "ledger_head.h"
#include "result.h"

#define WITNESS_ROW_SIZE 1100

typedef struct witness {
    const char *table; /* of findings: "ledger_head", "anchor" or "head" */
    const char *realm;
    const registry_ledger_trust *trust;
    registry_reporter *reporter;
    registry_connection *connection; /* of stored heads */
    registry_result *page;
    size_t page_at;
    registry_anchor *file;
    bool is_done;
    uint64_t count; /* heads read */
    registry_ledger_head head;
    char row[WITNESS_ROW_SIZE]; /* where the head stands: its key, or file and line */
} witness;

/* Begins with the stored heads; head is the first of them. Errors: those of registry_run. */
auth_status witness_open_stored(witness *out, registry_connection *connection,
                                auth_error *err) AUTH_MUST_CHECK;

/* Begins with a file that was opened before. Errors: those of registry_anchor_next. */
auth_status witness_open_file(witness *out, registry_anchor *file, auth_error *err) AUTH_MUST_CHECK;

/* Goes to the next head, or sets is_done. Errors: as of the two above; AUTH_STATUS_MEMORY. */
auth_status witness_next(witness *it, auth_error *err) AUTH_MUST_CHECK;

/* Frees what it holds, but for the file. */
void witness_close(witness *it);

#endif
