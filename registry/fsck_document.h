/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens every stored request document, which only a holder of the master key can, and holds it
 * against its row: that it is the document whose hash the ledger has, of this id, kind and office,
 * about these persons and certificates, and signed by those whom the registry names.
 *
 * Each document that was obeyed, though it be in part, is evaluated again by the policy
 * (auth/quorum.h), with what the registry knew just before it was obeyed: who was revoked or
 * dismissed later counts. A ceremony (registry/realm.h) is judged by the root's signature, and
 * must name each certificate that came of it, or the daemon's certificate that it renews.
 */
#ifndef REGISTRY_FSCK_DOCUMENT_H
#define REGISTRY_FSCK_DOCUMENT_H

#include "connection.h"
#include "finding.h"
#include "keyring.h"
#include "ledger_head.h"

#include <auth/policy.h>

/* What documents are judged by. Borrowed. */
typedef struct registry_document_examination {
    const registry_keyring *ring; /* with a master key of each generation in use */
    const auth_policy *policy;
    /*
     * The roots that the authorities named staff and citizens come from; what is no root is passed
     * over. None: the authority of the registry named root.
     */
    registry_ledger_trust trust;
} registry_document_examination;

/*
 * Runs the check, as the role auth_auditor. Faults go to the reporter; count becomes how many
 * documents there are.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when the ring lacks a generation in use; AUTH_STATUS_DENIED when a
 * key of it is not the registry's; AUTH_STATUS_CONFLICT when a document was obeyed and two
 * generations are in use, between which persons cannot be compared; those of registry_run;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status registry_fsck_documents(registry_connection *connection,
                                    const registry_document_examination *by,
                                    registry_crypto *crypto, registry_reporter *reporter,
                                    uint64_t *count, auth_error *err) AUTH_MUST_CHECK;

#endif
