/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens every stored request document, which only a holder of the master key can, and holds it
 * against its row: that it is the document whose hash the ledger has, of this id, kind and office,
 * about these persons and certificates, and signed by those whom the registry names. Whether the
 * signers were the right ones by the policy is not asked again.
 */
#ifndef REGISTRY_FSCK_DOCUMENT_H
#define REGISTRY_FSCK_DOCUMENT_H

#include "connection.h"
#include "finding.h"
#include "keyring.h"

/*
 * Runs the check, as the role auth_auditor. Faults go to the reporter; count becomes how many
 * documents there are.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when ring lacks a generation in use; AUTH_STATUS_DENIED when a key
 * of it is not the registry's; those of registry_run; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status registry_fsck_documents(registry_connection *connection, const registry_keyring *ring,
                                    registry_crypto *crypto, registry_reporter *reporter,
                                    uint64_t *count, auth_error *err) AUTH_MUST_CHECK;

#endif
