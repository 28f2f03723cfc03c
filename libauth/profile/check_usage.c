/* SPDX-License-Identifier: Apache-2.0 */
/* What a key may be used for: basic constraints, key usage, purposes, policies. */
#include "profile/check.h"

#include <string.h>

#define PATH_LEN_MAX 8
#define OID_ROOM 64
#define OCSP_PERIOD_MAX ((int64_t)90 * 86400)

static const struct {
    const char *name;
    uint32_t bit;
} usage_bits[] = {
    {"digitalSignature", X509_DIGITAL_SIGNATURE},
    {"nonRepudiation", X509_NON_REPUDIATION},
    {"keyEncipherment", X509_KEY_ENCIPHERMENT},
    {"dataEncipherment", X509_DATA_ENCIPHERMENT},
    {"keyAgreement", X509_KEY_AGREEMENT},
    {"keyCertSign", X509_KEY_CERT_SIGN},
    {"cRLSign", X509_CRL_SIGN},
    {"encipherOnly", X509_ENCIPHER_ONLY},
    {"decipherOnly", X509_DECIPHER_ONLY},
};

#define ENCIPHERMENT (X509_KEY_ENCIPHERMENT | X509_DATA_ENCIPHERMENT)
#define SIGNING (X509_DIGITAL_SIGNATURE | X509_NON_REPUDIATION | X509_KEY_CERT_SIGN | X509_CRL_SIGN)
#define KEY_BIT(type) (1U << AUTH_KEY_TYPE_##type)

static auth_status check_basic_constraints(const raw_extensions *raw, auth_profile *out,
                                           auth_error *err)
{
    const raw_basic_constraints *basic = &raw->basic_constraints;
    if (!basic->head.is_set)
        return AUTH_STATUS_OK;
    out->is_ca = basic->is_ca.value;
    out->has_path_len = basic->path_len.is_set;
    out->path_len = basic->path_len.value;
    bool is_critical = basic->is_critical.is_set ? basic->is_critical.value : out->is_ca;
    if (out->has_path_len && !out->is_ca)
        return profile_refuse(err, "extensions.basicConstraints.path_len",
                              "only authorities have it (RFC 5280 4.2.1.9); remove it");
    if (out->path_len > PATH_LEN_MAX)
        return profile_refuse(err, "extensions.basicConstraints.path_len",
                              "above 8; no hierarchy is that deep");
    if (out->is_ca && !is_critical)
        return profile_refuse(err, "extensions.basicConstraints.critical",
                              "must be true for an authority (RFC 5280 4.2.1.9)");
    constant_writer constant = profile_open_constant(out, OID_BASIC_CONSTRAINTS, is_critical);
    size_t value = der_open(&constant.writer, DER_SEQUENCE);
    if (out->is_ca)
        der_put_bool(&constant.writer, true);
    if (out->has_path_len)
        der_put_uint(&constant.writer, out->path_len);
    der_close(&constant.writer, value);
    return profile_close_constant(out, &constant, err);
}

static auth_status read_bits(const json_texts *texts, uint32_t *out, auth_error *err)
{
    for (size_t i = 0; i < texts->count; i++) {
        uint32_t bit = 0;
        for (size_t k = 0; k < sizeof usage_bits / sizeof usage_bits[0]; k++) {
            if (profile_is_text(texts->rows[i], usage_bits[k].name))
                bit = usage_bits[k].bit;
        }
        if (bit == 0 || (*out & bit) != 0)
            return profile_refuse_at(err, "extensions.keyUsage.bits", i, "",
                                     "no such bit, or named twice (RFC 5280 4.2.1.3)");
        *out |= bit;
    }
    return AUTH_STATUS_OK;
}

/* RFC 3279 2.3.1, RFC 5480 3 with RFC 8813 3, RFC 8410 5; GM/T 0015 lets SM2 do both. */
static const char *contradiction_with_keys(const auth_profile *profile)
{
    uint32_t usage = profile->key_usage;
    if ((profile->key_types & KEY_BIT(RSA)) != 0 && (usage & X509_KEY_AGREEMENT) != 0)
        return "RSA keys cannot agree on keys (RFC 3279 2.3.1); remove keyAgreement or rsa";
    if ((profile->key_types & KEY_BIT(ED25519)) != 0 &&
        (usage & (ENCIPHERMENT | X509_KEY_AGREEMENT)) != 0)
        return "Ed25519 keys only sign (RFC 8410 5); remove the bit or ed25519";
    if ((profile->key_types & (KEY_BIT(P256) | KEY_BIT(P384))) != 0 && (usage & ENCIPHERMENT) != 0)
        return "elliptic curve keys do not encipher (RFC 8813 3); remove the bit or the key type";
    return NULL;
}

static const char *contradiction_in_usage(const auth_profile *profile)
{
    uint32_t usage = profile->key_usage;
    if (profile->is_ca && (usage & X509_KEY_CERT_SIGN) == 0)
        return "an authority signs certificates (RFC 5280 4.2.1.9); add keyCertSign or set "
               "basicConstraints.ca to false";
    if (!profile->is_ca && (usage & X509_KEY_CERT_SIGN) != 0)
        return "only an authority signs certificates (RFC 5280 4.2.1.3); remove keyCertSign or set "
               "basicConstraints.ca";
    if (!profile->is_ca && (usage & X509_CRL_SIGN) != 0)
        return "only an authority signs CRLs here (RFC 5280 5.2.5 without indirect CRLs); remove "
               "cRLSign";
    if (profile->is_ca && (usage & (ENCIPHERMENT | X509_KEY_AGREEMENT)) != 0)
        return "an authority's key only signs (RFC 5280 8); remove the bit";
    if ((usage & (X509_ENCIPHER_ONLY | X509_DECIPHER_ONLY)) != 0 &&
        (usage & X509_KEY_AGREEMENT) == 0)
        return "encipherOnly and decipherOnly mean something only with keyAgreement (RFC 5280 "
               "4.2.1.3)";
    if (profile->takes_bare_key && (usage & SIGNING) != 0)
        return "a key that others made must not sign (GM/T 0034 dual certificates); set possession "
               "to csr or leave encipherment bits only";
    return contradiction_with_keys(profile);
}

static auth_status check_key_usage(const raw_extensions *raw, auth_profile *out, auth_error *err)
{
    auth_status status = read_bits(&raw->key_usage.values, &out->key_usage, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const char *contradiction = contradiction_in_usage(out);
    if (contradiction != NULL)
        return profile_refuse(err, "extensions.keyUsage", contradiction);
    const json_flag *critical = &raw->key_usage.is_critical;
    constant_writer constant =
        profile_open_constant(out, OID_KEY_USAGE, !critical->is_set || critical->value);
    der_put_named_bits(&constant.writer, DER_BIT_STRING, out->key_usage);
    return profile_close_constant(out, &constant, err);
}

/* Tells whether two names stand for the same OID, one by name and one dotted perhaps. */
static bool is_same_oid(auth_bytes a, auth_bytes b)
{
    uint8_t a_room[OID_ROOM];
    uint8_t b_room[OID_ROOM];
    size_t a_len = 0;
    size_t b_len = 0;
    return profile_read_oid(a, a_room, sizeof a_room, &a_len) &&
           profile_read_oid(b, b_room, sizeof b_room, &b_len) &&
           auth_bytes_equal((auth_bytes){a_room, a_len}, (auth_bytes){b_room, b_len});
}

typedef struct purposes {
    bool signs_ocsp;
    bool does_tls;
} purposes;

static auth_status put_purposes(const json_texts *texts, der_writer *writer, purposes *found,
                                auth_error *err)
{
    for (size_t i = 0; i < texts->count; i++) {
        uint8_t room[OID_ROOM];
        size_t len = 0;
        for (size_t k = 0; k < i; k++) {
            if (is_same_oid(texts->rows[i], texts->rows[k]))
                return profile_refuse_at(err, "extensions.extKeyUsage.purposes", i, "",
                                         "named twice; remove one");
        }
        oid id = profile_find_oid(texts->rows[i]);
        if (id == OID_ANY_PURPOSE)
            return profile_refuse_at(err, "extensions.extKeyUsage.purposes", i, "",
                                     "anyExtendedKeyUsage lets a key do everything (CA/B BR "
                                     "7.1.2.7); name what it is for");
        if (!profile_read_oid(texts->rows[i], room, sizeof room, &len))
            return profile_refuse_at(err, "extensions.extKeyUsage.purposes", i, "",
                                     "no known purpose and no dotted OID (RFC 5280 4.2.1.12)");
        found->signs_ocsp |= id == OID_OCSP_SIGNING;
        found->does_tls |= id == OID_SERVER_AUTH || id == OID_CLIENT_AUTH;
        der_put_oid(writer, (auth_bytes){room, len});
    }
    return AUTH_STATUS_OK;
}

static auth_status check_ocsp(const raw_extensions *raw, const auth_profile *profile,
                              auth_error *err)
{
    if (profile->is_ca || (profile->key_usage & X509_DIGITAL_SIGNATURE) == 0 ||
        raw->extended_key_usage.values.count != 1)
        return profile_refuse(
            err, "extensions.extKeyUsage",
            "an OCSP responder is no authority, has digitalSignature and no other "
            "purpose (CA/B BR 7.1.2.8)");
    if (!raw->has_no_check.value)
        return profile_refuse(err, "extensions.ocspNoCheck",
                              "must be true with OCSPSigning: nobody else could say whether the "
                              "responder is revoked (RFC 6960 4.2.2.2.1)");
    if (profile->period > OCSP_PERIOD_MAX)
        return profile_refuse(err, "validity",
                              "longer than 90 days for a responder that cannot be revoked (RFC "
                              "6960 4.2.2.2.1); shorten it");
    if (raw->names.head.is_set)
        return profile_refuse(err, "extensions.subjectAltName",
                              "an OCSP responder has none (CA/B BR 7.1.2.8); remove it");
    return AUTH_STATUS_OK;
}

static auth_status check_purposes(const raw_extensions *raw, auth_profile *out, auth_error *err)
{
    const raw_usage *usage = &raw->extended_key_usage;
    purposes found = {0};
    auth_status status = AUTH_STATUS_OK;
    if (usage->head.is_set) {
        constant_writer constant =
            profile_open_constant(out, OID_EXTENDED_KEY_USAGE, usage->is_critical.value);
        size_t list = der_open(&constant.writer, DER_SEQUENCE);
        status = put_purposes(&usage->values, &constant.writer, &found, err);
        der_close(&constant.writer, list);
        if (status == AUTH_STATUS_OK)
            status = profile_close_constant(out, &constant, err);
    }
    if (status != AUTH_STATUS_OK)
        return status;
    out->signs_ocsp = found.signs_ocsp;
    if (found.signs_ocsp)
        return check_ocsp(raw, out, err);
    if (raw->has_no_check.value)
        return profile_refuse(err, "extensions.ocspNoCheck",
                              "is for OCSP responders only (RFC 6960 4.2.2.2.1); remove it");
    if (found.does_tls && !out->is_ca &&
        (out->key_usage & (X509_DIGITAL_SIGNATURE | ENCIPHERMENT | X509_KEY_AGREEMENT)) == 0)
        return profile_refuse(err, "extensions.extKeyUsage",
                              "TLS needs digitalSignature, keyEncipherment or keyAgreement (RFC "
                              "5280 4.2.1.12); add one");
    return AUTH_STATUS_OK;
}

static auth_status put_no_check(const raw_extensions *raw, auth_profile *out, auth_error *err)
{
    if (!raw->has_no_check.value)
        return AUTH_STATUS_OK;
    constant_writer constant = profile_open_constant(out, OID_OCSP_NO_CHECK, false);
    der_put_null(&constant.writer);
    return profile_close_constant(out, &constant, err);
}

static void put_cps(der_writer *writer, auth_bytes uri)
{
    size_t qualifiers = der_open(writer, DER_SEQUENCE);
    size_t qualifier = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(OID_CPS));
    der_put_item(writer, DER_IA5_STRING, uri);
    der_close(writer, qualifier);
    der_close(writer, qualifiers);
}

static auth_status put_policy(const raw_policies *raw, size_t i, der_writer *writer,
                              auth_error *err)
{
    const raw_policy *policy = &raw->rows[i];
    uint8_t room[OID_ROOM];
    size_t len = 0;
    for (size_t k = 0; k < i; k++) {
        if (is_same_oid(policy->oid, raw->rows[k].oid))
            return profile_refuse_at(err, "extensions.certificatePolicies.policies", i, ".oid",
                                     "named twice (RFC 5280 4.2.1.4); remove one");
    }
    if (!profile_read_oid(policy->oid, room, sizeof room, &len))
        return profile_refuse_at(err, "extensions.certificatePolicies.policies", i, ".oid",
                                 "no OID; write it dotted");
    if (policy->cps.data != NULL && !profile_is_uri(policy->cps, true))
        return profile_refuse_at(err, "extensions.certificatePolicies.policies", i, ".cps",
                                 "no http or https URI in ASCII (RFC 5280 4.2.1.4)");
    size_t information = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, (auth_bytes){room, len});
    if (policy->cps.data != NULL)
        put_cps(writer, policy->cps);
    der_close(writer, information);
    return AUTH_STATUS_OK;
}

static auth_status put_policies(const raw_extensions *raw, auth_profile *out, auth_error *err)
{
    const raw_policies *policies = &raw->policies;
    if (!policies->head.is_set)
        return AUTH_STATUS_OK;
    constant_writer constant =
        profile_open_constant(out, OID_CERTIFICATE_POLICIES, policies->is_critical.value);
    size_t list = der_open(&constant.writer, DER_SEQUENCE);
    for (size_t i = 0; i < policies->list.count; i++) {
        auth_status status = put_policy(policies, i, &constant.writer, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    der_close(&constant.writer, list);
    return profile_close_constant(out, &constant, err);
}

auth_status profile_check_usage(const auth_profile_raw *raw, auth_profile *out, auth_error *err)
{
    const raw_extensions *extensions = &raw->extensions;
    auth_status status = check_basic_constraints(extensions, out, err);
    if (status == AUTH_STATUS_OK)
        status = check_key_usage(extensions, out, err);
    if (status == AUTH_STATUS_OK)
        status = check_purposes(extensions, out, err);
    if (status == AUTH_STATUS_OK)
        status = put_no_check(extensions, out, err);
    return status == AUTH_STATUS_OK ? put_policies(extensions, out, err) : status;
}
