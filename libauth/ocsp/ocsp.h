/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of ocsp share: the CertID, the issuer, and who may sign answers for it. */
#ifndef OCSP_OCSP_H
#define OCSP_OCSP_H

#include "key/digest.h"
#include "x509/view.h"

#include <auth/ocsp.h>

/* The hashes that name an issuer, in the order of OCSP_HASHES and of auth_ocsp_hash. */
#define OCSP_HASH_COUNT 3
#define OCSP_HASH_MAX 32

typedef struct ocsp_hash_row {
    auth_ocsp_hash hash;
    oid algorithm;
    digest_algorithm digest;
} ocsp_hash_row;

extern const ocsp_hash_row ocsp_hashes[OCSP_HASH_COUNT];

struct auth_ocsp_issuer {
    uint8_t *der;
    x509_cert_view view; /* of der */
    auth_public_key *key;
    struct {
        size_t len;
        uint8_t name[OCSP_HASH_MAX];
        uint8_t key[OCSP_HASH_MAX];
    } hashes[OCSP_HASH_COUNT];
};

/* Takes a CertID. False for what is not of its form, or has hashes of another length. */
bool ocsp_take_cert_id(auth_bytes *cursor, auth_ocsp_cert_id *out);

/* Appends a CertID of an issuer. */
void ocsp_put_cert_id(der_writer *writer, const auth_ocsp_issuer *issuer, size_t row,
                      auth_bytes serial);

/* The bits of the public key in a SubjectPublicKeyInfo, which OCSP hashes. */
bool ocsp_key_bits(auth_bytes spki, auth_bytes *out);

/* Reads the value of a nonce extension: one OCTET STRING of 1 to 128 octets. */
bool ocsp_read_nonce(auth_bytes value, auth_bytes *out);

/*
 * Checks that the issuer itself let this certificate answer for it: issued and signed by it, with
 * extended key usage OCSPSigning and, if there is a key usage, digitalSignature; no unknown
 * critical extension. Its validity is the caller's. Errors: AUTH_STATUS_INVALID,
 * AUTH_STATUS_UNTRUSTED, AUTH_STATUS_UNSUPPORTED; what auth_public_key_verify returns.
 */
auth_status ocsp_check_delegation(const x509_cert_view *certificate, const auth_ocsp_issuer *issuer,
                                  auth_error *err) AUTH_MUST_CHECK;

/* An answer taken apart; everything borrows. */
typedef struct ocsp_response {
    auth_bytes tbs;            /* ResponseData whole: what is signed */
    auth_bytes responder_key;  /* one of both is empty: hash of the key, */
    auth_bytes responder_name; /* or Name whole */
    auth_time produced_at;
    auth_bytes singles; /* content of responses */
    x509_extensions extensions;
    auth_bytes algorithm;
    auth_bytes signature;
    auth_bytes certificates; /* content of certs; empty when absent */
} ocsp_response;

/*
 * Takes version if it is written: only 1 exists. It is the default, which DER leaves out (X.690
 * 11.5), but programs are about that write it, and others that read it. False for another version.
 */
bool ocsp_take_version(auth_bytes *tbs);

/* Reads an answer that fills der. Errors: as auth_ocsp_check, up to the signature. */
auth_status ocsp_response_parse(auth_bytes der, ocsp_response *out,
                                auth_error *err) AUTH_MUST_CHECK;

/* One SingleResponse. */
typedef struct ocsp_single {
    auth_ocsp_cert_id id;
    auth_ocsp_status status;
    auth_time revoked;
    auth_revocation_reason reason;
    auth_time this_update;
    bool has_next_update;
    auth_time next_update;
    x509_extensions extensions;
} ocsp_single;

/* Takes the next SingleResponse. Errors: AUTH_STATUS_MALFORMED; as x509_extensions_parse. */
auth_status ocsp_take_single(auth_bytes *singles, ocsp_single *out,
                             auth_error *err) AUTH_MUST_CHECK;

/*
 * Finds who signed an answer and verifies it. *responder is filled in when *is_delegated becomes
 * true; otherwise the issuer signed. Errors: as auth_ocsp_check.
 */
auth_status ocsp_check_signer(const ocsp_response *response, const auth_ocsp_issuer *issuer,
                              auth_time now, uint32_t skew_seconds, x509_cert_view *responder,
                              bool *is_delegated, auth_error *err) AUTH_MUST_CHECK;

#endif
