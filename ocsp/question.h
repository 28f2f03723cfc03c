/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request asks, and of whom: everything that can be told before a certificate is looked up.
 * Pure. What it lets through is about certificates of an authority of this realm; junk ends here,
 * before it costs a query or a signature.
 */
#ifndef OCSP_QUESTION_H
#define OCSP_QUESTION_H

#include <auth/ocsp.h>

#include <string.h>

/* The octets of a serial number that the registry can hold (RFC 5280 4.1.2.2). */
#define OCSP_SERIAL_MAX 20
#define OCSP_SERIAL_MIN 16
#define OCSP_AUTHORITIES_MAX 8

/*
 * Names one certificate as a CertID does: every request whose CertID has these octets has this key,
 * and the other way round. Zeros behind the serial number, so that keys compare as memory.
 */
typedef struct ocsp_key {
    uint8_t issuer; /* its place in ocsp_authorities */
    uint8_t form;   /* hash algorithm, and whether NULL is written behind it */
    uint8_t serial_len;
    uint8_t serial[OCSP_SERIAL_MAX];
} ocsp_key;

static inline auth_bytes ocsp_key_serial(const ocsp_key *key)
{
    return (auth_bytes){key->serial, key->serial_len};
}

static inline bool ocsp_key_equal(const ocsp_key *a, const ocsp_key *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* The authorities of a realm. Those that nobody answers for here are in it as well. */
typedef struct ocsp_authorities {
    size_t count;
    auth_ocsp_issuer *issuers[OCSP_AUTHORITIES_MAX];
    int64_t numbers[OCSP_AUTHORITIES_MAX];       /* in the registry */
    uint16_t first_epochs[OCSP_AUTHORITIES_MAX]; /* before which it cannot have issued */
    bool are_answered[OCSP_AUTHORITIES_MAX];     /* there is a responder for it */
    auth_ocsp_issuers *table;
} ocsp_authorities;

/*
 * Writes the key of a CertID that names an issuer by a known hash. False when the serial number has
 * no room in it: such a one cannot be kept ready, and was not issued here either.
 */
bool ocsp_key_write(const auth_ocsp_cert_id *id, size_t issuer, ocsp_key *out);

typedef struct ocsp_question {
    auth_ocsp_request *request;
    size_t issuer;    /* who answers: the authority of the first certificate that has one here */
    bool is_single;   /* one certificate, whose serial number has room in the key */
    bool has_nonce;   /* that goes into the answer */
    bool is_possible; /* a serial number is among them that can have been issued */
    ocsp_key key;     /* of the first certificate of that authority */
} ocsp_question;

/* Tells whether the answer is the same for everybody who asks this. */
static inline bool ocsp_question_is_plain(const ocsp_question *question)
{
    return question->is_single && !question->has_nonce;
}

/*
 * Reads a request that came in a body, DER; or in a path, what follows the responder's "/". epoch
 * is that of now.
 *
 * Ownership: question->request is to be freed with auth_ocsp_request_free; on failure there is
 * none. Errors: those of auth_ocsp_request_parse, of which auth_ocsp_error_for makes the answer;
 * AUTH_STATUS_NOT_FOUND when no certificate is of an authority that is answered for here: the
 * answer is unauthorized.
 */
auth_status ocsp_question_read(auth_bytes der, const ocsp_authorities *of, uint16_t epoch,
                               ocsp_question *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Decodes the path of a GET into DER.
 *
 * Errors: AUTH_STATUS_MALFORMED when it is not base64, AUTH_STATUS_LIMIT when it is too long: then
 * it is no OCSP request, and HTTP says so.
 */
auth_status ocsp_path_decode(auth_bytes path, auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

/* Tells whether the authority can have issued a serial number: its form, and the issue epoch in it.
 */
bool ocsp_serial_is_possible(const ocsp_authorities *of, size_t issuer, auth_bytes serial,
                             uint16_t epoch);

#endif
