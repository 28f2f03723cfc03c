/* SPDX-License-Identifier: Apache-2.0 */
/* Signers whose key is in a PKCS#11 token: found there, or generated there. */
#include "base/der.h"
#include "base/oid.h"
#include "key/signer.h"
#include "key/spki.h"
#include "key/token.h"

#include <string.h>

#define RAW_SIGNATURE_MAX 96 /* r || s of P-384 */
#define MODULUS_MAX 512
#define EXPONENT_MAX 16
#define CURVE_MAX 32

/* A public exponent for new RSA keys: 65537. */
static const uint8_t new_exponent[] = {0x01, 0x00, 0x01};

/* DigestInfo of SHA-256 without the hash (RFC 8017 section 9.2, note 1). */
static const uint8_t sha256_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                      0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

/* What PKCS#11 calls CK_ATTRIBUTE takes pointers that are not const, and does not write to them. */
static CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, const void *value, size_t len)
{
    void *unqualified = NULL;
    memcpy(&unqualified, &value, sizeof unqualified);
    return (CK_ATTRIBUTE){type, unqualified, len};
}

static CK_RV sign_in_session(const token *with, CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type,
                             auth_bytes input, uint8_t *out, unsigned long *len, const char **call)
{
    CK_RSA_PKCS_PSS_PARAMS pss = {CKM_SHA256, CKG_MGF1_SHA256, SIGNATURE_PSS_SALT_LEN};
    CK_MECHANISM mechanism = {type, NULL, 0};
    if (type == CKM_RSA_PKCS_PSS)
        mechanism = (CK_MECHANISM){type, &pss, sizeof pss};
    uint8_t copy[DIGEST_MAX + sizeof sha256_info];
    memcpy(copy, input.data, input.len);
    *call = "C_SignInit";
    CK_RV result = with->call->C_SignInit(session, &mechanism, with->key);
    if (result != CKR_OK)
        return result;
    *call = "C_Sign";
    return with->call->C_Sign(session, copy, input.len, out, len);
}

/* One attempt. Whatever fails is the token's fault. */
static auth_status try_input(token *with, CK_MECHANISM_TYPE type, auth_bytes input, uint8_t *out,
                             unsigned long *len, auth_error *err)
{
    CK_SESSION_HANDLE session = 0;
    const char *call = "";
    auth_status status = token_take(with, &session, err);
    if (status != AUTH_STATUS_OK)
        return status;
    CK_RV result = sign_in_session(with, session, type, input, out, len, &call);
    token_give_back(with, session, result != CKR_OK);
    return result == CKR_OK ? AUTH_STATUS_OK : module_failed(err, call, result);
}

/* Forward: the key must be the one that it was. */
static auth_status find_same(token *in, const token_uri *uri, void *context, auth_error *err);

/*
 * Signs ready input; *len: room, then what came. A token that was pulled out and is back has new
 * sessions and handles, so after a failure it is opened anew and asked once more; what is told is
 * the first failure.
 */
static auth_status sign_input(const auth_signer *signer, CK_MECHANISM_TYPE type, auth_bytes input,
                              uint8_t *out, unsigned long *len, auth_error *err)
{
    held_token *held = signer->state;
    unsigned long room = *len;
    auth_public_key *key = signer->key;
    token *with = held_token_take(held);
    auth_status status = try_input(with, type, input, out, len, err);
    if (status == AUTH_STATUS_UNAVAILABLE &&
        held_token_renew(held, with, find_same, key, NULL) == AUTH_STATUS_OK) {
        held_token_give_back(held, with);
        with = held_token_take(held);
        *len = room;
        status = try_input(with, type, input, out, len, err);
    }
    held_token_give_back(held, with);
    return status;
}

static auth_status refuse_length(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                          "token: the signature that it made has not the length of its key's; "
                          "look at the token");
}

static auth_status sign_ec(const auth_signer *signer, digest_algorithm algorithm,
                           auth_bytes message, auth_signature *out, auth_error *err)
{
    uint8_t hash[DIGEST_MAX];
    uint8_t raw[RAW_SIGNATURE_MAX];
    unsigned long len = sizeof raw;
    auth_status status = digest(algorithm, message, hash, err);
    if (status == AUTH_STATUS_OK)
        status = sign_input(signer, CKM_ECDSA, (auth_bytes){hash, digest_len(algorithm)}, raw, &len,
                            err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_signature made;
    if (len != 2 * public_key_number_len(signer->key) ||
        !signature_write_pair((auth_bytes){raw, len}, &made))
        return refuse_length(err);
    *out = made;
    return AUTH_STATUS_OK;
}

/* The token pads; a digest is named in front of it where the padding does not name it. */
static auth_status sign_rsa(const auth_signer *signer, CK_MECHANISM_TYPE type, auth_bytes message,
                            auth_signature *out, auth_error *err)
{
    uint8_t input[sizeof sha256_info + DIGEST_MAX];
    auth_signature made;
    unsigned long len = sizeof made.octets;
    size_t head = type == CKM_RSA_PKCS ? sizeof sha256_info : 0;
    memcpy(input, sha256_info, head);
    auth_status status = digest(DIGEST_SHA256, message, input + head, err);
    if (status == AUTH_STATUS_OK)
        status = sign_input(signer, type, (auth_bytes){input, head + digest_len(DIGEST_SHA256)},
                            made.octets, &len, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (len != signer->key->bits / 8)
        return refuse_length(err);
    made.len = len;
    *out = made;
    return AUTH_STATUS_OK;
}

static auth_status token_sign(const auth_signer *signer, auth_bytes message, auth_signature *out,
                              auth_error *err)
{
    signature_scheme scheme = signature_of_type(signer->key->type);
    if (signer->key->type == AUTH_KEY_TYPE_RSA)
        return sign_rsa(signer, CKM_RSA_PKCS, message, out, err);
    return sign_ec(signer, scheme.digest, message, out, err);
}

static auth_status token_sign_pss(const auth_signer *signer, auth_bytes message,
                                  auth_signature *out, auth_error *err)
{
    return sign_rsa(signer, CKM_RSA_PKCS_PSS, message, out, err);
}

static void free_state(void *state) { held_token_free(state); }

static const signer_kind token_kind = {
    .sign = token_sign,
    .sign_pss = token_sign_pss,
    .free = free_state,
};

static auth_status refuse_public(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "token: beside the private key there is no public key with its curve "
                          "and point, or modulus and exponent; copy it to the token");
}

/* CKA_EC_POINT is an OCTET STRING around the point; some tokens give the point bare. */
static auth_bytes unwrap_point(auth_bytes value)
{
    auth_bytes inner;
    return der_only(value, DER_OCTET_STRING, &inner) ? inner : value;
}

static bool read_ec(const token *in, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                    der_writer *writer)
{
    uint8_t curve[CURVE_MAX];
    uint8_t point[128];
    size_t curve_len = 0;
    size_t point_len = 0;
    if (!token_read(in, session, object, CKA_EC_PARAMS, curve, sizeof curve, &curve_len) ||
        !token_read(in, session, object, CKA_EC_POINT, point, sizeof point, &point_len))
        return false;
    size_t whole = der_open(writer, DER_SEQUENCE);
    size_t algorithm = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(OID_EC_PUBLIC_KEY));
    der_put(writer, (auth_bytes){curve, curve_len});
    der_close(writer, algorithm);
    der_put_bit_octets(writer, unwrap_point((auth_bytes){point, point_len}));
    der_close(writer, whole);
    return true;
}

static auth_bytes without_zeros(const uint8_t *octets, size_t len)
{
    while (len > 0 && octets[0] == 0) {
        octets++;
        len--;
    }
    return (auth_bytes){octets, len};
}

static bool read_rsa(const token *in, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                     der_writer *writer)
{
    uint8_t modulus[MODULUS_MAX];
    uint8_t exponent[EXPONENT_MAX];
    size_t modulus_len = 0;
    size_t exponent_len = 0;
    if (!token_read(in, session, object, CKA_MODULUS, modulus, sizeof modulus, &modulus_len) ||
        !token_read(in, session, object, CKA_PUBLIC_EXPONENT, exponent, sizeof exponent,
                    &exponent_len))
        return false;
    spki_fields fields = {
        .type = AUTH_KEY_TYPE_RSA,
        .modulus = without_zeros(modulus, modulus_len),
        .exponent = without_zeros(exponent, exponent_len),
    };
    writer->len = spki_write(&fields, writer->room, writer->size);
    return writer->len > 0;
}

/* Reads a public key object as SubjectPublicKeyInfo; auth_public_key_parse bounds all of it. */
static auth_status read_public(const token *in, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                               auth_public_key **out, auth_error *err)
{
    uint8_t spki[SPKI_MAX + EXPONENT_MAX];
    der_writer writer = der_writer_on(spki, sizeof spki);
    unsigned long type = 0;
    size_t len = 0;
    if (!token_read(in, session, object, CKA_KEY_TYPE, &type, sizeof type, &len) ||
        len != sizeof type)
        return refuse_public(err);
    if (type != CKK_EC && type != CKK_RSA) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "token: a key of PKCS#11 type 0x%lx; P-256, P-384 and RSA sign in "
                              "tokens",
                              type);
    }
    bool is_read = type == CKK_EC ? read_ec(in, session, object, &writer)
                                  : read_rsa(in, session, object, &writer);
    auth_bytes der = der_written(&writer);
    if (!is_read || der.len == 0)
        return refuse_public(err);
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_status status = auth_public_key_parse(der, &key, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (key->type == AUTH_KEY_TYPE_SM2) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "token: an SM2 key, for which PKCS#11 2.x has no mechanism; P-256, "
                              "P-384 and RSA sign in tokens");
    }
    *out = AUTH_TAKE(key);
    return AUTH_STATUS_OK;
}

/* Finds the public key beside a private one: the same id or, without one, the same label. */
static auth_status find_public(const token *in, CK_SESSION_HANDLE session, auth_public_key **out,
                               auth_error *err)
{
    unsigned long class = CKO_PUBLIC_KEY;
    uint8_t name[URI_OBJECT_SIZE];
    size_t len = 0;
    CK_ATTRIBUTE_TYPE by = CKA_ID;
    if (!token_read(in, session, in->key, CKA_ID, name, sizeof name, &len) || len == 0) {
        by = CKA_LABEL;
        if (!token_read(in, session, in->key, CKA_LABEL, name, sizeof name, &len) || len == 0)
            return refuse_public(err);
    }
    CK_ATTRIBUTE wanted[] = {
        attribute(CKA_CLASS, &class, sizeof class),
        attribute(by, name, len),
    };
    CK_OBJECT_HANDLE object = 0;
    auth_status status = token_find(in, session, wanted, 2, &object, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return refuse_public(err);
    if (status == AUTH_STATUS_OK)
        status = read_public(in, session, object, out, err);
    return status;
}

/* Some cards want the PIN again for each signature; then nobody would be there to type it. */
static auth_status check_usable(const token *in, CK_SESSION_HANDLE session, auth_error *err)
{
    CK_BBOOL answer = CK_FALSE;
    size_t len = 0;
    if (token_read(in, session, in->key, CKA_SIGN, &answer, sizeof answer, &len) &&
        answer == CK_FALSE) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "token: the key may not sign (CKA_SIGN); use another one");
    }
    answer = CK_FALSE;
    if (token_read(in, session, in->key, CKA_ALWAYS_AUTHENTICATE, &answer, sizeof answer, &len) &&
        answer == CK_TRUE) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "token: the key asks for the PIN at each signature "
                              "(CKA_ALWAYS_AUTHENTICATE); use one that does not");
    }
    return AUTH_STATUS_OK;
}

static size_t put_names(const token_uri *uri, CK_ATTRIBUTE *out)
{
    size_t count = 0;
    if (uri->object[0] != '\0')
        out[count++] = attribute(CKA_LABEL, uri->object, strlen(uri->object));
    if (uri->id_len > 0)
        out[count++] = attribute(CKA_ID, uri->id, uri->id_len);
    return count;
}

static auth_status find_pair(token *in, CK_SESSION_HANDLE session, const token_uri *uri,
                             auth_public_key **out, auth_error *err)
{
    unsigned long class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE wanted[3] = {attribute(CKA_CLASS, &class, sizeof class)};
    size_t count = 1 + put_names(uri, wanted + 1);
    auth_status status = token_find(in, session, wanted, count, &in->key, err);
    if (status == AUTH_STATUS_OK)
        status = check_usable(in, session, err);
    if (status == AUTH_STATUS_OK)
        status = find_public(in, session, out, err);
    return status;
}

static auth_status find_same(token *in, const token_uri *uri, void *context, auth_error *err)
{
    const auth_public_key *former = context;
    AUTH_AUTO(auth_public_key) *found = NULL;
    CK_SESSION_HANDLE session = 0;
    auth_status status = token_take(in, &session, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = find_pair(in, session, uri, &found, err);
    token_give_back(in, session, false);
    if (status == AUTH_STATUS_OK &&
        !auth_bytes_equal(auth_public_key_spki(found), auth_public_key_spki(former)))
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "token: the key of this name is another one than before; plug in the "
                              "token that was there");
    return status;
}

/* Makes the signer and lets it sign once, so that what is opened works. Takes on success only. */
static auth_status finish(token *in, const token_uri *uri, auth_public_key *key, auth_signer **out,
                          auth_error *err)
{
    auth_signer *made = NULL;
    held_token *held = NULL;
    auth_status status = held_token_new(uri, in, &held, err);
    if (status != AUTH_STATUS_OK)
        return status;
    /* What is being opened is not opened anew. */
    held->is_refused = true;
    status = signer_new(&token_kind, key, held, &made, err);
    if (status == AUTH_STATUS_OK)
        status = signer_prove(made, err);
    held->is_refused = false;
    if (status != AUTH_STATUS_OK) {
        signer_abandon(made);
        held->now = NULL;
        held_token_free(held);
        return status;
    }
    *out = made;
    return AUTH_STATUS_OK;
}

auth_status auth_signer_open_token(const char *uri, auth_passphrase_ask *ask, void *context,
                                   auth_signer **out, auth_error *err)
{
    token_uri parsed;
    AUTH_AUTO(token) *in = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    CK_SESSION_HANDLE session = 0;
    auth_status status = token_uri_parse(uri, &parsed, err);
    if (status == AUTH_STATUS_OK)
        status = token_open(&parsed, false, ask, context, &in, err);
    if (status == AUTH_STATUS_OK)
        status = token_take(in, &session, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = find_pair(in, session, &parsed, &key, err);
    token_give_back(in, session, false);
    if (status == AUTH_STATUS_OK)
        status = finish(in, &parsed, key, out, err);
    if (status == AUTH_STATUS_OK) {
        (void)AUTH_TAKE(in);
        (void)AUTH_TAKE(key);
    }
    return status;
}

/* Neither name may be taken, by whatever object, so that a URI never fits two keys. */
static auth_status check_free(const token *in, CK_SESSION_HANDLE session, const token_uri *uri,
                              auth_error *err)
{
    CK_ATTRIBUTE names[2];
    size_t count = put_names(uri, names);
    for (size_t i = 0; i < count; i++) {
        CK_OBJECT_HANDLE object = 0;
        auth_status status = token_find(in, session, &names[i], 1, &object, err);
        if (status == AUTH_STATUS_OK || status == AUTH_STATUS_CONFLICT) {
            return auth_error_set(err, AUTH_STATUS_CONFLICT,
                                  "token: an object has the %s of the URI already; choose another",
                                  names[i].type == CKA_ID ? "id" : "object name");
        }
        if (status != AUTH_STATUS_NOT_FOUND)
            return status;
    }
    return AUTH_STATUS_OK;
}

typedef struct new_pair {
    CK_OBJECT_HANDLE public_key;
    CK_OBJECT_HANDLE private_key;
} new_pair;

static void destroy_pair(const token *in, CK_SESSION_HANDLE session, const new_pair *pair)
{
    (void)in->call->C_DestroyObject(session, pair->public_key);
    (void)in->call->C_DestroyObject(session, pair->private_key);
}

static auth_status generate_pair(const token *in, CK_SESSION_HANDLE session, const token_uri *uri,
                                 auth_key_type type, unsigned long bits, new_pair *out,
                                 auth_error *err)
{
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    uint8_t curve[CURVE_MAX];
    der_writer writer = der_writer_on(curve, sizeof curve);
    der_put_oid(&writer, oid_bytes(type == AUTH_KEY_TYPE_P256 ? OID_P256 : OID_P384));

    CK_ATTRIBUTE public_half[10] = {
        attribute(CKA_TOKEN, &yes, sizeof yes),
        attribute(CKA_VERIFY, &yes, sizeof yes),
        attribute(CKA_ENCRYPT, &no, sizeof no),
        attribute(CKA_WRAP, &no, sizeof no),
    };
    size_t public_count = 4;
    if (type == AUTH_KEY_TYPE_RSA) {
        public_half[public_count++] = attribute(CKA_MODULUS_BITS, &bits, sizeof bits);
        public_half[public_count++] =
            attribute(CKA_PUBLIC_EXPONENT, new_exponent, sizeof new_exponent);
    } else {
        public_half[public_count++] = attribute(CKA_EC_PARAMS, curve, writer.len);
    }
    public_count += put_names(uri, public_half + public_count);

    CK_ATTRIBUTE private_half[10] = {
        attribute(CKA_TOKEN, &yes, sizeof yes),     attribute(CKA_PRIVATE, &yes, sizeof yes),
        attribute(CKA_SENSITIVE, &yes, sizeof yes), attribute(CKA_EXTRACTABLE, &no, sizeof no),
        attribute(CKA_SIGN, &yes, sizeof yes),      attribute(CKA_DECRYPT, &no, sizeof no),
        attribute(CKA_UNWRAP, &no, sizeof no),
    };
    size_t private_count = 7 + put_names(uri, private_half + 7);

    CK_MECHANISM mechanism = {type == AUTH_KEY_TYPE_RSA ? CKM_RSA_PKCS_KEY_PAIR_GEN
                                                        : CKM_EC_KEY_PAIR_GEN,
                              NULL, 0};
    CK_RV result =
        in->call->C_GenerateKeyPair(session, &mechanism, public_half, public_count, private_half,
                                    private_count, &out->public_key, &out->private_key);
    return result == CKR_OK ? AUTH_STATUS_OK : module_failed(err, "C_GenerateKeyPair", result);
}

/* A pair without an id gets one, since by it the public half is found again. */
static auth_status complete_names(token_uri *uri, auth_error *err)
{
    if (uri->id_len > 0)
        return AUTH_STATUS_OK;
    uri->id_len = AUTH_KEY_ID_SIZE;
    return digest_random(uri->id, uri->id_len, err);
}

static auth_status generate_in(token *in, CK_SESSION_HANDLE session, token_uri *uri,
                               auth_key_type type, unsigned bits, auth_public_key **key,
                               new_pair *pair, auth_error *err)
{
    auth_status status = check_free(in, session, uri, err);
    if (status == AUTH_STATUS_OK)
        status = complete_names(uri, err);
    if (status == AUTH_STATUS_OK)
        status = generate_pair(in, session, uri, type, bits, pair, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = read_public(in, session, pair->public_key, key, err);
    if (status != AUTH_STATUS_OK)
        destroy_pair(in, session, pair);
    in->key = pair->private_key;
    return status;
}

/* Removes a new pair that turned out not to work. */
static void remove_pair(token *in, const new_pair *pair)
{
    CK_SESSION_HANDLE session = 0;
    if (token_take(in, &session, NULL) != AUTH_STATUS_OK)
        return;
    destroy_pair(in, session, pair);
    token_give_back(in, session, false);
}

static auth_status check_type(auth_key_type type, unsigned bits, auth_error *err)
{
    if (type == AUTH_KEY_TYPE_P256 || type == AUTH_KEY_TYPE_P384 || type == AUTH_KEY_TYPE_RSA)
        return signer_check_size(type, bits, err);
    return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                          "token: keys of type %s are not generated there; P-256, P-384 and RSA "
                          "are",
                          auth_key_type_name(type));
}

auth_status auth_signer_generate_in_token(const char *uri, auth_key_type type, unsigned bits,
                                          auth_passphrase_ask *ask, void *context,
                                          auth_signer **out, auth_error *err)
{
    token_uri parsed;
    AUTH_AUTO(token) *in = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    CK_SESSION_HANDLE session = 0;
    new_pair pair = {0, 0};
    auth_status status = check_type(type, bits, err);
    if (status == AUTH_STATUS_OK)
        status = token_uri_parse(uri, &parsed, err);
    if (status == AUTH_STATUS_OK)
        status = token_open(&parsed, true, ask, context, &in, err);
    if (status == AUTH_STATUS_OK)
        status = token_take(in, &session, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = generate_in(in, session, &parsed, type, bits, &key, &pair, err);
    token_give_back(in, session, false);
    if (status != AUTH_STATUS_OK)
        return status;
    status = finish(in, &parsed, key, out, err);
    if (status != AUTH_STATUS_OK) {
        remove_pair(in, &pair);
        return status;
    }
    (void)AUTH_TAKE(in);
    (void)AUTH_TAKE(key);
    return AUTH_STATUS_OK;
}
