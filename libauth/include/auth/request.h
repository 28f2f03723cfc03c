/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_request
 * @brief the signed request document: what officers and holders ask an authority for
 *
 * A request asks for one thing of one kind (auth/request_kind.def) for up to 1,000 items. It is a
 * JWS in General JSON form (RFC 7515 section 7.2.1) of type "auth-request+jws" whose payload is
 * JSON of exactly the members that docs/request.md lists; it gathers signatures on its way. The
 * same payload octets are signed by everybody, so nothing of it can change between two signatures.
 *
 * Read here is the form: every member, every value and what no batch may hold twice. Whether the
 * signatures suffice is auth/quorum.h's to say; until it did, nothing in a document is true. There
 * is one spelling of every value: a person number is in its canonical form, base64url and hex are
 * as they are written here, so that two documents that say the same of a person compare the same.
 *
 * An auth_request never changes and may be used by several threads at once. A refusal names the
 * JSON path, the rule and the remedy, never a person number or a name.
 */
#ifndef AUTH_REQUEST_H
#define AUTH_REQUEST_H

#include <auth/jws.h>
#include <auth/key.h>
#include <auth/person.h>
#include <auth/revocation.h>

AUTH_BEGIN_DECLS

/* "typ" of every signature (RFC 8725 section 3.11). */
#define AUTH_REQUEST_TYPE "auth-request+jws"

#define AUTH_REQUEST_ITEMS_MAX 1000
#define AUTH_REQUEST_EVIDENCE_MAX 4
#define AUTH_REQUEST_HASH_SIZE 32

/* Room for an identifier and for a request's id, with a NUL. */
#define AUTH_IDENTIFIER_SIZE 65
#define AUTH_REQUEST_ID_SIZE 37

/* The kinds, from auth/request_kind.def. */
typedef enum auth_request_kind {
#define AUTH_REQUEST_KIND_ROW(id, number, name, has_profile, text)                                 \
    AUTH_REQUEST_KIND_##id = (number),
#include <auth/request_kind.def>
} auth_request_kind;

/* Why a request is refused, from auth/request_reason.def. */
typedef enum auth_request_reason {
#define AUTH_REQUEST_REASON_ROW(id, number, name, text) AUTH_REQUEST_REASON_##id = (number),
#include <auth/request_reason.def>
} auth_request_reason;

/* What an officer may do, from auth/officer_role.def. */
typedef enum auth_officer_role {
    AUTH_OFFICER_ROLE_NONE = 0,
#define AUTH_OFFICER_ROLE_ROW(id, number, name, is_signer, text) AUTH_OFFICER_ROLE_##id = (number),
#include <auth/officer_role.def>
} auth_officer_role;

/* How a person's identity was proved, from auth/evidence_method.def. */
typedef enum auth_evidence_method {
#define AUTH_EVIDENCE_METHOD_ROW(id, number, name, text) AUTH_EVIDENCE_METHOD_##id = (number),
#include <auth/evidence_method.def>
} auth_evidence_method;

/**
 * Tell the name of a kind: "enrol". A number that is not in the table gives "".
 *
 * Ownership: the text is static, as those of the functions below.
 */
AUTH_API const char *auth_request_kind_name(auth_request_kind kind);

/**
 * Find a kind by its name.
 *
 * Errors: AUTH_STATUS_NOT_FOUND, with the names that there are.
 */
AUTH_API auth_status auth_request_kind_find(const char *name, auth_request_kind *out,
                                            auth_error *err) AUTH_MUST_CHECK;

/**
 * Tell whether a kind asks for certificates, and so names a profile.
 */
AUTH_API bool auth_request_kind_has_profile(auth_request_kind kind);

/**
 * Tell the name of a reason: "bad-signature". A number that is not in the table gives "".
 */
AUTH_API const char *auth_request_reason_name(auth_request_reason reason);

/**
 * Tell what a reason means and what to do, in English.
 */
AUTH_API const char *auth_request_reason_text(auth_request_reason reason);

/**
 * Tell the name of a role: "clerk". A number that is not in the table gives "".
 */
AUTH_API const char *auth_officer_role_name(auth_officer_role role);

/**
 * Find a role by its name.
 *
 * Errors: AUTH_STATUS_NOT_FOUND, with the names that there are.
 */
AUTH_API auth_status auth_officer_role_find(const char *name, auth_officer_role *out,
                                            auth_error *err) AUTH_MUST_CHECK;

/**
 * Tell the name of a method of evidence: "id-card-read". A number not in the table gives "".
 */
AUTH_API const char *auth_evidence_method_name(auth_evidence_method method);

/**
 * Find a method of evidence by its name.
 *
 * Errors: AUTH_STATUS_NOT_FOUND, with the names that there are.
 */
AUTH_API auth_status auth_evidence_method_find(const char *name, auth_evidence_method *out,
                                               auth_error *err) AUTH_MUST_CHECK;

typedef struct auth_request_evidence {
    auth_evidence_method method;
    auth_bytes digest; /* SHA-256 of the record that the office keeps, AUTH_REQUEST_HASH_SIZE */
} auth_request_evidence;

/*
 * One item. Which members there are follows from the kind; the others are empty or 0. Views are
 * borrowed: of the request that gave it, or from whoever fills a draft.
 */
typedef struct auth_request_item {
    auth_person_number person; /* len 0: none */
    auth_bytes name;           /* UTF-8, 1 to 64 characters */
    auth_bytes csr;            /* DER (RFC 2986) */
    auth_bytes activation;     /* instead of csr: auth_request_activation_hash of the two codes */
    size_t evidence_count;
    auth_request_evidence evidence[AUTH_REQUEST_EVIDENCE_MAX];
    auth_bytes serial; /* of the certificate that the item speaks of: 16 to 20 octets, positive */
    bool has_reason;
    auth_revocation_reason reason;
    bool has_invalidity; /* RFC 5280 section 5.3.2 */
    auth_time invalidity;
    auth_bytes comment; /* UTF-8, 1 to 200 characters, without a person number */
    auth_bytes officer; /* identifier */
    auth_officer_role role;
    auth_bytes opened_office; /* identifier of an office that is to be */
    auth_bytes opened_region; /* six digits of GB/T 2260 */
    auth_bytes opened_name;   /* UTF-8, 1 to 64 characters */
    auth_bytes closed_office; /* identifier */
} auth_request_item;

typedef struct auth_request auth_request;

/* What a reader takes. */
typedef struct auth_request_rules {
    auth_time now;     /* no birth date may lie after its day in China */
    const char *realm; /* that the document must name */
} auth_request_rules;

/**
 * Read a signed request document. No signature is verified, and the proof of possession of the
 * certification requests in it is not looked at: see auth_request_check_csr.
 *
 * Ownership: gives *out, to be freed with auth_request_free; copies what it needs.
 * Errors: AUTH_STATUS_MALFORMED when it is no JWS, no JSON or not base64url; AUTH_STATUS_INVALID
 * with the JSON path for a value, an unknown or missing member, another type or something twice;
 * AUTH_STATUS_DENIED for another realm; AUTH_STATUS_UNSUPPORTED for a key or algorithm of another
 * kind; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_request_parse(auth_bytes document, const auth_request_rules *rules,
                                        auth_request **out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Wipe and free a request. NULL is fine.
 */
AUTH_API void auth_request_free(auth_request *request);

/**
 * Tell the id: a UUID version 7 in lower case (RFC 9562 section 5.7).
 *
 * Ownership: borrows, as all views below; valid until the request is freed.
 */
AUTH_API const char *auth_request_id(const auth_request *request);

/**
 * Tell the realm.
 */
AUTH_API const char *auth_request_realm(const auth_request *request);

/**
 * Tell the kind.
 */
AUTH_API auth_request_kind auth_request_kind_of(const auth_request *request);

/**
 * Tell the office through which it is asked.
 */
AUTH_API const char *auth_request_office(const auth_request *request);

/**
 * Tell the profile of the certificates that are asked for; "" for kinds that ask for none.
 */
AUTH_API const char *auth_request_profile(const auth_request *request);

/**
 * Tell when it was made, as it says itself.
 */
AUTH_API auth_time auth_request_created(const auth_request *request);

/**
 * Tell the last second in which it may be obeyed.
 */
AUTH_API auth_time auth_request_expires(const auth_request *request);

/**
 * Tell how many items there are: 1 to AUTH_REQUEST_ITEMS_MAX.
 */
AUTH_API size_t auth_request_item_count(const auth_request *request);

/**
 * View an item, counted from 0. NULL past the end.
 */
AUTH_API const auth_request_item *auth_request_item_at(const auth_request *request, size_t index);

/**
 * Write the SHA-256 of the payload's octets: with the id it says which document this is, however
 * many signatures it has.
 */
AUTH_API void auth_request_payload_hash(const auth_request *request,
                                        uint8_t out[AUTH_REQUEST_HASH_SIZE]);

/**
 * View the JWS, with the signatures.
 */
AUTH_API const auth_jws *auth_request_jws(const auth_request *request);

/**
 * Check that the certification request of an item proves possession of its key. An item without
 * one passes.
 *
 * Errors: AUTH_STATUS_NOT_FOUND past the last item; else as auth_csr_parse and
 * auth_csr_check_possession, with the JSON path.
 */
AUTH_API auth_status auth_request_check_csr(const auth_request *request, size_t index,
                                            auth_error *err) AUTH_MUST_CHECK;

/* A document before it is written. Everything is borrowed. */
typedef struct auth_request_draft {
    const char *id;
    const char *realm;
    auth_request_kind kind;
    const char *office;
    const char *profile; /* NULL or "" for kinds that have none */
    auth_time created;
    auth_time expires;
    const auth_request_item *items;
    size_t item_count;
} auth_request_draft;

/**
 * Append the payload of a document to out, in the one order of members in which libauth writes it,
 * and check it by the rules that a reader applies. On failure out is as it was.
 *
 * Errors: as auth_request_parse.
 */
AUTH_API auth_status auth_request_write(const auth_request_draft *draft, auth_buf *out,
                                        auth_error *err) AUTH_MUST_CHECK;

/* Who signs, and when. */
typedef struct auth_request_signing {
    const auth_signer *signer;
    const auth_bytes *chain; /* DER; the first certificate is that of the signer's key */
    size_t chain_len;
    auth_time signed_at;
} auth_request_signing;

/**
 * Append a document with its first signature to out. realm is the one that the payload must name.
 *
 * The payload is read as by auth_request_parse before it is signed: what this library would refuse
 * is never signed with it.
 *
 * Errors: as auth_request_parse for the payload, as auth_jws_sign for the rest.
 */
AUTH_API auth_status auth_request_sign(auth_bytes payload, const char *realm,
                                       const auth_request_signing *signing, auth_buf *out,
                                       auth_error *err) AUTH_MUST_CHECK;

/**
 * Append a document with one more signature to out; the payload and the signatures that are there
 * keep their octets.
 *
 * Errors: as auth_jws_add.
 */
AUTH_API auth_status auth_request_add_signature(const auth_request *request,
                                                const auth_request_signing *signing, auth_buf *out,
                                                auth_error *err) AUTH_MUST_CHECK;

/**
 * Write a new id: a UUID version 7 of a time in milliseconds since 1970 and 74 random bits.
 *
 * Errors: AUTH_STATUS_INVALID when the time does not fit 48 bits; AUTH_STATUS_CRYPTO.
 * Source: RFC 9562 section 5.7.
 */
AUTH_API auth_status auth_request_id_new(int64_t now_ms, char out[AUTH_REQUEST_ID_SIZE],
                                         auth_error *err) AUTH_MUST_CHECK;

/**
 * Write the hash by which a document binds two activation codes: SHA-256 of "auth-activation", a
 * NUL, the first code, a NUL and the second code. Codes are printable ASCII, so that no two pairs
 * give the same octets.
 *
 * Errors: AUTH_STATUS_INVALID for a code that has not 8 printable characters or more, and for two
 * with more than 63 together; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_request_activation_hash(auth_bytes first, auth_bytes second,
                                                  uint8_t out[AUTH_REQUEST_HASH_SIZE],
                                                  auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(auth_request)

AUTH_END_DECLS

#endif
