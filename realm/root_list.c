/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/root_list.h"

#include "realm/crl_address.h"
#include "realm/realm.h"
#include "registry/crypto.h"
#include "registry/ledger.h"
#include "registry/revocation.h"

#include <auth/crl.h>
#include <stdio.h>

#define SHARD 0
#define ENTRIES_MAX 1000
#define LIST_MAX ((size_t)256 << 10)

static auth_status begin(const realm_root_list *of, const registry_crl *crl, auth_bytes address,
                         auth_crl_builder **out, auth_error *err)
{
    uint8_t number[REALM_CRL_NUMBER_SIZE];
    auth_crl_settings settings = {.issuer = auth_cert_subject(of->root),
                                  .key_id = auth_cert_subject_key_id(of->root),
                                  .this_update = crl->this_update,
                                  .next_update = crl->next_update,
                                  .number = realm_crl_number(crl->number, number),
                                  .distribution_point = (const char *)address.data};
    return auth_crl_builder_new(&settings, out, err);
}

static auth_status add(registry_connection *connection, const registry_crl *crl,
                       auth_crl_builder *builder, auth_error *err)
{
    AUTH_AUTO(registry_result) *page = NULL;
    registry_revocation act;
    auth_bytes first = {(const uint8_t *)"", 0};
    auth_status status =
        registry_revocation_list_crl(connection, REALM_AUTHORITY_ROOT, SHARD, crl->this_update,
                                     first, ENTRIES_MAX, &page, err);
    size_t rows = status == AUTH_STATUS_OK ? registry_result_rows(page) : 0;
    if (rows == ENTRIES_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "root: more than %d certificates are revoked; make a new realm",
                              ENTRIES_MAX - 1);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < rows; i++) {
        status = registry_revocation_read(page, i, &act, err);
        auth_crl_entry entry = {.serial = act.serial,
                                .revoked = act.at,
                                .reason = (auth_revocation_reason)act.reason};
        if (status == AUTH_STATUS_OK)
            status = auth_crl_builder_add(builder, &entry, err);
    }
    return status;
}

static auth_status sign(registry_connection *connection, const realm_root_list *of,
                        registry_crl *crl, auth_buf *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *address = NULL;
    AUTH_AUTO(auth_crl_builder) *builder = NULL;
    auth_status status = realm_crl_address(of->base, auth_cert_subject_key_id(of->root), SHARD,
                                           REALM_CRL_FULL, &address, err);
    if (status == AUTH_STATUS_OK)
        status = begin(of, crl, auth_buf_bytes(address), &builder, err);
    if (status == AUTH_STATUS_OK)
        status = add(connection, crl, builder, err);
    if (status == AUTH_STATUS_OK)
        status = auth_crl_builder_finish(builder, of->signer, out, err);
    if (status != AUTH_STATUS_OK)
        return status;
    crl->entry_count = (int64_t)auth_crl_builder_count(builder);
    crl->der = auth_buf_bytes(out);
    return AUTH_STATUS_OK;
}

static auth_status tell(registry_connection *connection, const realm_root_list *of,
                        const registry_crl *crl, auth_error *err)
{
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    registry_ledger_body body = {.event = REGISTRY_LEDGER_EVENT_CRL,
                                 .at = of->now,
                                 .item = REGISTRY_LEDGER_NO_ITEM,
                                 .has_document = true};
    (void)snprintf(body.realm, sizeof body.realm, "%s", of->realm);
    (void)snprintf(body.detail, sizeof body.detail, "crl %d/%d/%lld", REALM_AUTHORITY_ROOT, SHARD,
                   (long long)crl->number);
    auth_status status = registry_crypto_new(&crypto, err);
    if (status == AUTH_STATUS_OK)
        status = registry_sha256(crypto, &crl->der, 1, body.document, err);
    return status == AUTH_STATUS_OK ? registry_ledger_append(connection, &body, 0, err) : status;
}

auth_status realm_root_list_make(registry_connection *connection, const realm_root_list *of,
                                 registry_crl *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *der = NULL;
    registry_crl crl = {.this_update = of->now, .next_update = of->now + REALM_ROOT_LIST_S};
    auth_status status = auth_buf_new(LIST_MAX, &der, err);
    if (status == AUTH_STATUS_OK)
        status =
            registry_crl_take_number(connection, REALM_AUTHORITY_ROOT, SHARD, &crl.number, err);
    if (status == AUTH_STATUS_OK)
        status = sign(connection, of, &crl, der, err);
    if (status == AUTH_STATUS_OK)
        status = registry_crl_insert(connection, REALM_AUTHORITY_ROOT, SHARD, &crl, err);
    if (status == AUTH_STATUS_OK)
        status = tell(connection, of, &crl, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = crl;
    out->der = (auth_bytes){NULL, 0};
    return AUTH_STATUS_OK;
}
