/* SPDX-License-Identifier: Apache-2.0 */
/* Subject identification method, RFC 4683, and what it shares with the Korean VID. */
#include "identity/identity.h"

#include <auth/codec.h>

/* DER of a HashContent: secret, random, type and number with their headers. */
#define CONTENT_MAX 512

static const struct {
    oid id;
    digest_algorithm hash;
} hashes[] = {
    {OID_SM3, DIGEST_SM3},       {OID_SHA256, DIGEST_SHA256}, {OID_SHA384, DIGEST_SHA384},
    {OID_SHA512, DIGEST_SHA512}, {OID_SHA1, DIGEST_SHA1},
};

bool identity_hash_of(oid id, digest_algorithm *out)
{
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        if (hashes[i].id == id) {
            *out = hashes[i].hash;
            return true;
        }
    }
    return false;
}

static oid oid_of(digest_algorithm hash) { return hash == DIGEST_SM3 ? OID_SM3 : OID_SHA256; }

bool identity_take_hash(auth_bytes *cursor, oid *out)
{
    auth_bytes at = *cursor;
    auth_bytes algorithm;
    auth_bytes type;
    if (!der_take(&at, DER_SEQUENCE, &algorithm) || !der_take_oid(&algorithm, &type))
        return false;
    auth_bytes null;
    if (algorithm.len != 0 && (!der_only(algorithm, DER_NULL, &null) || null.len != 0))
        return false;
    *cursor = at;
    *out = oid_find(type);
    return true;
}

auth_status identity_hash_twice(digest_algorithm hash, auth_bytes message, uint8_t out[DIGEST_MAX],
                                auth_error *err)
{
    uint8_t once[DIGEST_MAX];
    auth_status status = digest(hash, message, once, err);
    if (status == AUTH_STATUS_OK)
        status = digest(hash, (auth_bytes){once, digest_len(hash)}, out, err);
    auth_secret_wipe(once, sizeof once);
    return status;
}

identity_other_name identity_open_other_name(der_writer *writer, oid type)
{
    identity_other_name marks = {.name = der_open(writer, DER_CONTEXT_CONSTRUCTED(0))};
    der_put_oid(writer, oid_bytes(type));
    marks.value = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
    return marks;
}

void identity_close_other_name(der_writer *writer, identity_other_name marks)
{
    der_close(writer, marks.value);
    der_close(writer, marks.name);
}

/* SIItype: GB/T 20518's code stands for every number but a passport's, which could be confused. */
static oid identifier_type(const auth_person_number *number)
{
    return number->type == AUTH_PERSON_TYPE_PASSPORT ? OID_IDENTIFY_CODE_PASSPORT_2023
                                                     : OID_IDENTIFY_CODE;
}

/* pEPSI = H(H(DER(HashContent))), RFC 4683 section 4.3. */
static auth_status pepsi(digest_algorithm hash, auth_bytes secret, auth_bytes random,
                         const auth_person_number *number, uint8_t out[DIGEST_MAX], auth_error *err)
{
    uint8_t room[CONTENT_MAX];
    der_writer writer = der_writer_on(room, sizeof room);
    size_t content = der_open(&writer, DER_SEQUENCE);
    der_put_item(&writer, DER_UTF8_STRING, secret);
    der_put_item(&writer, DER_OCTET_STRING, random);
    der_put_oid(&writer, oid_bytes(identifier_type(number)));
    der_put_item(&writer, DER_UTF8_STRING, auth_person_number_reveal(number));
    der_close(&writer, content);
    auth_status status = writer.has_failed
                             ? auth_error_set(err, AUTH_STATUS_INVALID,
                                              "sim: secret or random is too long (RFC 4683 4.2)")
                             : identity_hash_twice(hash, der_written(&writer), out, err);
    auth_secret_wipe(room, sizeof room);
    return status;
}

auth_status identity_put_sim(der_writer *writer, digest_algorithm hash, auth_bytes secret,
                             auth_bytes random, const auth_person_number *number, auth_error *err)
{
    uint8_t value[DIGEST_MAX];
    auth_status status = pepsi(hash, secret, random, number, value, err);
    if (status != AUTH_STATUS_OK)
        return status;
    identity_other_name marks = identity_open_other_name(writer, OID_SIM);
    size_t sim = der_open(writer, DER_SEQUENCE);
    size_t algorithm = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(oid_of(hash)));
    der_close(writer, algorithm);
    der_put_item(writer, DER_OCTET_STRING, random);
    der_put_item(writer, DER_OCTET_STRING, (auth_bytes){value, digest_len(hash)});
    der_close(writer, sim);
    identity_close_other_name(writer, marks);
    return AUTH_STATUS_OK;
}

typedef struct sim_parts {
    oid hash;
    auth_bytes random;
    auth_bytes pepsi;
} sim_parts;

static bool read_sim(auth_bytes sim, sim_parts *out)
{
    auth_bytes content;
    return der_only(sim, DER_SEQUENCE, &content) && identity_take_hash(&content, &out->hash) &&
           der_take(&content, DER_OCTET_STRING, &out->random) && out->random.len > 0 &&
           der_take(&content, DER_OCTET_STRING, &out->pepsi) && out->pepsi.len > 0 &&
           content.len == 0 && out->random.len <= 2 * (size_t)DIGEST_MAX &&
           out->pepsi.len <= 2 * (size_t)DIGEST_MAX;
}

bool identity_is_sim(auth_bytes sim)
{
    sim_parts parts;
    return read_sim(sim, &parts);
}

/* 0 to 15; 16 for what is no hex digit. */
static unsigned hex_digit(unsigned c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10U;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10U : 16U;
}

/* Reads hex digits of either case; false for anything else. */
static bool read_hex(auth_bytes text, uint8_t out[DIGEST_MAX], auth_bytes *octets)
{
    if (text.len % 2 != 0 || text.len > 2 * (size_t)DIGEST_MAX)
        return false;
    for (size_t i = 0; i < text.len; i += 2) {
        unsigned high = hex_digit(text.data[i]);
        unsigned low = hex_digit(text.data[i + 1]);
        if (high > 15 || low > 15)
            return false;
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    *octets = (auth_bytes){out, text.len / 2};
    return true;
}

static auth_status compare(digest_algorithm hash, const sim_parts *parts, auth_bytes secret,
                           const auth_person_number *number, bool *out, auth_error *err)
{
    uint8_t value[DIGEST_MAX];
    auth_status status = pepsi(hash, secret, parts->random, number, value, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = auth_secret_equal((auth_bytes){value, digest_len(hash)}, parts->pepsi);
    return AUTH_STATUS_OK;
}

/*
 * EJBCA writes both OCTET STRINGs as hex text, over a random that it does not put into the
 * certificate. Whoever writes hex text but computes as the RFC says can be checked.
 */
static auth_status compare_hex(digest_algorithm hash, const sim_parts *parts, auth_bytes secret,
                               const auth_person_number *number, bool *out, auth_error *err)
{
    uint8_t random[DIGEST_MAX];
    uint8_t value[DIGEST_MAX];
    sim_parts decoded = *parts;
    bool fits = false;
    if (read_hex(parts->random, random, &decoded.random) &&
        read_hex(parts->pepsi, value, &decoded.pepsi)) {
        auth_status status = compare(hash, &decoded, secret, number, &fits, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    if (!fits)
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "sim: written as hex text (EJBCA), over a random that is not in the "
                              "certificate (RFC 4683 4.3); ask the issuer for another binding");
    *out = true;
    return AUTH_STATUS_OK;
}

auth_status identity_match_sim(auth_bytes sim, auth_bytes secret, const auth_person_number *number,
                               bool *out, auth_error *err)
{
    sim_parts parts;
    digest_algorithm hash = DIGEST_SHA256;
    if (!read_sim(sim, &parts))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "sim: not of the form of RFC 4683 4.1; ask the issuer for a new "
                              "certificate");
    if (!identity_hash_of(parts.hash, &hash))
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "sim: its hash is none of SM3, SHA-1 and SHA-2 (RFC 4683 4.3)");
    if (parts.pepsi.len == 2 * digest_len(hash))
        return compare_hex(hash, &parts, secret, number, out, err);
    return compare(hash, &parts, secret, number, out, err);
}
