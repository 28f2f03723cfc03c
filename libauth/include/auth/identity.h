/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_identity
 * @brief how a certificate is bound to a person number, and whether it belongs to one
 *
 * Each binding of auth/identity_binding.def is written in one way and read in every way that is met
 * in the field. What is written, and where:
 *
 * gbt20518: the extension identifyCode 1.2.156.10260.4.1.1, never critical: [0] EXPLICIT
 * PrintableString for the numbers of GB 11643 form and of foreign residents, [1] EXPLICIT
 * UTF8String for military officer cards, [2] EXPLICIT PrintableString for passports. Read are also
 * IMPLICIT and bare strings and the OIDs of 2006, 2010 and 2023.
 *
 * pnocn: the subject attribute serialNumber "PNOCN-" and the number, "PASCN-" and a passport number
 * (EN 319 412-1 clause 5.1.3). ETSI has not registered how CN uses it: a convention of this
 * library. All numbers of residents, permits and foreigners' numbers included, share PNO, for their
 * forms cannot be confused. CN in PASCN names this convention, not the state that issued the
 * passport. Military officer cards are refused: they hold characters that a PrintableString cannot.
 * Read is also "IDCCN-".
 *
 * sim: an otherName of the subjectAltName by RFC 4683, hashed with SM3 or SHA-256. The secret P is
 * made by auth_identity_secret_new, never chosen by a person: all numbers can be tried in hours.
 * The identifier type is 1.2.156.10260.4.1.1, for passports 1.2.156.10260.4.1.1.2. EJBCA's form,
 * where octets stand as hex text, is recognised.
 *
 * vid: an otherName of the subjectAltName as in Korea, 1.2.410.200004.10.1.1. The random travels
 * with the private key and never in the certificate. Refused for military officer cards.
 *
 * pseudonym: the subject attribute pseudonym 2.5.4.65, 64 lower-case hex digits: HMAC-SHA-256 or
 * HMAC-SM3 under a realm key over one octet with the number of the person type and the octets of
 * the canonical number. Only who has the realm key can link it.
 *
 * This module believes any certificate: whether it is valid and whose word it is, tells
 * auth/validate.h. No number, secret or key is ever part of an error text.
 */
#ifndef AUTH_IDENTITY_H
#define AUTH_IDENTITY_H

#include <auth/person.h>
#include <auth/secret.h>

AUTH_BEGIN_DECLS

typedef enum auth_identity_binding {
#define AUTH_IDENTITY_BINDING_ROW(id, number, name, is_clear, title)                               \
    AUTH_IDENTITY_BINDING_##id = (number),
#include <auth/identity_binding.def>
} auth_identity_binding;

/**
 * Tell the name of a binding: "gbt20518". A number that is not in the table gives "none".
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_identity_binding_name(auth_identity_binding binding);

/**
 * Tell the English title of a binding.
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_identity_binding_title(auth_identity_binding binding);

/**
 * Tell whether a binding shows the person number in clear to everybody who sees the certificate.
 */
AUTH_API bool auth_identity_binding_is_clear(auth_identity_binding binding);

/**
 * Find a binding by its name.
 *
 * Errors: AUTH_STATUS_NOT_FOUND, with the names there are.
 */
AUTH_API auth_status auth_identity_binding_find(const char *name, auth_identity_binding *out,
                                                auth_error *err) AUTH_MUST_CHECK;

/* The bit of a binding in a set of them. */
#define AUTH_IDENTITY_BIT(binding) (1U << (unsigned)(binding))

/* At most this many bindings are read from one certificate. */
#define AUTH_IDENTITY_ITEMS_MAX 8

/**
 * Tell which bindings a certificate (DER) carries: bits by AUTH_IDENTITY_BIT, 0 for none.
 *
 * Errors: AUTH_STATUS_MALFORMED for a certificate or binding that is not of its form;
 * AUTH_STATUS_LIMIT for more than AUTH_IDENTITY_ITEMS_MAX bindings; else as the certificate's
 * reader.
 */
AUTH_API auth_status auth_identity_read(auth_bytes certificate, unsigned *out_bindings,
                                        auth_error *err) AUTH_MUST_CHECK;

/*
 * What a binding that hides the number needs besides the number. Leave empty what is not there.
 */
typedef struct auth_identity_proof {
    auth_bytes sim_secret;    /* P, UTF-8 text */
    auth_bytes vid_random;    /* the octets that came with the private key */
    auth_bytes pseudonym_key; /* of the realm */
} auth_identity_proof;

/**
 * Tell whether a certificate (DER) belongs to a person number.
 *
 * *out becomes true when there is a binding that can be checked and every one of them fits: a
 * certificate that names two people belongs to neither. A binding whose proof is not given is
 * passed over as long as another can be checked. proof may be NULL.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when the certificate carries no binding; AUTH_STATUS_DENIED when
 * every binding needs a proof that is not given; AUTH_STATUS_UNSUPPORTED for an unknown hash, or
 * for a SIM as EJBCA writes it, which cannot be computed again; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO; else as auth_identity_read.
 * Source: GB/T 20518-2018; EN 319 412-1 clause 5.1.3; RFC 4683 section 5; KISA TechSpec 1.5.
 */
AUTH_API auth_status auth_identity_matches(auth_bytes certificate, const auth_person_number *number,
                                           const auth_identity_proof *proof, bool *out,
                                           auth_error *err) AUTH_MUST_CHECK;

/**
 * Read the person number that a certificate (DER) shows in clear.
 *
 * The number must pass the rules: rules->type and rules->today as in auth_person_check. Where the
 * binding tells the type (passport, military officer), that type is demanded.
 *
 * Ownership: *out holds the number in clear; wipe it with auth_person_number_wipe.
 * Errors: AUTH_STATUS_NOT_FOUND when no binding shows it; AUTH_STATUS_CONFLICT when two bindings
 * show different numbers; AUTH_STATUS_INVALID when it breaks the rules; else as
 * auth_identity_read.
 */
AUTH_API auth_status auth_identity_reveal(auth_bytes certificate, const auth_person_rules *rules,
                                          auth_person_number *out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Make the secret that a binding needs to be issued: for sim, 26 characters of base32 (128 random
 * bits, within the 28 characters that other systems take); for vid, 20 octets.
 *
 * To be handed to the holder together with the certificate, and to nobody else.
 *
 * Ownership: gives *out, to be freed with auth_secret_free.
 * Errors: AUTH_STATUS_UNSUPPORTED for a binding that needs none; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_identity_secret_new(auth_identity_binding binding, auth_secret **out,
                                              auth_error *err) AUTH_MUST_CHECK;

AUTH_END_DECLS

#endif
