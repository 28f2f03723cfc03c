/* SPDX-License-Identifier: Apache-2.0 */
/* The algorithms of auth/jws_algorithm.def, and the form that each gives a signature. */
#ifndef JWS_ALGORITHM_H
#define JWS_ALGORITHM_H

#include <auth/jws.h>

/* Finds an algorithm by the text of alg; 0 when there is none. */
auth_jws_algorithm jws_algorithm_named(auth_bytes name);

/* The one that libauth signs with for keys of this type. */
auth_jws_algorithm jws_algorithm_of(auth_key_type type);

/* The type of the keys that it belongs to. */
auth_key_type jws_algorithm_key(auth_jws_algorithm algorithm);

/* The AlgorithmIdentifier, DER; static. */
auth_bytes jws_algorithm_identifier(auth_jws_algorithm algorithm);

/*
 * Turns a signature as it stands in a JWS into the one of key/: two numbers of fixed length become
 * two INTEGERs in DER (RFC 7518 section 3.4), the others are as they are.
 *
 * Errors: AUTH_STATUS_UNTRUSTED when the length is another one or a number is zero.
 */
auth_status jws_signature_read(auth_jws_algorithm algorithm, auth_bytes octets, auth_signature *out,
                               auth_error *err) AUTH_MUST_CHECK;

/* The other way. Errors: AUTH_STATUS_CRYPTO when a signer gave what is no such signature. */
auth_status jws_signature_write(auth_jws_algorithm algorithm, const auth_signature *signature,
                                auth_signature *out, auth_error *err) AUTH_MUST_CHECK;

#endif
