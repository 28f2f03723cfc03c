/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Examines the whole ledger: that every entry is in the tree once and as it was hashed, that its
 * columns say what its body says, that nodes, heads and signatures fit, that every stored head is
 * in the anchor, and that every head that was kept elsewhere is a beginning of this tree. It reads
 * the registry page by page in one snapshot, changes nothing, and needs no more memory for a large
 * ledger than for a small one.
 */
#ifndef REGISTRY_LEDGER_VERIFY_H
#define REGISTRY_LEDGER_VERIFY_H

#include "finding.h"
#include "ledger.h"

/* The most files of heads. */
#define REGISTRY_LEDGER_FILES_MAX 64

typedef struct registry_ledger_examination {
    const char *realm;           /* NULL: as the registry says */
    registry_ledger_trust trust; /* whose heads are believed; none: authorities of the registry */
    const char *const *anchors;  /* anchor files; together they hold every stored head */
    size_t anchor_count;
    const char *const *heads; /* files with heads that were kept, in rising order each */
    size_t head_count;
} registry_ledger_examination;

typedef struct registry_ledger_summary {
    uint64_t entries; /* in the tree */
    uint64_t pending; /* that wait for their place */
    uint64_t heads;
    merkle_hash root;
} registry_ledger_summary;

/*
 * Examines the ledger, in a transaction of its own. Faults go to the reporter; that there are some
 * is no error of the call.
 *
 * Errors: those of registry_run and of reading files; AUTH_STATUS_LIMIT for too many files;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status registry_ledger_verify(registry_connection *connection, registry_crypto *crypto,
                                   const registry_ledger_examination *asked,
                                   registry_reporter *reporter, registry_ledger_summary *out,
                                   auth_error *err) AUTH_MUST_CHECK;

#endif
