/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/fetch_world.h"

#include <stdio.h>
#include <string.h>

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

fetch_world fetch_world_new(const char *key)
{
    fetch_world world = {.pki = status_pki_new(key), .server = web_open()};
    (void)snprintf(world.host, sizeof world.host, "127.0.0.1:%u", world.server.port);
    return world;
}

void fetch_world_free(fetch_world *world)
{
    web_stop(&world->server);
    status_pki_free(&world->pki);
}

static void put_uri(der_writer *writer, const char *uri)
{
    der_put_item(writer, DER_CONTEXT(6), auth_bytes_from_text(uri));
}

static void put_access(der_writer *writer, const char *uri)
{
    raw_bytes room;
    der_writer value = der_writer_on(room.octets, sizeof room.octets);
    size_t list = der_open(&value, DER_SEQUENCE);
    size_t row = der_open(&value, DER_SEQUENCE);
    der_put_oid(&value, oid_bytes(OID_AD_OCSP));
    put_uri(&value, uri);
    der_close(&value, row);
    der_close(&value, list);
    raw_put_extension(writer, OID_AUTHORITY_INFO_ACCESS, false, der_written(&value));
}

static void put_points(der_writer *writer, const char *uri)
{
    raw_bytes room;
    der_writer value = der_writer_on(room.octets, sizeof room.octets);
    size_t list = der_open(&value, DER_SEQUENCE);
    size_t point = der_open(&value, DER_SEQUENCE);
    size_t name = der_open(&value, DER_CONTEXT_CONSTRUCTED(0));
    size_t full = der_open(&value, DER_CONTEXT_CONSTRUCTED(0));
    put_uri(&value, uri);
    der_close(&value, full);
    der_close(&value, name);
    der_close(&value, point);
    der_close(&value, list);
    raw_put_extension(writer, OID_CRL_DISTRIBUTION_POINTS, false, der_written(&value));
}

raw_bytes fetch_world_cert_at(const fetch_world *world, uint8_t serial, const char *ocsp_uri,
                              const char *crl_uri)
{
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    if (ocsp_uri != NULL)
        put_access(&writer, ocsp_uri);
    if (crl_uri != NULL)
        put_points(&writer, crl_uri);
    raw_cert cert = {"A",
                     "Holder",
                     serial,
                     STATUS_NOW - STATUS_DAY,
                     STATUS_NOW + 365 * STATUS_DAY,
                     {room.octets, writer.len}};
    return raw_cert_make(&cert, auth_signer_public_key(world->pki.delegate), world->pki.authority);
}

raw_bytes fetch_world_cert(const fetch_world *world, uint8_t serial, const char *path)
{
    char uri[256];
    (void)snprintf(uri, sizeof uri, "http://%s%s", world->host, path);
    return fetch_world_cert_at(world, serial, uri, NULL);
}

/* CertStatus whole. */
static void put_status(der_writer *writer, const fetch_world_answer *answer)
{
    if (answer->status != AUTH_OCSP_REVOKED) {
        der_put(writer, answer->status == AUTH_OCSP_GOOD ? BYTES("\x80\x00") : BYTES("\x82\x00"));
        return;
    }
    size_t revoked = der_open(writer, DER_CONTEXT_CONSTRUCTED(1));
    der_put_generalized_time(writer, STATUS_NOW - 2 * FETCH_HOUR);
    if (answer->reason != AUTH_REVOCATION_REASON_UNSPECIFIED) {
        size_t reason = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
        der_put_enumerated(writer, (uint8_t)answer->reason);
        der_close(writer, reason);
    }
    der_close(writer, revoked);
}

raw_bytes fetch_world_ocsp(const fetch_world *world, const fetch_world_answer *answer)
{
    raw_bytes status_room;
    raw_bytes single_room;
    der_writer status = der_writer_on(status_room.octets, sizeof status_room.octets);
    der_writer single = der_writer_on(single_room.octets, sizeof single_room.octets);
    put_status(&status, answer);
    auth_time next = answer->next_update == 0 ? STATUS_NOW + FETCH_HOUR : answer->next_update;
    status_put_single(&single, &(status_single){
                                   .issuer = world->pki.issuer,
                                   .serial = {&answer->serial, 1},
                                   .status = der_written(&status),
                                   .this_update = answer->this_update == 0 ? STATUS_NOW - FETCH_HOUR
                                                                           : answer->this_update,
                                   .next_update = next < 0 ? 0 : next,
                               });
    return status_answer_make(&(status_answer){.produced_at = STATUS_NOW - 60,
                                               .singles = der_written(&single),
                                               .signer = world->pki.delegate,
                                               .certificates = RAW(world->pki.delegate_der)});
}

void fetch_world_put(fetch_world *world, const char *path, const fetch_world_answer *answer)
{
    raw_bytes der = fetch_world_ocsp(world, answer);
    web_put(&world->server, path, WEB_ANSWER,
            "200 OK\r\nContent-Type: application/ocsp-response\r\n", RAW(der));
}

raw_bytes fetch_world_crl_make(const fetch_world *world, const fetch_world_crl *crl)
{
    auth_error err;
    uint8_t key_id[AUTH_KEY_ID_SIZE];
    raw_bytes out;
    raw_bytes issuer = raw_name("A");
    AUTH_AUTO(auth_crl_builder) *builder = NULL;
    AUTH_AUTO(auth_buf) *der = NULL;
    auth_public_key_id(auth_signer_public_key(world->pki.authority), key_id);
    const auth_crl_settings settings = {
        .issuer = RAW(issuer),
        .key_id = {key_id, sizeof key_id},
        .this_update = crl->this_update == 0 ? STATUS_NOW - FETCH_HOUR : crl->this_update,
        .next_update = crl->next_update == 0 ? STATUS_NOW + FETCH_HOUR : crl->next_update,
        .number = {&crl->number, 1},
        .base_number = {&crl->base_number, crl->base_number == 0 ? 0 : 1},
        .distribution_point = crl->uri,
        .only_ca_certs = crl->only_ca_certs,
        .freshest_crl = crl->delta_uri,
    };
    const auth_crl_entry entry = {.serial = {&crl->serial, 1},
                                  .revoked = STATUS_NOW - STATUS_DAY,
                                  .reason = crl->reason};
    must(auth_crl_builder_new(&settings, &builder, &err), &err);
    if (crl->serial != 0)
        must(auth_crl_builder_add(builder, &entry, &err), &err);
    must(auth_buf_new(sizeof out.octets, &der, &err), &err);
    must(auth_crl_builder_finish(builder, crl->signer == NULL ? world->pki.authority : crl->signer,
                                 der, &err),
         &err);
    out.len = auth_buf_bytes(der).len;
    memcpy(out.octets, auth_buf_bytes(der).data, out.len);
    return out;
}

void fetch_world_put_crl(fetch_world *world, const char *path, const fetch_world_crl *crl)
{
    raw_bytes der = fetch_world_crl_make(world, crl);
    web_put(&world->server, path, WEB_ANSWER, "200 OK\r\nContent-Type: application/pkix-crl\r\n",
            RAW(der));
}

const char *fetch_world_uri(const fetch_world *world, const char *path)
{
    static char texts[4][256];
    static size_t next;
    char *text = texts[next++ % 4];
    (void)snprintf(text, sizeof texts[0], "http://%s%s", world->host, path);
    return text;
}

auth_fetch_options fetch_world_options(const fetch_world *world, auth_fetch_host *host)
{
    *host = (auth_fetch_host){.name = world->host, .may_be_private = true};
    return (auth_fetch_options){.hosts = host, .host_count = 1, .timeout_ms = 20000};
}

auth_fetcher *fetch_world_fetcher(const fetch_world *world, const auth_fetch_options *options)
{
    auth_error err;
    auth_fetch_host host;
    auth_fetcher *fetcher = NULL;
    auth_fetch_options usual = fetch_world_options(world, &host);
    must(auth_fetcher_new(options == NULL ? &usual : options, &fetcher, &err), &err);
    return fetcher;
}

auth_fetch_request fetch_world_request(const fetch_world *world, const raw_bytes *certificate)
{
    return (auth_fetch_request){
        .certificate = RAW(*certificate),
        .issuer = RAW(world->pki.authority_der),
        .now = STATUS_NOW,
    };
}
