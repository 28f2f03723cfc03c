/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/status_pki.h"

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

status_pki status_pki_new(const char *key)
{
    auth_error err;
    status_pki pki = {.authority = raw_signer_load(key)};
    const auth_public_key *public_key = auth_signer_public_key(pki.authority);
    raw_bytes extensions = raw_authority_extensions();
    raw_cert root = {"A",
                     "A",
                     1,
                     STATUS_NOW - 365 * STATUS_DAY,
                     STATUS_NOW + 3650 * STATUS_DAY,
                     RAW(extensions)};
    pki.delegate = raw_signer_new(auth_public_key_type(public_key));
    pki.authority_der = raw_cert_make(&root, public_key, pki.authority);
    pki.delegate_der = status_delegate_make(&pki, &(status_delegate){0});
    must(auth_ocsp_issuer_new(RAW(pki.authority_der), &pki.issuer, &err), &err);
    return pki;
}

void status_pki_free(status_pki *pki)
{
    auth_ocsp_issuer_free(pki->issuer);
    auth_signer_free(pki->delegate);
    auth_signer_free(pki->authority);
}

raw_bytes status_delegate_make(const status_pki *pki, const status_delegate *delegate)
{
    raw_bytes extensions = raw_responder_extensions();
    raw_cert cert = {
        .issuer = delegate->issuer == NULL ? "A" : delegate->issuer,
        .subject = "R",
        .serial = 2,
        .not_before = delegate->not_before == 0 ? STATUS_NOW - STATUS_DAY : delegate->not_before,
        .not_after = delegate->not_after == 0 ? STATUS_NOW + STATUS_DAY : delegate->not_after,
        .extensions = delegate->extensions.data == NULL ? RAW(extensions) : delegate->extensions,
    };
    return raw_cert_make(&cert, auth_signer_public_key(pki->delegate),
                         delegate->signer == NULL ? pki->authority : delegate->signer);
}

static void put_extensions(der_writer *writer, auth_bytes extensions)
{
    if (extensions.data == NULL)
        return;
    size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(1));
    der_put_item(writer, DER_SEQUENCE, extensions);
    der_close(writer, tagged);
}

/* The CertID stands in a request as libauth writes it, so it is cut out of one. */
static void put_cert_id(der_writer *writer, const auth_ocsp_issuer *issuer, auth_bytes serial)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *der = NULL;
    AUTH_AUTO(auth_ocsp_request) *request = NULL;
    must(auth_buf_new(1024, &der, &err), &err);
    must(auth_ocsp_request_encode(issuer, serial, AUTH_OCSP_HASH_SHA256, (auth_bytes){NULL, 0}, der,
                                  &err),
         &err);
    must(auth_ocsp_request_parse(auth_buf_bytes(der), &request, &err), &err);
    der_put(writer, auth_ocsp_request_cert_id(request, 0)->der);
}

void status_put_single(der_writer *writer, const status_single *single)
{
    size_t mark = der_open(writer, DER_SEQUENCE);
    put_cert_id(writer, single->issuer, single->serial);
    der_put(writer, single->status);
    der_put_generalized_time(writer, single->this_update);
    if (single->next_update != 0) {
        size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
        der_put_generalized_time(writer, single->next_update);
        der_close(writer, tagged);
    }
    put_extensions(writer, single->extensions);
    der_close(writer, mark);
}

static void put_responder(der_writer *writer, const status_answer *answer)
{
    uint8_t key_id[AUTH_KEY_ID_SIZE];
    if (answer->responder.data != NULL) {
        der_put(writer, answer->responder);
        return;
    }
    auth_public_key_id(auth_signer_public_key(answer->signer), key_id);
    size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(2));
    der_put_item(writer, DER_OCTET_STRING, (auth_bytes){key_id, sizeof key_id});
    der_close(writer, tagged);
}

static void put_basic(der_writer *writer, const status_answer *answer)
{
    auth_error err;
    auth_signature signature;
    raw_bytes room;
    der_writer tbs = der_writer_on(room.octets, sizeof room.octets);
    size_t mark = der_open(&tbs, DER_SEQUENCE);
    der_put(&tbs, answer->before);
    put_responder(&tbs, answer);
    der_put_generalized_time(&tbs, answer->produced_at);
    der_put_item(&tbs, DER_SEQUENCE, answer->singles);
    put_extensions(&tbs, answer->extensions);
    der_close(&tbs, mark);
    must(auth_signer_sign(answer->signer, der_written(&tbs), &signature, &err), &err);

    size_t basic = der_open(writer, DER_SEQUENCE);
    der_put(writer, der_written(&tbs));
    der_put(writer, auth_signer_algorithm(answer->signer));
    der_put_bit_octets(writer, (auth_bytes){signature.octets, signature.len});
    if (answer->certificates.data != NULL) {
        size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
        der_put_item(writer, DER_SEQUENCE, answer->certificates);
        der_close(writer, tagged);
    }
    der_close(writer, basic);
}

raw_bytes status_answer_make(const status_answer *answer)
{
    raw_bytes out;
    der_writer writer = der_writer_on(out.octets, sizeof out.octets);
    size_t whole = der_open(&writer, DER_SEQUENCE);
    der_put_enumerated(&writer, 0);
    size_t tagged = der_open(&writer, DER_CONTEXT_CONSTRUCTED(0));
    size_t bytes = der_open(&writer, DER_SEQUENCE);
    der_put_oid(&writer, oid_bytes(OID_OCSP_BASIC));
    size_t octets = der_open(&writer, DER_OCTET_STRING);
    put_basic(&writer, answer);
    der_close(&writer, octets);
    der_close(&writer, bytes);
    der_close(&writer, tagged);
    der_close(&writer, whole);
    der_put(&writer, answer->behind);
    if (writer.has_failed)
        harness_die("an answer passed %d octets", RAW_CERT_MAX);
    out.len = writer.len;
    return out;
}
