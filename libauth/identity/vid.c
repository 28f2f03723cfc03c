/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Korean virtual identifier (KISA TechSpec 1.5): h(h(number, random)), where the random goes
 * with the private key, so that only the holder can show whose the certificate is.
 */
#include "identity/identity.h"

#define CONTENT_MAX 512

/* VID = h(h(DER(HashContent))). */
static auth_status compute(digest_algorithm hash, auth_bytes random,
                           const auth_person_number *number, uint8_t out[DIGEST_MAX],
                           auth_error *err)
{
    if (number->type == AUTH_PERSON_TYPE_MILITARY_OFFICER)
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "vid: a military officer card number is no PrintableString (KISA "
                              "TechSpec 1.5); bind it with gbt20518, sim or pseudonym");
    uint8_t room[CONTENT_MAX];
    der_writer writer = der_writer_on(room, sizeof room);
    size_t content = der_open(&writer, DER_SEQUENCE);
    der_put_item(&writer, DER_PRINTABLE_STRING, auth_person_number_reveal(number));
    der_put_bit_octets(&writer, random);
    der_close(&writer, content);
    auth_status status = writer.has_failed
                             ? auth_error_set(err, AUTH_STATUS_INVALID,
                                              "vid: the random is too long (KISA TechSpec 1.5)")
                             : identity_hash_twice(hash, der_written(&writer), out, err);
    auth_secret_wipe(room, sizeof room);
    return status;
}

static void put_vid(der_writer *writer, digest_algorithm hash, auth_bytes value)
{
    size_t vid = der_open(writer, DER_SEQUENCE);
    size_t algorithm = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(hash == DIGEST_SM3 ? OID_SM3 : OID_SHA256));
    der_close(writer, algorithm);
    size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
    der_put_item(writer, DER_OCTET_STRING, value);
    der_close(writer, tagged);
    der_close(writer, vid);
}

auth_status identity_put_vid(der_writer *writer, digest_algorithm hash, auth_bytes random,
                             auth_bytes real_name, const auth_person_number *number,
                             auth_error *err)
{
    uint8_t value[DIGEST_MAX];
    auth_status status = compute(hash, random, number, value, err);
    if (status != AUTH_STATUS_OK)
        return status;
    identity_other_name marks = identity_open_other_name(writer, OID_KISA_IDENTIFY_DATA);
    size_t data = der_open(writer, DER_SEQUENCE);
    der_put_item(writer, DER_UTF8_STRING, real_name);
    size_t infos = der_open(writer, DER_SEQUENCE);
    size_t info = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(OID_KISA_VID));
    put_vid(writer, hash, (auth_bytes){value, digest_len(hash)});
    der_close(writer, info);
    der_close(writer, infos);
    der_close(writer, data);
    identity_close_other_name(writer, marks);
    return AUTH_STATUS_OK;
}

typedef struct vid_parts {
    oid hash;
    auth_bytes value;
} vid_parts;

static bool read_parts(auth_bytes vid, vid_parts *out)
{
    auth_bytes content;
    auth_bytes tagged;
    return der_only(vid, DER_SEQUENCE, &content) && identity_take_hash(&content, &out->hash) &&
           der_only(content, DER_CONTEXT_CONSTRUCTED(0), &tagged) &&
           der_only(tagged, DER_OCTET_STRING, &out->value);
}

bool identity_read_vid(auth_bytes identify_data, auth_bytes *vid)
{
    auth_bytes content;
    auth_bytes name;
    auth_bytes infos;
    auth_bytes info;
    auth_bytes type;
    if (!der_only(identify_data, DER_SEQUENCE, &content) ||
        !der_take(&content, DER_UTF8_STRING, &name) || !der_only(content, DER_SEQUENCE, &infos))
        return false;
    while (infos.len > 0) {
        vid_parts parts;
        if (!der_take(&infos, DER_SEQUENCE, &info) || !der_take_oid(&info, &type))
            return false;
        if (oid_find(type) == OID_KISA_VID) {
            *vid = info;
            return read_parts(info, &parts);
        }
    }
    return false;
}

auth_status identity_match_vid(auth_bytes vid, auth_bytes random, const auth_person_number *number,
                               bool *out, auth_error *err)
{
    vid_parts parts;
    digest_algorithm hash = DIGEST_SHA256;
    uint8_t value[DIGEST_MAX];
    if (!read_parts(vid, &parts))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "vid: not of the form of KISA TechSpec 1.5; ask the issuer for a new "
                              "certificate");
    if (!identity_hash_of(parts.hash, &hash))
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "vid: its hash is none of SM3, SHA-1 and SHA-2 (KISA TechSpec 1.5)");
    if (number->type == AUTH_PERSON_TYPE_MILITARY_OFFICER) {
        *out = false;
        return AUTH_STATUS_OK;
    }
    auth_status status = compute(hash, random, number, value, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = auth_secret_equal((auth_bytes){value, digest_len(hash)}, parts.value);
    return AUTH_STATUS_OK;
}
