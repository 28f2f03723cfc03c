/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_key
 * @brief public keys and signers
 *
 * A public key comes from a SubjectPublicKeyInfo and verifies signatures; a signer makes them. Both
 * are bytes in, bytes out: a signer may hold a key in memory, in a PKCS#11 token or in another
 * process, and nobody who uses it can tell. Supported are P-256, P-384, RSA of 2048 to 4096 bits,
 * Ed25519 and SM2, each with one signature algorithm to sign with.
 *
 * Every SM2 signature is made and verified with the distinguishing ID 1234567812345678 (GM/T 0009).
 * Key parameters are read and bounded here before OpenSSL sees them: named curves only, points on
 * their curve, RSA with an odd exponent above 65536 and a size divisible by 8.
 *
 * Public keys and signers may be used by several threads at once.
 */
#ifndef AUTH_KEY_H
#define AUTH_KEY_H

#include <auth/secret.h>

AUTH_BEGIN_DECLS

typedef enum auth_key_type {
#define AUTH_KEY_TYPE_ROW(id, number, name, signature) AUTH_KEY_TYPE_##id = (number),
#include <auth/key_type.def>
} auth_key_type;

/**
 * Tell the name of a key type: "p256".
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_key_type_name(auth_key_type type);

/* The longest signature: RSA of 4096 bits. */
#define AUTH_SIGNATURE_MAX 512

/* A signature as it stands in a certificate's BIT STRING. */
typedef struct auth_signature {
    size_t len;
    uint8_t octets[AUTH_SIGNATURE_MAX];
} auth_signature;

#define AUTH_KEY_ID_SIZE 20
#define AUTH_KEY_HASH_SIZE 32

typedef struct auth_public_key auth_public_key;

/**
 * Read a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), DER.
 *
 * Accepted spellings that mean the same key (compressed points, RSA parameters absent) give the
 * same canonical key. A key on the curve SM2 is an SM2 key.
 *
 * Ownership: gives *out, to be freed with auth_public_key_free; copies what it needs.
 * Errors: AUTH_STATUS_MALFORMED when it is not DER or not of this form; AUTH_STATUS_UNSUPPORTED for
 * another algorithm, curve or size; AUTH_STATUS_INVALID for a point that is not on its curve or, on
 * Ed25519, of small order, for an even RSA modulus, and for an RSA exponent that is not odd, above
 * 65536 and of at most 64 bits; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_public_key_parse(auth_bytes spki, auth_public_key **out,
                                           auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a public key. NULL is fine.
 */
AUTH_API void auth_public_key_free(auth_public_key *key);

/**
 * Tell the type of a public key.
 */
AUTH_API auth_key_type auth_public_key_type(const auth_public_key *key);

/**
 * Tell the size of a public key in bits: 256, 384, or that of the RSA modulus.
 */
AUTH_API unsigned auth_public_key_bits(const auth_public_key *key);

/**
 * View the canonical SubjectPublicKeyInfo: uncompressed point, RSA parameters NULL.
 *
 * Ownership: borrows; valid until the key is freed.
 */
AUTH_API auth_bytes auth_public_key_spki(const auth_public_key *key);

/**
 * Write the key identifier: SHA-1 of the subjectPublicKey bits (RFC 5280 section 4.2.1.2, method
 * 1), for every type of key.
 */
AUTH_API void auth_public_key_id(const auth_public_key *key, uint8_t out[AUTH_KEY_ID_SIZE]);

/**
 * Write the SHA-256 of the canonical SubjectPublicKeyInfo: by it keys are compared and blocked.
 */
AUTH_API void auth_public_key_hash(const auth_public_key *key, uint8_t out[AUTH_KEY_HASH_SIZE]);

/* Tells whether the caller's list blocks a key hash (AUTH_KEY_HASH_SIZE octets). */
typedef bool auth_key_is_blocked(void *context, auth_bytes key_hash);

/**
 * Refuse weak keys: RSA moduli that have a factor below 752, are squares or a product of two close
 * numbers (Fermat, 100 rounds), or carry the ROCA fingerprint (CVE-2017-15361); and any key that
 * the caller's list blocks.
 *
 * is_blocked may be NULL. To be asked before a key is certified.
 *
 * Errors: AUTH_STATUS_INVALID naming the weakness; AUTH_STATUS_DENIED for a blocked key;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 * Source: CA/Browser Forum Baseline Requirements 6.1.1.3.
 */
AUTH_API auth_status auth_public_key_check_strength(const auth_public_key *key,
                                                    auth_key_is_blocked *is_blocked, void *context,
                                                    auth_error *err) AUTH_MUST_CHECK;

/**
 * Verify a signature over a message.
 *
 * algorithm is the DER AlgorithmIdentifier that came with it. Verified are ECDSA with SHA-256,
 * SHA-384 or SHA-512, RSA PKCS#1 v1.5 with SHA-256, SHA-384, SHA-512 or SM3, RSASSA-PSS with one
 * SHA-2 throughout, Ed25519, and SM2 with SM3, parameters absent or NULL where both are met.
 *
 * Errors: AUTH_STATUS_UNTRUSTED when the signature does not verify or is not of the form that its
 * standard gives it (ECDSA and SM2: two positive INTEGERs in DER); AUTH_STATUS_UNSUPPORTED when
 * the algorithm is another one or does not fit the key; AUTH_STATUS_MALFORMED when algorithm is not
 * DER; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_public_key_verify(const auth_public_key *key, auth_bytes algorithm,
                                            auth_bytes message, auth_bytes signature,
                                            auth_error *err) AUTH_MUST_CHECK;

typedef struct auth_signer auth_signer;

/**
 * Generate a key in memory. bits is for RSA only: 2048, 3072 or 4096; 0 elsewhere.
 *
 * Ownership: gives *out, to be freed with auth_signer_free.
 * Errors: AUTH_STATUS_UNSUPPORTED for another size; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_signer_generate(auth_key_type type, unsigned bits, auth_signer **out,
                                          auth_error *err) AUTH_MUST_CHECK;

/*
 * Asks for a passphrase or PIN; what names it for a person. Gives a secret that the callee frees.
 */
typedef auth_status auth_passphrase_ask(void *context, const char *what, auth_secret **out,
                                        auth_error *err);

/**
 * Read a private key: PKCS#8, DER or PEM, encrypted or not (RFC 5958, RFC 7468, PBES2).
 *
 * ask may be NULL, then an encrypted key is refused. It is called once at the most, and not for a
 * key that would be refused anyway. Encryption is PBES2 with PBKDF2 of at most 10,000,000 rounds or
 * with scrypt. The key signs once, to prove that its halves belong together.
 *
 * Ownership: gives *out, to be freed with auth_signer_free. The caller wipes its own copy.
 * Errors: AUTH_STATUS_MALFORMED; AUTH_STATUS_UNSUPPORTED; AUTH_STATUS_INVALID when the public and
 * the private half do not match; AUTH_STATUS_DENIED for a wrong or missing passphrase;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO; what ask returns.
 */
AUTH_API auth_status auth_signer_parse(auth_bytes pkcs8, auth_passphrase_ask *ask, void *context,
                                       auth_signer **out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Read a private key from a file. It must be a regular one, owned by root or the effective user,
 * without permissions for anybody else; symbolic links to such a file are followed, since keys are
 * mounted and exchanged by them, and the checks are on the file that was opened.
 *
 * Ownership: gives *out, to be freed with auth_signer_free.
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_DENIED for what it is, its owner or its permissions;
 * AUTH_STATUS_LIMIT above 64 KiB; AUTH_STATUS_IO; else as auth_signer_parse.
 */
AUTH_API auth_status auth_signer_load(const char *path, auth_passphrase_ask *ask, void *context,
                                      auth_signer **out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Use a private key in a PKCS#11 token, named by a URI (RFC 7512) with module-path or module-name,
 * token or serial or slot-id, and object or id. The PIN comes from pin-source (a file) or from ask.
 *
 * The public key has to be in the token beside it. The module is loaded by dlopen and stays loaded
 * and initialised for as long as the process runs; after a fork, the child opens its keys anew. The
 * PIN is not kept. After a failure a token is opened anew, for the same key alone, when pin-source
 * names the file of its PIN; a PIN that is refused then is not tried again. Without that file a
 * token that was pulled out has to be opened again. The key signs once, to prove that its halves
 * belong together.
 *
 * Ownership: gives *out, to be freed with auth_signer_free.
 * Errors: AUTH_STATUS_MALFORMED for the URI; AUTH_STATUS_NOT_FOUND for module, token or key;
 * AUTH_STATUS_CONFLICT when several tokens or keys fit; AUTH_STATUS_DENIED for the PIN, which is
 * tried once, and not at all when it would be the last try; AUTH_STATUS_INVALID when the public and
 * the private half do not match; AUTH_STATUS_UNSUPPORTED; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_UNAVAILABLE when the token fails.
 */
AUTH_API auth_status auth_signer_open_token(const char *uri, auth_passphrase_ask *ask,
                                            void *context, auth_signer **out,
                                            auth_error *err) AUTH_MUST_CHECK;

/**
 * Generate a key pair in a token (P-256, P-384 or RSA) under the object name and id of the URI, not
 * extractable and for signing only, and use it. Without an id in the URI it gets a random one.
 *
 * Ownership: gives *out, to be freed with auth_signer_free.
 * Errors: AUTH_STATUS_CONFLICT when the name is taken; else as auth_signer_open_token.
 */
AUTH_API auth_status auth_signer_generate_in_token(const char *uri, auth_key_type type,
                                                   unsigned bits, auth_passphrase_ask *ask,
                                                   void *context, auth_signer **out,
                                                   auth_error *err) AUTH_MUST_CHECK;

/* Signs a message for a signer that lives elsewhere. */
typedef auth_status auth_sign_call(void *context, auth_bytes message, auth_signature *out,
                                   auth_error *err);

/**
 * Make a signer of a callback, for a key that lives in another process. sign may be called by
 * several threads at once. key says what it signs with, and is copied; release may be NULL and is
 * called once with context when the signer is freed.
 *
 * Ownership: gives *out, to be freed with auth_signer_free.
 * Errors: AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_signer_from_callback(const auth_public_key *key, auth_sign_call *sign,
                                               void (*release)(void *context), void *context,
                                               auth_signer **out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a signer and wipe its key. NULL is fine.
 */
AUTH_API void auth_signer_free(auth_signer *signer);

/**
 * View the public half.
 *
 * Ownership: borrows; valid until the signer is freed.
 */
AUTH_API const auth_public_key *auth_signer_public_key(const auth_signer *signer);

/**
 * View the DER AlgorithmIdentifier of the signatures that this signer makes.
 *
 * Ownership: the octets are static.
 */
AUTH_API auth_bytes auth_signer_algorithm(const auth_signer *signer);

/**
 * Sign a message.
 *
 * Errors: AUTH_STATUS_UNAVAILABLE when a token or another process fails; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_signer_sign(const auth_signer *signer, auth_bytes message,
                                      auth_signature *out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Sign a message with an RSA key by RSASSA-PSS: SHA-256, MGF1 with it, and a salt of 32 octets. TLS
 * 1.3 wants that of RSA keys (RFC 8446 4.2.3, rsa_pss_rsae_sha256); auth_signer_algorithm tells the
 * other algorithm, by which auth_signer_sign signs.
 *
 * Errors: AUTH_STATUS_UNSUPPORTED for another type of key, and for a signer of a callback; else as
 * auth_signer_sign: a token that cannot do this fails.
 */
AUTH_API auth_status auth_signer_sign_pss(const auth_signer *signer, auth_bytes message,
                                          auth_signature *out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Append the private key as PKCS#8 PEM, encrypted with AES-256-CBC and PBKDF2-HMAC-SHA-256
 * (600,000 rounds) when passphrase is not NULL.
 *
 * Errors: AUTH_STATUS_DENIED when the key cannot leave its token or process; AUTH_STATUS_LIMIT;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
AUTH_API auth_status auth_signer_export(const auth_signer *signer, const auth_secret *passphrase,
                                        auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Read a passphrase: the first line of a file, or of a descriptor when path is NULL, without its LF
 * or CR LF. Not an octet more is taken from a descriptor. A file is refused as by auth_signer_load.
 *
 * Ownership: gives *out, to be freed with auth_secret_free.
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_DENIED for its permissions; AUTH_STATUS_INVALID when
 * it is empty; AUTH_STATUS_LIMIT above 1,024 octets; AUTH_STATUS_IO; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_passphrase_read(const char *path, int descriptor, auth_secret **out,
                                          auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(auth_public_key)
AUTH_DEFINE_CLEANUP(auth_signer)

AUTH_END_DECLS

#endif
