/* SPDX-License-Identifier: Apache-2.0 */
/* Signing what stands as granted. auth_issue_seal verifies each signature before it is used. */
#include "batch.h"

#define CERTIFICATE_MAX 65536

typedef struct signing {
    ca_batch *batch;
    registry_queue_batch *claimed;
} signing;

static auth_status sign(void *context, unsigned thread, size_t turn, auth_error *err)
{
    const signing *of = context;
    registry_decision *decision = &of->claimed->decisions[turn];
    (void)thread;
    if (!registry_queue_is_active(of->claimed, decision->document) ||
        !registry_decision_is_granted(decision) || decision->serial.data == NULL ||
        decision->der.data != NULL)
        return AUTH_STATUS_OK;
    auth_signature signature;
    ca_item *item = &of->batch->items[of->batch->decided[turn]];
    auth_buf_free(item->der);
    item->der = NULL;
    auth_status status = auth_buf_new(CERTIFICATE_MAX, &item->der, err);
    if (status == AUTH_STATUS_OK)
        status = auth_signer_sign(item->issuer->authority->signer, auth_tbs_bytes(item->tbs),
                                  &signature, err);
    if (status == AUTH_STATUS_OK)
        status = auth_issue_seal(item->tbs, (auth_bytes){signature.octets, signature.len},
                                 auth_issuer_key(item->issuer->issuer), item->der, err);
    if (status == AUTH_STATUS_OK)
        decision->der = auth_buf_bytes(item->der);
    /* A signature that does not verify says nothing about the item: key or token is broken. */
    return status == AUTH_STATUS_UNTRUSTED ? AUTH_STATUS_CRYPTO : status;
}

auth_status ca_sign(ca_batch *batch, registry_queue_batch *claimed, auth_error *err)
{
    signing of = {batch, claimed};
    return ca_team_run(batch->worker->team, claimed->decision_count, sign, &of, err);
}
