/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document of a ceremony: a JWS like a request, but of a type of its own, so that neither is
 * ever taken for the other. It names what the root made, with the persons among it, so it is kept
 * sealed like requests.
 */
#include "realm/ceremony.h"

#include "daemon/json.h"

#include <auth/codec.h>
#include <auth/jws.h>

#define PAYLOAD_MAX ((size_t)64 << 10)
#define HEX_SIZE 80

static auth_status put_hex(daemon_json *json, const char *name, auth_bytes octets, auth_error *err)
{
    AUTH_AUTO(auth_buf) *hex = NULL;
    auth_status status = auth_buf_new(HEX_SIZE, &hex, err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_HEX, octets, hex, err);
    if (status == AUTH_STATUS_OK)
        daemon_json_text(json, name, auth_buf_bytes(hex));
    return status;
}

static void put(daemon_json *json, const char *name, const char *text)
{
    daemon_json_text(json, name, auth_bytes_from_text(text));
}

static void put_founder(daemon_json *json, const ceremony *of, const realm_founder *founder)
{
    put(json, "officer", founder->id);
    put(json, "role", auth_officer_role_name(AUTH_OFFICER_ROLE_ADMIN));
    put(json, "office", of->plan->centre);
    daemon_json_open(json, "person", '{');
    put(json, "type", auth_person_type_name(founder->number.type));
    daemon_json_text(json, "number", auth_person_number_reveal(&founder->number));
    put(json, "name", founder->name);
    daemon_json_close(json, '}');
}

static auth_status put_item(daemon_json *json, const ceremony *of, const ceremony_item *item,
                            auth_error *err)
{
    daemon_json_open(json, NULL, '{');
    put(json, "name", item->name);
    put(json, "profile", item->profile);
    put(json, "authority", realm_authority_name(item->issuer));
    auth_status status =
        put_hex(json, "serial", (auth_bytes){item->serial, sizeof item->serial}, err);
    if (status == AUTH_STATUS_OK)
        status = put_hex(json, "key", (auth_bytes){item->key_hash, sizeof item->key_hash}, err);
    if (status == AUTH_STATUS_OK)
        status = put_hex(json, "certificate",
                         (auth_bytes){item->fingerprint, sizeof item->fingerprint}, err);
    if (item->founder != NULL)
        put_founder(json, of, item->founder);
    daemon_json_close(json, '}');
    return status;
}

static auth_status write_payload(const ceremony *of, auth_error *err)
{
    char now[AUTH_TIME_TEXT_SIZE];
    daemon_json json = daemon_json_on(of->payload);
    auth_status status = AUTH_STATUS_OK;
    auth_time_format(of->plan->now, now);
    daemon_json_open(&json, NULL, '{');
    daemon_json_number(&json, "version", 1);
    put(&json, "id", of->id_text);
    put(&json, "realm", of->plan->name);
    put(&json, "created", now);
    daemon_json_open(&json, "items", '[');
    for (size_t i = 0; i < of->count && status == AUTH_STATUS_OK; i++)
        status = put_item(&json, of, &of->items[i], err);
    daemon_json_close(&json, ']');
    daemon_json_close(&json, '}');
    return status == AUTH_STATUS_OK ? daemon_json_end(&json, err) : status;
}

auth_status ceremony_document_write(ceremony *of, auth_error *err)
{
    const ceremony_item *root = ceremony_root(of);
    auth_bytes chain = auth_cert_der(root->cert);
    auth_jws_signing signing = {.type = REALM_CEREMONY_TYPE,
                                .signer = root->signer,
                                .chain = &chain,
                                .chain_len = 1,
                                .signed_at = of->plan->now};
    auth_status status = auth_request_id_new(of->plan->now * 1000, of->id_text, err);
    if (status == AUTH_STATUS_OK && !registry_uuid_parse(auth_bytes_from_text(of->id_text), of->id))
        status = auth_error_set(err, AUTH_STATUS_INTERNAL, "ceremony: its id is no UUID");
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(PAYLOAD_MAX, &of->payload, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_JWS_MAX, &of->document, err);
    if (status == AUTH_STATUS_OK)
        status = write_payload(of, err);
    if (status == AUTH_STATUS_OK)
        status = auth_jws_sign(auth_buf_bytes(of->payload), &signing, of->document, err);
    return status;
}
