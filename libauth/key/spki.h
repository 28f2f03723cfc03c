/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of public keys: reads a SubjectPublicKeyInfo, bounds its parameters and writes the
 * canonical one, without OpenSSL. Internal to key/.
 */
#ifndef KEY_SPKI_H
#define KEY_SPKI_H

#include "base/der.h"

#include <auth/key.h>

typedef struct spki_fields {
    auth_key_type type;
    unsigned bits;
    auth_bytes point;    /* EC, SM2: octets of the point, compressed or not; Ed25519: 32 octets */
    auth_bytes modulus;  /* RSA: big-endian, without leading zeros */
    auth_bytes exponent; /* RSA: likewise */
} spki_fields;

/* Reads a SubjectPublicKeyInfo. Errors: as auth_public_key_parse, points on no curve excepted. */
auth_status spki_read(auth_bytes spki, spki_fields *out, auth_error *err) AUTH_MUST_CHECK;

/* Reads an AlgorithmIdentifier of a key. bits is 0 for RSA. Errors: as spki_read. */
auth_status spki_read_algorithm(auth_bytes *cursor, auth_key_type *type, unsigned *bits,
                                auth_error *err) AUTH_MUST_CHECK;

/* Checks an RSA modulus and exponent, INTEGER contents, and sets both and the bits of out. */
auth_status spki_read_rsa_numbers(auth_bytes modulus, auth_bytes exponent, spki_fields *out,
                                  auth_error *err) AUTH_MUST_CHECK;

/* Writes the AlgorithmIdentifier of keys of a type. */
void spki_put_algorithm(der_writer *writer, auth_key_type type);

/* Writes the AlgorithmIdentifier and key of fields as canonical SPKI. 0: it does not fit. */
size_t spki_write(const spki_fields *fields, uint8_t *out, size_t size);

#endif
