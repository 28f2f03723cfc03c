/* SPDX-License-Identifier: Apache-2.0 */
/* Signature algorithms: their table, and what an AlgorithmIdentifier asks for. Internal to libauth.
 */
#ifndef KEY_SIGNATURE_H
#define KEY_SIGNATURE_H

#include "key/digest.h"

#include <auth/key.h>

typedef enum signature_id {
#define SIGNATURE_ROW(id, family, digest, parameters, der) SIGNATURE_##id,
#include "key/signature.def"
} signature_id;

/* One way to sign, everything fixed. */
typedef struct signature_scheme {
    signature_id id;
    digest_algorithm digest;
    int salt_len; /* RSASSA-PSS only */
} signature_scheme;

/*
 * Reads an AlgorithmIdentifier. Errors: AUTH_STATUS_MALFORMED; AUTH_STATUS_UNSUPPORTED for an
 * algorithm that is not in the table, or whose parameters it does not allow.
 */
auth_status signature_scheme_parse(auth_bytes algorithm, signature_scheme *out,
                                   auth_error *err) AUTH_MUST_CHECK;

/* Tells whether keys of this type make such signatures. */
bool signature_fits(signature_id id, auth_key_type type);

/* "ecdsa-with-SHA256" */
const char *signature_name(signature_id id);

/* How auth_signer_sign_pss signs. */
#define SIGNATURE_PSS_SALT_LEN 32

/* The one scheme that libauth signs with for keys of this type. */
signature_scheme signature_of_type(auth_key_type type);

/* The AlgorithmIdentifier of a scheme that libauth signs with; static. */
auth_bytes signature_algorithm(signature_id id);

/* Tells whether octets are a SEQUENCE of two positive INTEGERs of at most number_len octets. */
bool signature_is_pair(auth_bytes octets, size_t number_len);

/* Writes r || s, numbers of the same length, as that SEQUENCE. False when it does not fit. */
bool signature_write_pair(auth_bytes r_and_s, auth_signature *out);

#endif
