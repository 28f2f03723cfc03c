/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_ocsp
 * @brief certificate status by OCSP: requests, responders, answers
 *
 * For a responder: read a request from a POST body or a GET path, find which authority each
 * question is about, and write a signed answer around statuses that the caller knows. For a client:
 * write a request, and check an answer until nothing is left to believe. Messages are those of RFC
 * 6960 with the nonces of RFC 9654, for every type of key that auth/key.h knows, SM2 included.
 *
 * The invariant: an answer that auth_ocsp_check lets pass was signed by the issuer of the
 * certificate, or by a responder that this issuer itself certified for OCSP, for the certificate
 * asked about, and is of use now. A responder never signs a status for another authority's
 * certificate.
 *
 * It does not speak HTTP, does not know any status and reads no clock. A signature on a request is
 * read and not verified: answers are for everybody, so it decides nothing. requestorName is read
 * and ignored for the same reason. Issuers and responders may be used by several threads at once.
 */
#ifndef AUTH_OCSP_H
#define AUTH_OCSP_H

#include <auth/crl.h>

AUTH_BEGIN_DECLS

/* The most octets of a request, of its base64 in a path, and of an answer. */
#define AUTH_OCSP_REQUEST_MAX 4096
#define AUTH_OCSP_PATH_MAX 16384
#define AUTH_OCSP_RESPONSE_MAX 65536
/* The most certificates asked about in one request. */
#define AUTH_OCSP_CERT_IDS_MAX 10
/* A nonce has 1 to 128 octets (RFC 9654 section 2.1). */
#define AUTH_OCSP_NONCE_MAX 128

/* How a CertID names an issuer. */
typedef enum auth_ocsp_hash {
    AUTH_OCSP_HASH_OTHER = 0, /* one that libauth does not know: matches no issuer */
    AUTH_OCSP_HASH_SHA1,
    AUTH_OCSP_HASH_SHA256,
    AUTH_OCSP_HASH_SM3,
} auth_ocsp_hash;

/* Names a certificate by its issuer's hashes and its serial number (RFC 6960 4.1.1). */
typedef struct auth_ocsp_cert_id {
    auth_bytes der; /* the CertID whole */
    auth_ocsp_hash hash;
    auth_bytes name_hash; /* of the issuer's Name */
    auth_bytes key_hash;  /* of the issuer's key, the bits without tag and length */
    auth_bytes serial;    /* content octets of the INTEGER, of any length and sign */
} auth_ocsp_cert_id;

typedef struct auth_ocsp_request auth_ocsp_request;

/**
 * Read a request, DER, as it comes in the body of a POST.
 *
 * Ownership: gives *out, to be freed with auth_ocsp_request_free; copies der.
 * Errors: AUTH_STATUS_LIMIT above AUTH_OCSP_REQUEST_MAX octets or AUTH_OCSP_CERT_IDS_MAX
 * certificates; AUTH_STATUS_MALFORMED for anything that is not one request in DER, trailing octets,
 * no certificate, or a nonce of 0 or above 128 octets; AUTH_STATUS_UNSUPPORTED for a critical
 * extension that is not known; AUTH_STATUS_MEMORY. auth_ocsp_error_for tells what to answer.
 * Source: RFC 6960 section 4.1, RFC 9654 section 2.1.
 */
AUTH_API auth_status auth_ocsp_request_parse(auth_bytes der, auth_ocsp_request **out,
                                             auth_error *err) AUTH_MUST_CHECK;

/**
 * Read a request from the path of a GET: what follows the responder's own path and its "/", up to
 * the end or "?".
 *
 * Percent-encoding is undone once, then base64 is read; "+", "/" and "=" may be encoded or not, and
 * "//" is part of the base64, so the path must come here as it was sent. Padding may be missing.
 *
 * Ownership: gives *out, to be freed with auth_ocsp_request_free.
 * Errors: AUTH_STATUS_LIMIT above AUTH_OCSP_PATH_MAX; AUTH_STATUS_MALFORMED when it is no base64;
 * else as auth_ocsp_request_parse.
 * Source: RFC 6960 appendix A.1, RFC 5019 section 5.
 */
AUTH_API auth_status auth_ocsp_request_parse_path(auth_bytes path, auth_ocsp_request **out,
                                                  auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a request. NULL is fine.
 */
AUTH_API void auth_ocsp_request_free(auth_ocsp_request *request);

/**
 * Tell how many certificates a request asks about: 1 to AUTH_OCSP_CERT_IDS_MAX.
 */
AUTH_API size_t auth_ocsp_request_count(const auth_ocsp_request *request);

/**
 * View which certificate question number index is about, counted from 0; NULL past the end.
 *
 * Ownership: borrows; valid until the request is freed.
 */
AUTH_API const auth_ocsp_cert_id *auth_ocsp_request_cert_id(const auth_ocsp_request *request,
                                                            size_t index);

/**
 * View the nonce; empty when there is none.
 *
 * Ownership: borrows; valid until the request is freed.
 */
AUTH_API auth_bytes auth_ocsp_request_nonce(const auth_ocsp_request *request);

/**
 * Tell whether a request carries a signature. It was not verified.
 */
AUTH_API bool auth_ocsp_request_is_signed(const auth_ocsp_request *request);

/* Issuers */

typedef struct auth_ocsp_issuer auth_ocsp_issuer;

/**
 * Prepare an authority, from its certificate in DER: its hashes by SHA-1, SHA-256 and SM3, and its
 * key.
 *
 * Ownership: gives *out, to be freed with auth_ocsp_issuer_free; copies certificate.
 * Errors: as x509 certificates are refused (AUTH_STATUS_MALFORMED, AUTH_STATUS_INVALID,
 * AUTH_STATUS_LIMIT) and auth_public_key_parse.
 */
AUTH_API auth_status auth_ocsp_issuer_new(auth_bytes certificate, auth_ocsp_issuer **out,
                                          auth_error *err) AUTH_MUST_CHECK;

/**
 * Free an issuer. NULL is fine.
 */
AUTH_API void auth_ocsp_issuer_free(auth_ocsp_issuer *issuer);

/**
 * View the issuer's certificate.
 *
 * Ownership: borrows; valid until the issuer is freed.
 */
AUTH_API auth_bytes auth_ocsp_issuer_certificate(const auth_ocsp_issuer *issuer);

/**
 * Tell whether a CertID names a certificate of this issuer.
 */
AUTH_API bool auth_ocsp_issuer_matches(const auth_ocsp_issuer *issuer, const auth_ocsp_cert_id *id);

typedef struct auth_ocsp_issuers auth_ocsp_issuers;

/**
 * Make a table of issuers, in which a CertID finds its issuer in logarithmic time.
 *
 * Ownership: gives *out, to be freed with auth_ocsp_issuers_free; borrows the issuers, which must
 * live as long, and copies the array.
 * Errors: AUTH_STATUS_CONFLICT when two issuers have the same name and key; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_ocsp_issuers_new(const auth_ocsp_issuer *const *issuers, size_t count,
                                           auth_ocsp_issuers **out,
                                           auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a table, not its issuers. NULL is fine.
 */
AUTH_API void auth_ocsp_issuers_free(auth_ocsp_issuers *table);

/**
 * Find the issuer that a CertID names. False, with *index unchanged, when the table has none: the
 * answer is then unauthorized, or unknown beside other certificates.
 *
 * *index becomes the place in the array that the table was made of.
 */
AUTH_API bool auth_ocsp_issuers_find(const auth_ocsp_issuers *table, const auth_ocsp_cert_id *id,
                                     size_t *index);

/* Answers */

typedef enum auth_ocsp_status {
    AUTH_OCSP_GOOD = 0,
    AUTH_OCSP_REVOKED = 1,
    AUTH_OCSP_UNKNOWN = 2, /* the responder knows nothing of it */
    /* The issuer is ours and never issued it. Answered as unknown, or as revoked by option. */
    AUTH_OCSP_NEVER_ISSUED = 3,
} auth_ocsp_status;

/* What to say about one certificate. */
typedef struct auth_ocsp_statement {
    auth_ocsp_status status;
    auth_time revoked;             /* when it is AUTH_OCSP_REVOKED */
    auth_revocation_reason reason; /* likewise; unspecified is not written */
    auth_time this_update;         /* up to when the status was known to be so */
    auth_time next_update;         /* clipped to the end of the responder's certificate */
    bool has_archive_cutoff;
    auth_time archive_cutoff; /* statuses of certificates that expired since are kept */
} auth_ocsp_statement;

typedef struct auth_ocsp_answer_options {
    auth_time produced_at;
    bool omits_nonce;          /* leave the nonce out although one was sent (RFC 5019 4) */
    bool revokes_never_issued; /* AUTH_OCSP_NEVER_ISSUED as revoked, RFC 6960 4.4.8 */
} auth_ocsp_answer_options;

typedef struct auth_ocsp_responder auth_ocsp_responder;

/**
 * Prepare a responder: its key, and the certificate by which the issuer lets it answer. When
 * certificate is that of the issuer, answers are signed by the authority itself.
 *
 * Ownership: gives *out, to be freed with auth_ocsp_responder_free; borrows issuer and signer,
 * which must live as long; copies certificate.
 * Errors: AUTH_STATUS_INVALID when the certificate has another key than the signer, was not issued
 * by the issuer, or lacks extended key usage OCSPSigning, ocsp-nocheck or a critical key usage with
 * digitalSignature, or has a subjectAltName; AUTH_STATUS_UNTRUSTED when its signature does not
 * verify; AUTH_STATUS_MALFORMED; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 * Source: RFC 6960 section 4.2.2.2, CA/Browser Forum Baseline Requirements 7.1.2.8.
 */
AUTH_API auth_status auth_ocsp_responder_new(auth_bytes certificate, const auth_ocsp_issuer *issuer,
                                             const auth_signer *signer, auth_ocsp_responder **out,
                                             auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a responder. NULL is fine.
 */
AUTH_API void auth_ocsp_responder_free(auth_ocsp_responder *responder);

/**
 * Tell until when a responder can answer: the notAfter of its certificate.
 */
AUTH_API auth_time auth_ocsp_responder_not_after(const auth_ocsp_responder *responder);

/**
 * Write and sign an answer, and append its DER to out. On failure out is as it was.
 *
 * statements has one for each certificate of the request, in its order; the CertIDs go back octet
 * for octet. A nonce is echoed unless options omit it.
 *
 * Errors: AUTH_STATUS_EXPIRED when produced_at lies outside the validity of the responder's
 * certificate, to be answered with tryLater; AUTH_STATUS_INVALID when a status other than unknown
 * is for a certificate of another issuer, thisUpdate is after producedAt, nextUpdate is not after
 * it, or a time or reason cannot be written; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY; what
 * auth_signer_sign returns.
 * Source: RFC 6960 sections 4.2 and 4.4.
 */
AUTH_API auth_status auth_ocsp_respond(const auth_ocsp_responder *responder,
                                       const auth_ocsp_request *request,
                                       const auth_ocsp_statement *statements,
                                       const auth_ocsp_answer_options *options, auth_buf *out,
                                       auth_error *err) AUTH_MUST_CHECK;

/* The outer status of an answer (RFC 6960 4.2.1). 4 is not used. */
typedef enum auth_ocsp_response_status {
    AUTH_OCSP_SUCCESSFUL = 0,
    AUTH_OCSP_MALFORMED_REQUEST = 1,
    AUTH_OCSP_INTERNAL_ERROR = 2,
    AUTH_OCSP_TRY_LATER = 3,
    AUTH_OCSP_SIG_REQUIRED = 5,
    AUTH_OCSP_UNAUTHORIZED = 6,
} auth_ocsp_response_status;

/**
 * Tell the name of a response status: "tryLater"; "" for a number that is none.
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_ocsp_response_status_name(auth_ocsp_response_status status);

/**
 * View the answer that reports an error, DER. Anything but an error gives internalError.
 *
 * Ownership: the octets are static.
 * Source: RFC 6960 section 4.2.1.
 */
AUTH_API auth_bytes auth_ocsp_error_response(auth_ocsp_response_status status);

/**
 * Tell which error to answer with after a call failed with this status: malformedRequest for what
 * the request itself did, unauthorized for what is not found or denied, tryLater for what may
 * succeed later, internalError otherwise. A fault of ours is never called the client's.
 */
AUTH_API auth_ocsp_response_status auth_ocsp_error_for(auth_status status);

/* Clients */

/**
 * Write a request about one certificate and append its DER to out. On failure out is as it was.
 *
 * nonce is empty or random, at least 32 octets for strength (RFC 9654 section 2.1).
 *
 * Errors: AUTH_STATUS_INVALID for a nonce above AUTH_OCSP_NONCE_MAX, AUTH_OCSP_HASH_OTHER or a
 * serial number that is empty or above AUTH_SERIAL_MAX; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 * Source: RFC 6960 section 4.1.
 */
AUTH_API auth_status auth_ocsp_request_encode(const auth_ocsp_issuer *issuer, auth_bytes serial,
                                              auth_ocsp_hash hash, auth_bytes nonce, auth_buf *out,
                                              auth_error *err) AUTH_MUST_CHECK;

/**
 * Append a request, DER, as the path of a GET, to be put behind the responder's address and "/".
 * "+", "/" and "=" are percent-encoded. RFC 5019 section 5 asks for GET when the whole address has
 * at most 255 octets.
 *
 * Errors: AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_ocsp_request_encode_path(auth_bytes request, auth_buf *out,
                                                   auth_error *err) AUTH_MUST_CHECK;

/* What an answer must be like. */
typedef struct auth_ocsp_expectation {
    auth_bytes serial; /* content octets, of the certificate asked about */
    auth_time now;
    uint32_t skew_seconds;    /* how far clocks may differ */
    uint32_t max_age_seconds; /* refuse a thisUpdate older than this; 0: nextUpdate alone decides */
    auth_bytes nonce;         /* what was sent; empty when none was */
    bool may_lack_nonce;      /* accept an answer without the nonce: the responder caches */
} auth_ocsp_expectation;

/* What a checked answer says. */
typedef struct auth_ocsp_answer {
    auth_ocsp_status status;       /* NEVER_ISSUED: revoked by RFC 6960 4.4.8 */
    auth_time revoked;             /* when it is revoked or never issued */
    auth_revocation_reason reason; /* likewise; unspecified when it does not say */
    auth_time produced_at;
    auth_time this_update;
    bool has_next_update;
    auth_time next_update;
    bool has_archive_cutoff;
    auth_time archive_cutoff;
    bool has_nonce; /* it echoes the nonce that was sent */
    auth_bytes
        responder; /* the responder's certificate, borrowed from response; empty: the issuer */
    bool responder_has_no_check; /* it says ocsp-nocheck: its own revocation is not to be asked */
} auth_ocsp_answer;

/**
 * Check an answer, DER, about one certificate of an issuer: who signed it, for which certificate,
 * for when, and with which nonce.
 *
 * The signer is the issuer itself, or a certificate in the answer that the issuer itself has
 * signed, valid now, with extended key usage OCSPSigning and, if it has a key usage,
 * digitalSignature. A certificate further away is never accepted, whoever trusts it. A responder
 * certificate that lacks nocheck can itself be revoked: the caller decides whether to ask.
 * Statements about other certificates in the same answer are passed over.
 *
 * Errors: AUTH_STATUS_MALFORMED when it is not DER of this form or has octets behind;
 * AUTH_STATUS_LIMIT above AUTH_OCSP_RESPONSE_MAX; AUTH_STATUS_UNSUPPORTED for another response
 * type, a critical extension that is not known, or malformedRequest; AUTH_STATUS_DENIED for
 * unauthorized and sigRequired; AUTH_STATUS_UNAVAILABLE for tryLater and internalError;
 * AUTH_STATUS_UNTRUSTED when no accepted signer's signature verifies; AUTH_STATUS_NOT_FOUND when it
 * does not speak of the certificate; AUTH_STATUS_CONFLICT when it speaks of it twice;
 * AUTH_STATUS_EXPIRED when it is stale or of the future, or has no nextUpdate and neither an age
 * limit nor the nonce proves it fresh; AUTH_STATUS_INVALID when the nonce is another or missing, or
 * the times contradict each other; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 * Source: RFC 6960 sections 3.2, 4.2.1 and 4.2.2.2, RFC 9654.
 */
AUTH_API auth_status auth_ocsp_check(auth_bytes response, const auth_ocsp_issuer *issuer,
                                     const auth_ocsp_expectation *expected, auth_ocsp_answer *out,
                                     auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(auth_ocsp_request)
AUTH_DEFINE_CLEANUP(auth_ocsp_issuer)
AUTH_DEFINE_CLEANUP(auth_ocsp_issuers)
AUTH_DEFINE_CLEANUP(auth_ocsp_responder)

AUTH_END_DECLS

#endif
