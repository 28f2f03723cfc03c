/* SPDX-License-Identifier: Apache-2.0 */
#include "crl_build.h"

#include "realm/crl_address.h"

#include <auth/cert.h>
#include <auth/crl.h>
#include <string.h>

#define PAGE 1000

typedef struct addresses {
    auth_buf *full;
    auth_buf *delta;
} addresses;

static auth_status begin(const crl_order *order, const auth_cert *cert, const addresses *at,
                         auth_crl_builder **out, auth_error *err)
{
    uint8_t number[REALM_CRL_NUMBER_SIZE];
    uint8_t base[REALM_CRL_NUMBER_SIZE];
    bool is_delta = order->crl.base_number != 0;
    auth_crl_settings settings = {
        .issuer = auth_cert_subject(cert),
        .key_id = auth_cert_subject_key_id(cert),
        .this_update = order->crl.this_update,
        .next_update = order->crl.next_update,
        .number = realm_crl_number(order->crl.number, number),
        .distribution_point = (const char *)auth_buf_bytes(at->full).data,
        .freshest_crl = is_delta ? NULL : (const char *)auth_buf_bytes(at->delta).data,
    };
    if (is_delta)
        settings.base_number = realm_crl_number(order->crl.base_number, base);
    return auth_crl_builder_new(&settings, out, err);
}

static auth_status add(auth_crl_builder *builder, const registry_revocation *act, auth_error *err)
{
    bool is_good = act->action == REGISTRY_ACTION_RESUME;
    auth_crl_entry entry = {
        .serial = act->serial,
        .revoked = act->at,
        .reason =
            is_good ? AUTH_REVOCATION_REASON_REMOVE_FROM_CRL : (auth_revocation_reason)act->reason,
    };
    return auth_crl_builder_add(builder, &entry, err);
}

static auth_status list(registry_connection *connection, const crl_order *order, auth_bytes after,
                        registry_result **out, auth_error *err)
{
    if (order->crl.base_number != 0)
        return registry_revocation_list_changes(connection, order->authority->id, order->shard,
                                                order->base_revision, after, PAGE, out, err);
    return registry_revocation_list_crl(connection, order->authority->id, order->shard,
                                        order->crl.this_update, after, PAGE, out, err);
}

/* Adds a page of acts and moves after to its end; *rows tells how many there were. */
static auth_status add_page(registry_connection *connection, const crl_order *order,
                            auth_crl_builder *builder, uint8_t room[AUTH_SERIAL_MAX],
                            auth_bytes *after, size_t *rows, auth_error *err)
{
    AUTH_AUTO(registry_result) *page = NULL;
    registry_revocation act = {.serial = {NULL, 0}};
    auth_status status = list(connection, order, *after, &page, err);
    *rows = status == AUTH_STATUS_OK ? registry_result_rows(page) : 0;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < *rows; i++) {
        status = registry_revocation_read(page, i, &act, err);
        if (status == AUTH_STATUS_OK)
            status = add(builder, &act, err);
    }
    if (status != AUTH_STATUS_OK || *rows == 0)
        return status;
    memcpy(room, act.serial.data, act.serial.len);
    *after = (auth_bytes){room, act.serial.len};
    return AUTH_STATUS_OK;
}

static auth_status add_all(registry_connection *connection, const crl_order *order,
                           auth_crl_builder *builder, auth_error *err)
{
    uint8_t room[AUTH_SERIAL_MAX];
    auth_bytes after = {(const uint8_t *)"", 0};
    size_t rows = PAGE;
    auth_status status = AUTH_STATUS_OK;
    while (status == AUTH_STATUS_OK && rows == PAGE)
        status = add_page(connection, order, builder, room, &after, &rows, err);
    return status;
}

auth_status crl_build(registry_connection *connection, const crl_order *order, auth_buf *out,
                      int64_t *entries, auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    AUTH_AUTO(auth_crl_builder) *builder = NULL;
    addresses at = {NULL, NULL};
    auth_status status = auth_cert_parse(order->authority->certificate, &cert, err);
    if (status == AUTH_STATUS_OK)
        status = realm_crl_address(order->setting->base, auth_cert_subject_key_id(cert),
                                   order->shard, REALM_CRL_FULL, &at.full, err);
    if (status == AUTH_STATUS_OK)
        status = realm_crl_address(order->setting->base, auth_cert_subject_key_id(cert),
                                   order->shard, REALM_CRL_DELTA, &at.delta, err);
    if (status == AUTH_STATUS_OK)
        status = begin(order, cert, &at, &builder, err);
    if (status == AUTH_STATUS_OK)
        status = add_all(connection, order, builder, err);
    if (status == AUTH_STATUS_OK)
        status = auth_crl_builder_finish(builder, order->authority->signer, out, err);
    if (status == AUTH_STATUS_OK)
        *entries = (int64_t)auth_crl_builder_count(builder);
    auth_buf_free(at.full);
    auth_buf_free(at.delta);
    return status;
}
