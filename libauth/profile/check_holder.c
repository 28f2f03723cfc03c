/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, validity, subject and identity of a profile. */
#include "profile/check.h"
#include "x509/name.h"

#include <string.h>

#define SECONDS_A_DAY 86400
/* A hundred years: nothing that is signed today means anything then. */
#define PERIOD_MAX ((int64_t)36525 * SECONDS_A_DAY)
#define PERIOD_MIN 60

static const struct {
    const char *name;
    auth_key_type type;
} key_types[] = {
#define AUTH_KEY_TYPE_ROW(id, number, name, signature) {(name), AUTH_KEY_TYPE_##id},
#include <auth/key_type.def>
};

static bool find_key_type(auth_bytes name, auth_key_type *out)
{
    for (size_t i = 0; i < sizeof key_types / sizeof key_types[0]; i++) {
        if (profile_is_text(name, key_types[i].name)) {
            *out = key_types[i].type;
            return true;
        }
    }
    return false;
}

static auth_status check_key(const raw_key *raw, size_t i, auth_profile *out, auth_error *err)
{
    auth_key_type type = AUTH_KEY_TYPE_P256;
    if (!find_key_type(raw->type, &type))
        return profile_refuse_at(err, "keys", i, ".type",
                                 "no such key type; there are p256, p384, rsa, ed25519, sm2");
    if ((out->key_types >> type & 1U) != 0)
        return profile_refuse_at(err, "keys", i, ".type", "named twice; remove one");
    out->key_types |= 1U << type;
    bool has_bits = raw->min_bits.is_set || raw->max_bits.is_set;
    if (type != AUTH_KEY_TYPE_RSA)
        return has_bits ? profile_refuse_at(err, "keys", i, "",
                                            "only rsa has min_bits and max_bits; remove them")
                        : AUTH_STATUS_OK;
    uint64_t min = raw->min_bits.is_set ? raw->min_bits.value : 2048;
    uint64_t max = raw->max_bits.is_set ? raw->max_bits.value : 4096;
    if (min < 2048 || max > 4096 || min > max || min % 8 != 0 || max % 8 != 0)
        return profile_refuse_at(err, "keys", i, "",
                                 "RSA has 2048 to 4096 bits, divisible by 8, min_bits not above "
                                 "max_bits (CA/B BR 6.1.5)");
    out->rsa_min_bits = (unsigned)min;
    out->rsa_max_bits = (unsigned)max;
    return AUTH_STATUS_OK;
}

auth_status profile_check_keys(const auth_profile_raw *raw, auth_profile *out, auth_error *err)
{
    for (size_t i = 0; i < raw->key_list.count; i++) {
        auth_status status = check_key(&raw->keys[i], i, out, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

auth_status profile_check_validity(const auth_profile_raw *raw, auth_profile *out, auth_error *err)
{
    const raw_validity *validity = &raw->validity;
    if (validity->days.is_set == validity->seconds.is_set)
        return profile_refuse(err, "validity", "write either days or seconds");
    uint64_t limit = (uint64_t)PERIOD_MAX / (validity->days.is_set ? SECONDS_A_DAY : 1);
    uint64_t amount = validity->days.is_set ? validity->days.value : validity->seconds.value;
    if (amount > limit)
        return profile_refuse(err, "validity", "longer than a hundred years; shorten it");
    out->period = (int64_t)amount * (validity->days.is_set ? SECONDS_A_DAY : 1);
    if (out->period < PERIOD_MIN)
        return profile_refuse(err, "validity", "shorter than a minute; lengthen it");
    out->max_backdate = PROFILE_BACKDATE_MAX;
    if (validity->max_backdate_seconds.is_set) {
        if (validity->max_backdate_seconds.value > PROFILE_BACKDATE_MAX)
            return profile_refuse(err, "validity.max_backdate_seconds",
                                  "certificates are dated back by 300 seconds at the most; lower "
                                  "it");
        out->max_backdate = (int64_t)validity->max_backdate_seconds.value;
    }
    out->clips_to_issuer = validity->clips_to_issuer.value;
    return AUTH_STATUS_OK;
}

static bool find_source(auth_bytes text, profile_source *out)
{
    static const char *const names[] = {
        [PROFILE_SOURCE_REQUEST] = "request",
        [PROFILE_SOURCE_FIXED] = "fixed",
        [PROFILE_SOURCE_IDENTITY] = "identity",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (profile_is_text(text, names[i])) {
            *out = (profile_source)i;
            return true;
        }
    }
    return false;
}

static auth_status check_fixed(const raw_subject *raw, size_t i, profile_attribute *out,
                               auth_error *err)
{
    if (raw->value.data == NULL || raw->min.is_set || raw->max.is_set || raw->is_required.is_set)
        return profile_refuse_at(err, "subject", i, "",
                                 "a fixed attribute has a value, and neither bounds nor required");
    auth_status status = x509_check_text(out->id, raw->value, 1, x509_attribute_max(out->id), err);
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "profile: $.subject[%zu].value", i);
        return status;
    }
    memcpy(out->value, raw->value.data, raw->value.len);
    out->value_len = raw->value.len;
    out->is_required = true;
    return AUTH_STATUS_OK;
}

static auth_status check_bounds(const raw_subject *raw, size_t i, profile_attribute *out,
                                auth_error *err)
{
    size_t most = x509_attribute_max(out->id);
    if (raw->value.data != NULL)
        return profile_refuse_at(err, "subject", i, ".value",
                                 "only a fixed attribute has a value; remove it");
    out->min = raw->min.is_set ? (size_t)raw->min.value : 1;
    out->max = raw->max.is_set ? (size_t)raw->max.value : most;
    out->is_required = raw->is_required.value;
    if (out->min < 1 || out->min > out->max || out->max > most)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "profile: $.subject[%zu]: %s has 1 to %zu characters, min not above "
                              "max (RFC 5280 appendix A.1)",
                              i, oid_name(out->id), most);
    return AUTH_STATUS_OK;
}

static auth_status check_identity_attribute(const raw_subject *raw, size_t i,
                                            const auth_profile *profile, profile_attribute *out,
                                            auth_error *err)
{
    bool fits = (profile->binding == AUTH_IDENTITY_BINDING_PNOCN && out->id == OID_SERIAL_NUMBER) ||
                (profile->binding == AUTH_IDENTITY_BINDING_PSEUDONYM && out->id == OID_PSEUDONYM);
    if (!fits || raw->value.data != NULL || raw->min.is_set || raw->max.is_set ||
        raw->is_required.is_set)
        return profile_refuse_at(err, "subject", i, "",
                                 "source identity is for serialNumber with the binding pnocn and "
                                 "for pseudonym with the binding pseudonym, without value, bounds "
                                 "and required");
    out->is_required = true;
    return AUTH_STATUS_OK;
}

/* Attributes that a subject has several of (X.520, RFC 4519): all others are refused twice. */
static bool may_repeat(oid id)
{
    return id == OID_ORGANIZATIONAL_UNIT || id == OID_DOMAIN_COMPONENT;
}

static auth_status check_attribute(const raw_subject *raw, size_t i, auth_profile *profile,
                                   auth_error *err)
{
    profile_attribute *out = &profile->subject[profile->subject_count];
    out->id = profile_find_oid(raw->attribute);
    if (!x509_is_attribute(out->id))
        return profile_refuse_at(err, "subject", i, ".attribute",
                                 "no attribute that is written in names; there are CN, SN, GN, C, "
                                 "L, ST, O, OU, serialNumber, title, pseudonym, UID, DC, ... "
                                 "(docs/profiles.md)");
    for (size_t k = 0; k < profile->subject_count; k++) {
        bool is_same = profile->subject[k].id == out->id;
        if (is_same && (!may_repeat(out->id) || raw->source.data[0] != 'f'))
            return profile_refuse_at(err, "subject", i, ".attribute",
                                     "named twice; only fixed OU and DC may repeat");
    }
    if (!find_source(raw->source, &out->source))
        return profile_refuse_at(err, "subject", i, ".source",
                                 "neither request, fixed nor identity");
    profile->subject_count++;
    if (out->source == PROFILE_SOURCE_FIXED)
        return check_fixed(raw, i, out, err);
    if (out->source == PROFILE_SOURCE_IDENTITY)
        return check_identity_attribute(raw, i, profile, out, err);
    return check_bounds(raw, i, out, err);
}

static auth_status check_binding(const auth_profile_raw *raw, auth_profile *out, auth_error *err)
{
    const raw_identity *identity = &raw->identity;
    out->hash = DIGEST_SM3;
    if (!identity->head.is_set)
        return AUTH_STATUS_OK;
    if (auth_identity_binding_find((const char *)identity->binding.data, &out->binding, err) !=
        AUTH_STATUS_OK) {
        auth_error_context(err, "profile: $.identity.binding");
        if (err != NULL)
            err->status = AUTH_STATUS_INVALID;
        return AUTH_STATUS_INVALID;
    }
    bool is_hashed = out->binding == AUTH_IDENTITY_BINDING_SIM ||
                     out->binding == AUTH_IDENTITY_BINDING_VID ||
                     out->binding == AUTH_IDENTITY_BINDING_PSEUDONYM;
    if (identity->hash.data == NULL)
        return AUTH_STATUS_OK;
    if (!is_hashed)
        return profile_refuse(err, "identity.hash",
                              "only sim, vid and pseudonym have a hash; remove it");
    if (profile_is_text(identity->hash, "sha256"))
        out->hash = DIGEST_SHA256;
    else if (!profile_is_text(identity->hash, "sm3"))
        return profile_refuse(err, "identity.hash", "neither sm3 nor sha256");
    return AUTH_STATUS_OK;
}

/* A binding that stands in the subject needs its place there; a VID needs a name to go with it. */
static auth_status check_binding_place(const auth_profile *profile, auth_error *err)
{
    bool has_place = false;
    bool has_common_name = false;
    for (size_t i = 0; i < profile->subject_count; i++) {
        const profile_attribute *attribute = &profile->subject[i];
        has_place |= attribute->source == PROFILE_SOURCE_IDENTITY;
        has_common_name |= attribute->id == OID_COMMON_NAME &&
                           attribute->source == PROFILE_SOURCE_REQUEST && attribute->is_required;
    }
    bool needs_place = profile->binding == AUTH_IDENTITY_BINDING_PNOCN ||
                       profile->binding == AUTH_IDENTITY_BINDING_PSEUDONYM;
    if (needs_place && !has_place)
        return profile_refuse(err, "identity",
                              "pnocn needs the subject attribute serialNumber and pseudonym needs "
                              "pseudonym, each with source identity; add it");
    if (profile->binding == AUTH_IDENTITY_BINDING_VID && !has_common_name)
        return profile_refuse(err, "identity",
                              "vid carries the real name (KISA TechSpec 1.5): require CN from the "
                              "request");
    return AUTH_STATUS_OK;
}

auth_status profile_check_subject(const auth_profile_raw *raw, auth_profile *out, auth_error *err)
{
    auth_status status = check_binding(raw, out, err);
    for (size_t i = 0; i < raw->subject_list.count && status == AUTH_STATUS_OK; i++)
        status = check_attribute(&raw->subject[i], i, out, err);
    return status == AUTH_STATUS_OK ? check_binding_place(out, err) : status;
}
