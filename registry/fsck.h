/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Examines the whole registry: that every certificate has its request, its outcome and its entry in
 * the ledger; that its row says what its DER says and the authority signed it; that revocations
 * follow each other, were asked for and are on the CRLs; that live certificates are those that
 * should be; that every act has its entry and every entry its act; and the ledger itself
 * (ledger_verify.h). What it finds is named by table and row.
 *
 * It is for auditors, and reads as the role auth_auditor: page by page, changing nothing, in memory
 * that does not grow with the registry. Each part sees the registry at one moment; rows that come
 * in the meantime are seen with all that belongs to them, because they are written in one
 * transaction.
 */
#ifndef REGISTRY_FSCK_H
#define REGISTRY_FSCK_H

#include "ledger_verify.h"

typedef struct registry_fsck_summary {
    registry_ledger_summary ledger;
    uint64_t certificates;
    uint64_t crls;
} registry_fsck_summary;

/*
 * Runs all checks. Faults go to the reporter; that there are some is no error of the call.
 *
 * Errors: those of registry_ledger_verify.
 */
auth_status registry_fsck(registry_connection *connection, registry_crypto *crypto,
                          const registry_ledger_examination *examination,
                          registry_reporter *reporter, registry_fsck_summary *out,
                          auth_error *err) AUTH_MUST_CHECK;

#endif
