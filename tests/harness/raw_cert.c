/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/raw_cert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

static raw_bytes finish(const uint8_t *octets, const der_writer *writer)
{
    if (writer->has_failed)
        harness_die("a test object passed %d octets", RAW_CERT_MAX);
    raw_bytes out = {.len = writer->len};
    memcpy(out.octets, octets, out.len);
    return out;
}

auth_signer *raw_signer_load(const char *name)
{
    char path[64];
    size_t len = 0;
    auth_error err;
    auth_signer *signer = NULL;
    (void)snprintf(path, sizeof path, "keys/%s.pem", name);
    char *pem = harness_read_data(path, &len);
    must(auth_signer_parse((auth_bytes){(const uint8_t *)pem, len}, NULL, NULL, &signer, &err),
         &err);
    free(pem);
    return signer;
}

auth_signer *raw_signer_new(auth_key_type type)
{
    auth_error err;
    auth_signer *signer = NULL;
    must(auth_signer_generate(type, type == AUTH_KEY_TYPE_RSA ? 2048 : 0, &signer, &err), &err);
    return signer;
}

raw_bytes raw_name(const char *common_name)
{
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    size_t name = der_open(&writer, DER_SEQUENCE);
    size_t set = der_open(&writer, DER_SET);
    size_t attribute = der_open(&writer, DER_SEQUENCE);
    der_put_oid(&writer, oid_bytes(OID_COMMON_NAME));
    der_put_item(&writer, DER_UTF8_STRING, auth_bytes_from_text(common_name));
    der_close(&writer, attribute);
    der_close(&writer, set);
    der_close(&writer, name);
    return finish(room.octets, &writer);
}

void raw_put_extension(der_writer *writer, oid id, bool is_critical, auth_bytes value)
{
    size_t extension = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(id));
    if (is_critical)
        der_put_bool(writer, true);
    der_put_item(writer, DER_OCTET_STRING, value);
    der_close(writer, extension);
}

void raw_put_signed(der_writer *writer, auth_bytes tbs, const auth_signer *signer)
{
    auth_error err;
    auth_signature signature;
    must(auth_signer_sign(signer, tbs, &signature, &err), &err);
    size_t whole = der_open(writer, DER_SEQUENCE);
    der_put(writer, tbs);
    der_put(writer, auth_signer_algorithm(signer));
    der_put_bit_octets(writer, (auth_bytes){signature.octets, signature.len});
    der_close(writer, whole);
}

static void put_name(der_writer *writer, const char *common_name)
{
    raw_bytes name = raw_name(common_name);
    der_put(writer, RAW(name));
}

static void put_tbs(der_writer *writer, const raw_cert *cert, const auth_public_key *key,
                    const auth_signer *signer)
{
    size_t tbs = der_open(writer, DER_SEQUENCE);
    size_t version = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
    der_put_uint(writer, 2);
    der_close(writer, version);
    der_put_uint(writer, cert->serial);
    der_put(writer, auth_signer_algorithm(signer));
    put_name(writer, cert->issuer);
    size_t validity = der_open(writer, DER_SEQUENCE);
    der_put_time(writer, cert->not_before);
    der_put_time(writer, cert->not_after);
    der_close(writer, validity);
    put_name(writer, cert->subject);
    der_put(writer, auth_public_key_spki(key));
    if (cert->extensions.len > 0) {
        size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(3));
        der_put_item(writer, DER_SEQUENCE, cert->extensions);
        der_close(writer, tagged);
    }
    der_close(writer, tbs);
}

raw_bytes raw_cert_make(const raw_cert *cert, const auth_public_key *key, const auth_signer *signer)
{
    raw_bytes tbs;
    raw_bytes whole;
    der_writer tbs_writer = der_writer_on(tbs.octets, sizeof tbs.octets);
    put_tbs(&tbs_writer, cert, key, signer);
    der_writer writer = der_writer_on(whole.octets, sizeof whole.octets);
    raw_put_signed(&writer, der_written(&tbs_writer), signer);
    return finish(whole.octets, &writer);
}

static void put_key_usage(der_writer *writer, uint32_t bits)
{
    uint8_t room[8];
    der_writer value = der_writer_on(room, sizeof room);
    der_put_named_bits(&value, DER_BIT_STRING, bits);
    raw_put_extension(writer, OID_KEY_USAGE, true, der_written(&value));
}

raw_bytes raw_authority_extensions(void)
{
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    raw_put_extension(&writer, OID_BASIC_CONSTRAINTS, true, BYTES("\x30\x03\x01\x01\xff"));
    put_key_usage(&writer, 1U << 5 | 1U << 6); /* keyCertSign, cRLSign */
    return finish(room.octets, &writer);
}

raw_bytes raw_responder_extensions(void)
{
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    put_key_usage(&writer, 1U << 0); /* digitalSignature */
    raw_put_extension(&writer, OID_EXTENDED_KEY_USAGE, false,
                      BYTES("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x09"));
    raw_put_extension(&writer, OID_OCSP_NO_CHECK, false, BYTES("\x05\x00"));
    return finish(room.octets, &writer);
}
