/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the request of a client: one certificate, perhaps a nonce. */
#include "ocsp/ocsp.h"

/* A CertID of at most 128 octets, a nonce of at most 128, and what is around them. */
#define REQUEST_ROOM 384

static auth_status refuse(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "OCSP request: %s", what);
}

static void put_nonce(der_writer *writer, auth_bytes nonce)
{
    size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(2));
    size_t extensions = der_open(writer, DER_SEQUENCE);
    size_t extension = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(OID_OCSP_NONCE));
    size_t value = der_open(writer, DER_OCTET_STRING);
    der_put_item(writer, DER_OCTET_STRING, nonce);
    der_close(writer, value);
    der_close(writer, extension);
    der_close(writer, extensions);
    der_close(writer, tagged);
}

static void put_request(der_writer *writer, const auth_ocsp_issuer *issuer, size_t row,
                        auth_bytes serial, auth_bytes nonce)
{
    size_t request = der_open(writer, DER_SEQUENCE);
    size_t tbs = der_open(writer, DER_SEQUENCE);
    size_t list = der_open(writer, DER_SEQUENCE);
    size_t question = der_open(writer, DER_SEQUENCE);
    ocsp_put_cert_id(writer, issuer, row, serial);
    der_close(writer, question);
    der_close(writer, list);
    if (nonce.len > 0)
        put_nonce(writer, nonce);
    der_close(writer, tbs);
    der_close(writer, request);
}

auth_status auth_ocsp_request_encode(const auth_ocsp_issuer *issuer, auth_bytes serial,
                                     auth_ocsp_hash hash, auth_bytes nonce, auth_buf *out,
                                     auth_error *err)
{
    size_t row = 0;
    while (row < OCSP_HASH_COUNT && ocsp_hashes[row].hash != hash)
        row++;
    if (row == OCSP_HASH_COUNT)
        return refuse(err, "no such hash; take SHA-1, SHA-256 or SM3");
    if (serial.len == 0 || serial.len > AUTH_SERIAL_MAX)
        return refuse(err, "a serial number has 1 to 20 octets (RFC 5280 4.1.2.2)");
    if (nonce.len > AUTH_OCSP_NONCE_MAX)
        return refuse(err, "a nonce has 1 to 128 octets (RFC 9654 2.1)");
    uint8_t room[REQUEST_ROOM];
    der_writer writer = der_writer_on(room, sizeof room);
    put_request(&writer, issuer, row, serial, nonce);
    if (writer.has_failed)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "OCSP request: it passed its room");
    return auth_buf_append(out, der_written(&writer), err);
}
