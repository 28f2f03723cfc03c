/* SPDX-License-Identifier: Apache-2.0 */
/* What the bindings share, and how issue writes them. Internal to libauth. */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include "key/digest.h"
#include "x509/view.h"

#include <auth/identity.h>

/* A binding as it was found in a certificate; value borrows the certificate. */
typedef struct identity_item {
    auth_identity_binding binding;
    auth_person_type type; /* that the binding says it holds; ANY: not this precisely */
    bool is_resident;      /* it says that it holds no passport and no military officer card */
    auth_bytes value;      /* a number in clear, a SIM, a VID, or a pseudonym's digits */
} identity_item;

typedef struct identity_items {
    size_t count;
    identity_item rows[AUTH_IDENTITY_ITEMS_MAX];
} identity_items;

/* Finds every binding of a certificate. Errors: AUTH_STATUS_MALFORMED, AUTH_STATUS_LIMIT. */
auth_status identity_collect(const x509_cert_view *view, identity_items *out,
                             auth_error *err) AUTH_MUST_CHECK;

/* Tells whether an extension holds an identity code by GB/T 20518 or GM/T 0015, of any age. */
bool identity_is_code(oid id);

/* Reads the value of such an extension. False when it is of no form that is met. */
bool identity_read_code(oid id, auth_bytes value, identity_item *out);

/* Writes the whole Extension. */
void identity_put_code(der_writer *writer, const auth_person_number *number);

/* Reads a serialNumber attribute; false when it is another serial number. */
bool identity_read_semantics(auth_bytes value, identity_item *out);

#define IDENTITY_SEMANTICS_MAX (AUTH_PERSON_NUMBER_MAX + 6)

/*
 * Writes "PNOCN-..." into out and tells its length. Errors: AUTH_STATUS_UNSUPPORTED for a military
 * officer card.
 */
auth_status identity_write_semantics(const auth_person_number *number,
                                     char out[IDENTITY_SEMANTICS_MAX], size_t *len,
                                     auth_error *err) AUTH_MUST_CHECK;

/* At least this much must be given as a secret: 128 bits in base32, 160 bits of random. */
#define IDENTITY_SIM_SECRET_MIN 26
#define IDENTITY_VID_RANDOM_MIN 20
#define IDENTITY_KEY_MIN 32
#define IDENTITY_SECRET_MAX 128

/* Checks what auth_identity_secret_new makes. Errors: AUTH_STATUS_INVALID. */
auth_status identity_check_secret(auth_identity_binding binding, auth_bytes secret,
                                  auth_error *err) AUTH_MUST_CHECK;

/*
 * Writes one GeneralName: a SIM over the number. hash is DIGEST_SHA256 or DIGEST_SM3 and random has
 * its length.
 */
auth_status identity_put_sim(der_writer *writer, digest_algorithm hash, auth_bytes secret,
                             auth_bytes random, const auth_person_number *number,
                             auth_error *err) AUTH_MUST_CHECK;

/*
 * Tells whether a SIM fits. Errors: AUTH_STATUS_MALFORMED; AUTH_STATUS_UNSUPPORTED for its hash, or
 * when it is hex text and does not fit.
 */
auth_status identity_match_sim(auth_bytes sim, auth_bytes secret, const auth_person_number *number,
                               bool *out, auth_error *err) AUTH_MUST_CHECK;

/* Tells whether octets have the form of a SIM. */
bool identity_is_sim(auth_bytes sim);

/* Writes one GeneralName: a VID over the number. Errors: as identity_put_sim. */
auth_status identity_put_vid(der_writer *writer, digest_algorithm hash, auth_bytes random,
                             auth_bytes real_name, const auth_person_number *number,
                             auth_error *err) AUTH_MUST_CHECK;

/* Tells whether a VID fits. Errors: AUTH_STATUS_MALFORMED; AUTH_STATUS_UNSUPPORTED. */
auth_status identity_match_vid(auth_bytes vid, auth_bytes random, const auth_person_number *number,
                               bool *out, auth_error *err) AUTH_MUST_CHECK;

/* Finds the VID inside an identifyData; false when there is none of that form. */
bool identity_read_vid(auth_bytes identify_data, auth_bytes *vid);

#define IDENTITY_PSEUDONYM_LEN 64

/* Writes the pseudonym of a number as hex digits, without a NUL. */
auth_status identity_write_pseudonym(digest_algorithm hash, auth_bytes key,
                                     const auth_person_number *number,
                                     char out[IDENTITY_PSEUDONYM_LEN],
                                     auth_error *err) AUTH_MUST_CHECK;

/* Tells whether a pseudonym attribute is one of ours: 64 lower-case hex digits. */
bool identity_is_pseudonym(auth_bytes value);

auth_status identity_match_pseudonym(auth_bytes value, auth_bytes key,
                                     const auth_person_number *number, bool *out,
                                     auth_error *err) AUTH_MUST_CHECK;

/* Tells whether a number shown in clear is the same, x folded to X; in constant time. */
bool identity_match_clear(const identity_item *item, const auth_person_number *number);

/* H(H(message)), for SIM and VID. */
auth_status identity_hash_twice(digest_algorithm hash, auth_bytes message, uint8_t out[DIGEST_MAX],
                                auth_error *err) AUTH_MUST_CHECK;

/* Reads an AlgorithmIdentifier of a hash: its parameters absent or NULL. */
bool identity_take_hash(auth_bytes *cursor, oid *out);

/* Finds the digest of an OID. False for one that bindings are not checked with. */
bool identity_hash_of(oid id, digest_algorithm *out);

/* Opens and closes a GeneralName otherName of a type. */
typedef struct identity_other_name {
    size_t name;
    size_t value;
} identity_other_name;
identity_other_name identity_open_other_name(der_writer *writer, oid type);
void identity_close_other_name(der_writer *writer, identity_other_name marks);

#endif
