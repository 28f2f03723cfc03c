/* SPDX-License-Identifier: Apache-2.0 */
/* From a raw profile to a checked one, and what others ask of it. */
#include "profile/check.h"
#include "x509/name.h"

#include <stdlib.h>
#include <string.h>

auth_status profile_refuse(auth_error *err, const char *path, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "profile: $.%s: %s", path, what);
}

auth_status profile_refuse_at(auth_error *err, const char *before, size_t i, const char *after,
                              const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "profile: $.%s[%zu]%s: %s", before, i, after,
                          what);
}

bool profile_is_text(auth_bytes text, const char *expected)
{
    return auth_bytes_equal(text, auth_bytes_from_text(expected));
}

/* JSON strings end in a NUL that is not counted (json.h), so they may be read as C strings. */
oid profile_find_oid(auth_bytes text) { return oid_named((const char *)text.data); }

bool profile_read_oid(auth_bytes text, uint8_t *room, size_t size, size_t *len)
{
    oid id = profile_find_oid(text);
    if (id == OID_UNKNOWN)
        return der_oid_parse((const char *)text.data, room, size, len);
    auth_bytes octets = oid_bytes(id);
    if (octets.len > size)
        return false;
    memcpy(room, octets.data, octets.len);
    *len = octets.len;
    return true;
}

constant_writer profile_open_constant(auth_profile *profile, oid id, bool is_critical)
{
    constant_writer constant = {
        .writer = der_writer_on(profile->constants_room + profile->constants_len,
                                sizeof profile->constants_room - profile->constants_len),
        .id = id,
    };
    constant.extension = der_open(&constant.writer, DER_SEQUENCE);
    der_put_oid(&constant.writer, oid_bytes(id));
    if (is_critical)
        der_put_bool(&constant.writer, true);
    constant.octets = der_open(&constant.writer, DER_OCTET_STRING);
    return constant;
}

auth_status profile_close_constant(auth_profile *profile, constant_writer *constant,
                                   auth_error *err)
{
    der_close(&constant->writer, constant->octets);
    der_close(&constant->writer, constant->extension);
    auth_bytes extension = der_written(&constant->writer);
    if (extension.data == NULL || profile->constant_count == PROFILE_CONSTANTS_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "profile: $.extensions: larger than %d octets; shorten %s",
                              PROFILE_CONSTANTS_SIZE, oid_name(constant->id));
    profile->constants[profile->constant_count++] = (profile_constant){
        .id = constant->id,
        .at = profile->constants_len,
        .len = extension.len,
    };
    profile->constants_len += extension.len;
    return AUTH_STATUS_OK;
}

auth_bytes profile_constant_of(const auth_profile *profile, oid id)
{
    for (size_t i = 0; i < profile->constant_count; i++) {
        const profile_constant *constant = &profile->constants[i];
        if (constant->id == id)
            return (auth_bytes){profile->constants_room + constant->at, constant->len};
    }
    return (auth_bytes){NULL, 0};
}

static bool is_profile_name(auth_bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return name.len < PROFILE_NAME_SIZE && name.data[0] != '-';
}

static auth_status check_head(const auth_profile_raw *raw, auth_profile *out, auth_error *err)
{
    if (!is_profile_name(raw->name))
        return profile_refuse(err, "name",
                              "a name has 1 to 64 characters a to z, 0 to 9 and inner hyphens; "
                              "rename the profile");
    if (raw->title.len >= PROFILE_TITLE_SIZE)
        return profile_refuse(err, "title", "longer than 128 octets; shorten it");
    if (raw->version.value != 3)
        return profile_refuse(err, "version",
                              "certificates with extensions have version 3 (RFC 5280 4.1.2.1); "
                              "write 3");
    bool is_self = raw->issuer.data != NULL && profile_is_text(raw->issuer, "self");
    if (raw->issuer.data != NULL && !is_self && !profile_is_text(raw->issuer, "authority"))
        return profile_refuse(err, "issuer", "neither \"self\" (a root) nor \"authority\"");
    bool is_bare = raw->possession.data != NULL && profile_is_text(raw->possession, "bare-key");
    if (raw->possession.data != NULL && !is_bare && !profile_is_text(raw->possession, "csr"))
        return profile_refuse(err, "possession",
                              "neither \"csr\" (the holder proves possession) nor \"bare-key\" (a "
                              "key management centre made the key)");
    memcpy(out->name, raw->name.data, raw->name.len);
    memcpy(out->title, raw->title.data, raw->title.len);
    out->is_self_signed = is_self;
    out->takes_bare_key = is_bare;
    return AUTH_STATUS_OK;
}

/* What no part can see by itself. */
static auth_status check_whole(const auth_profile *profile, auth_error *err)
{
    if (profile->is_self_signed && !profile->is_ca)
        return profile_refuse(err, "issuer",
                              "\"self\" is for authorities only (RFC 5280 3.2); take \"authority\" "
                              "or set basicConstraints.ca");
    if (profile->is_self_signed && profile->crl.count + profile->freshest.count +
                                           profile->ocsp.count + profile->ca_issuers.count >
                                       0)
        return profile_refuse(err, "extensions",
                              "a root is not revoked and has no issuer to fetch: it carries no CRL "
                              "or access addresses (RFC 5280 6.1); remove them");
    if (profile->is_ca && profile->binding != AUTH_IDENTITY_BINDING_NONE)
        return profile_refuse(err, "identity", "an authority is no person; remove it (GB/T 20518)");
    bool names_suffice = profile->has_names && profile->names_are_critical && !profile->is_ca;
    bool has_subject = false;
    for (size_t i = 0; i < profile->subject_count; i++)
        has_subject |= profile->subject[i].is_required;
    if (!has_subject && !names_suffice)
        return profile_refuse(err, "subject",
                              "it may be empty, which needs a critical subjectAltName and no "
                              "authority (RFC 5280 4.1.2.6); require an attribute");
    return AUTH_STATUS_OK;
}

auth_status auth_profile_validate(const auth_profile_raw *raw, const char *base, auth_profile **out,
                                  auth_error *err)
{
    AUTH_AUTO(auth_profile) *profile = calloc(1, sizeof *profile);
    if (profile == NULL)
        return auth_error_memory(err);
    auth_status status = check_head(raw, profile, err);
    if (status == AUTH_STATUS_OK)
        status = profile_check_keys(raw, profile, err);
    if (status == AUTH_STATUS_OK)
        status = profile_check_validity(raw, profile, err);
    if (status == AUTH_STATUS_OK)
        status = profile_check_subject(raw, profile, err);
    if (status == AUTH_STATUS_OK)
        status = profile_check_usage(raw, profile, err);
    if (status == AUTH_STATUS_OK)
        status = profile_check_names(raw, profile, err);
    if (status == AUTH_STATUS_OK)
        status = profile_check_constraints(raw, profile, err);
    if (status == AUTH_STATUS_OK)
        status = profile_check_uris(raw, base, profile, err);
    if (status == AUTH_STATUS_OK)
        status = check_whole(profile, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = AUTH_TAKE(profile);
    return AUTH_STATUS_OK;
}

void auth_profile_free(auth_profile *profile) { free(profile); }

const char *auth_profile_name(const auth_profile *profile) { return profile->name; }

const char *auth_profile_title(const auth_profile *profile) { return profile->title; }

bool auth_profile_is_authority(const auth_profile *profile) { return profile->is_ca; }

bool auth_profile_is_self_signed(const auth_profile *profile) { return profile->is_self_signed; }

bool auth_profile_takes_bare_key(const auth_profile *profile) { return profile->takes_bare_key; }

bool auth_profile_takes_key(const auth_profile *profile, const auth_public_key *key)
{
    auth_key_type type = auth_public_key_type(key);
    if ((profile->key_types >> type & 1U) == 0)
        return false;
    unsigned bits = auth_public_key_bits(key);
    return type != AUTH_KEY_TYPE_RSA ||
           (bits >= profile->rsa_min_bits && bits <= profile->rsa_max_bits);
}

auth_identity_binding auth_profile_binding(const auth_profile *profile) { return profile->binding; }

int64_t auth_profile_validity_seconds(const auth_profile *profile) { return profile->period; }

auth_status auth_profile_field_at(const auth_profile *profile, size_t index,
                                  auth_profile_field *out, auth_error *err)
{
    for (size_t i = 0; i < profile->subject_count; i++) {
        const profile_attribute *attribute = &profile->subject[i];
        if (attribute->source != PROFILE_SOURCE_REQUEST || index-- > 0)
            continue;
        *out = (auth_profile_field){
            .attribute = oid_name(attribute->id),
            .is_required = attribute->is_required,
            .min_characters = attribute->min,
            .max_characters = attribute->max,
        };
        return AUTH_STATUS_OK;
    }
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND, "profile %s: no further field",
                          profile->name);
}
