/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_quorum
 * @brief whether a request may be obeyed: its signatures against the policy and the facts
 *
 * auth_request_evaluate verifies every signature of a request itself and says one of three things:
 * it may be obeyed, it still needs whose signature, or it is refused and why. Everybody who acts on
 * a request asks it again: the office that takes it in, the authority that signs, the auditor years
 * later with the time and the facts of that day.
 *
 * What it does not know it asks through auth_request_facts: who a certificate belongs to and
 * whether it is trusted, how offices lie to each other, what was used before. It reads no clock and
 * keeps nothing. It fails closed: one bad signature refuses the whole document, a signer who was
 * revoked or dismissed since he signed no longer counts, and a signer who has no place in the
 * quorum refuses it, too. Different signatures are those of different persons, whatever
 * certificates and officer identifiers they use.
 */
#ifndef AUTH_QUORUM_H
#define AUTH_QUORUM_H

#include <auth/policy.h>

AUTH_BEGIN_DECLS

#define AUTH_PERSON_INDEX_SIZE 32

/* A person, told apart from all others and never in clear: the registry's index of the number. */
typedef struct auth_person_index {
    uint8_t octets[AUTH_PERSON_INDEX_SIZE];
} auth_person_index;

typedef enum auth_holder_kind {
    AUTH_HOLDER_CITIZEN,
    AUTH_HOLDER_OFFICER,
} auth_holder_kind;

/*
 * Who holds a certificate. revoked_at is the time from which on it is revoked or suspended, as it
 * is known at the time of the evaluation; a time later than that counts as not yet. The same for
 * dismissed_at.
 */
typedef struct auth_request_holder {
    auth_holder_kind kind;
    auth_person_index person;
    char office[AUTH_IDENTIFIER_SIZE];  /* of the officer, or through which she was enrolled */
    char profile[AUTH_IDENTIFIER_SIZE]; /* of the certificate; "" of find_officer */
    bool is_revoked;
    auth_time revoked_at;
    auth_time not_after;
    /* of officers only */
    char officer[AUTH_IDENTIFIER_SIZE];
    auth_officer_role role;
    bool is_dismissed;
    auth_time dismissed_at;
} auth_request_holder;

/* A signer: the holder of the certificate that a signature brings along. */
typedef struct auth_request_signer {
    bool is_trusted; /* the chain is valid at signed_at for signing requests in this realm */
    auth_request_holder holder;
} auth_request_signer;

/* What was known under an id before. */
typedef enum auth_request_use {
    AUTH_REQUEST_USE_NEW,   /* nothing */
    AUTH_REQUEST_USE_SAME,  /* this document, perhaps with fewer signatures */
    AUTH_REQUEST_USE_OTHER, /* another document */
} auth_request_use;

/*
 * The facts. Each function gives *out and AUTH_STATUS_OK, or a status that ends the evaluation and
 * goes up unchanged: a fact that cannot be found out is never taken for a good one. Where it says
 * so, AUTH_STATUS_NOT_FOUND is an answer.
 */
typedef struct auth_request_facts {
    void *context;
    /*
     * Who signed: certificate is the first of chain, DER, and its key has verified the signature. A
     * certificate that this realm did not issue has is_trusted false.
     */
    auth_status (*find_signer)(void *context, const auth_bytes *chain, size_t chain_len,
                               auth_time signed_at, auth_request_signer *out, auth_error *err);
    /* Whether an office is ancestor itself or lies below it. Offices that do not exist do not. */
    auth_status (*is_within)(void *context, const char *office, const char *ancestor, bool *out,
                             auth_error *err);
    /* Whether an office exists and is open. */
    auth_status (*is_open)(void *context, const char *office, bool *out, auth_error *err);
    /* What was known before under the id of a document with this payload hash. */
    auth_status (*was_used)(void *context, const char *id, auth_bytes payload_hash,
                            auth_request_use *out, auth_error *err);
    /* Who holds the certificate with a serial number; AUTH_STATUS_NOT_FOUND when it does not exist.
     */
    auth_status (*holder_of)(void *context, auth_bytes serial, auth_request_holder *out,
                             auth_error *err);
    /* The officer of this identifier, as a holder; AUTH_STATUS_NOT_FOUND when there is none. */
    auth_status (*find_officer)(void *context, const char *officer, auth_request_holder *out,
                                auth_error *err);
    /* The index of a person number. */
    auth_status (*index_of)(void *context, const auth_person_number *number, auth_person_index *out,
                            auth_error *err);
    /*
     * The key of a certificate (DER), where it is at hand: it was read from these octets before and
     * stays until the evaluation is over. NULL: it is not at hand and is read anew; the function
     * may be NULL, too.
     */
    const auth_public_key *(*key_of)(void *context, auth_bytes certificate);
} auth_request_facts;

typedef enum auth_request_outcome {
    AUTH_REQUEST_REFUSED = 0,
    AUTH_REQUEST_NEEDS = 1,
    AUTH_REQUEST_SATISFIED = 2,
} auth_request_outcome;

/* Of a place of a verdict: it is about the whole document. */
#define AUTH_REQUEST_NOWHERE SIZE_MAX

/* One who signed. */
typedef struct auth_request_signed {
    uint8_t serial[20]; /* of the certificate */
    size_t serial_len;
    auth_time signed_at;
    auth_request_holder holder;
} auth_request_signed;

typedef struct auth_request_verdict {
    auth_request_outcome outcome;
    bool was_known; /* the same document was used before: what follows was perhaps done already */
    /* REFUSED: why, which signature or item it is about, and a text that names the remedy. */
    auth_request_reason reason;
    size_t signature;
    size_t item;
    char text[AUTH_ERROR_TEXT_SIZE];
    /* NEEDS: the places that nobody has filled yet. */
    size_t missing_count;
    auth_policy_place missing[AUTH_POLICY_PLACES_MAX];
    bool needs_holder;
    /* NEEDS, SATISFIED: who signed, in the order of the document. */
    size_t signed_count;
    auth_request_signed signers[AUTH_JWS_SIGNATURES_MAX];
} auth_request_verdict;

/**
 * Say whether a request may be obeyed at a time. A refusal is an answer, not a failure: the verdict
 * has it.
 *
 * *out is written whole and on success only. An item's certification request is not verified here.
 *
 * Errors: what a fact returns; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_request_evaluate(const auth_request *request, const auth_policy *policy,
                                           const auth_request_facts *facts, auth_time now,
                                           auth_request_verdict *out,
                                           auth_error *err) AUTH_MUST_CHECK;

/**
 * Append what a place asks for, in English: "an approver of this office or one above it".
 *
 * Errors: AUTH_STATUS_LIMIT when out is full; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_policy_place_text(const auth_policy_place *place, auth_buf *out,
                                            auth_error *err) AUTH_MUST_CHECK;

AUTH_END_DECLS

#endif
