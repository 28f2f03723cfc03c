/* SPDX-License-Identifier: Apache-2.0 */
/* The extensions, in one order for all profiles: identifiers, uses, names, addresses, identity. */
#include "identity/identity.h"
#include "issue/issue.h"

typedef struct open_extension {
    size_t extension;
    size_t octets;
} open_extension;

static open_extension open_one(der_writer *writer, oid id, bool is_critical)
{
    open_extension marks = {.extension = der_open(writer, DER_SEQUENCE)};
    der_put_oid(writer, oid_bytes(id));
    if (is_critical)
        der_put_bool(writer, true);
    marks.octets = der_open(writer, DER_OCTET_STRING);
    return marks;
}

static void close_one(der_writer *writer, open_extension marks)
{
    der_close(writer, marks.octets);
    der_close(writer, marks.extension);
}

static void put_key_ids(const issue_plan *plan, der_writer *writer)
{
    open_extension authority = open_one(writer, OID_AUTHORITY_KEY_IDENTIFIER, false);
    size_t value = der_open(writer, DER_SEQUENCE);
    der_put_item(writer, DER_CONTEXT(0), plan->issuer->key_id);
    der_close(writer, value);
    close_one(writer, authority);
    open_extension subject = open_one(writer, OID_SUBJECT_KEY_IDENTIFIER, false);
    der_put_item(writer, DER_OCTET_STRING, (auth_bytes){plan->key_id, sizeof plan->key_id});
    close_one(writer, subject);
}

static const auth_issue_name_kind kinds[] = {
    [PROFILE_NAME_DNS] = AUTH_ISSUE_NAME_DNS,
    [PROFILE_NAME_EMAIL] = AUTH_ISSUE_NAME_EMAIL,
    [PROFILE_NAME_URI] = AUTH_ISSUE_NAME_URI,
    [PROFILE_NAME_IP] = AUTH_ISSUE_NAME_IP,
};

static bool find_kind(auth_issue_name_kind kind, profile_name_kind *out)
{
    for (size_t i = 0; i < PROFILE_NAMES_MAX; i++) {
        if (kinds[i] == kind) {
            *out = (profile_name_kind)i;
            return true;
        }
    }
    return false;
}

static auth_status check_counts(const auth_profile *profile, const size_t counts[PROFILE_NAMES_MAX],
                                auth_error *err)
{
    for (size_t i = 0; i < PROFILE_NAMES_MAX; i++) {
        const profile_name_rule *rule = &profile->names[i];
        if (rule->is_allowed ? counts[i] < rule->min || counts[i] > rule->max : counts[i] > 0)
            return auth_error_set(
                err, AUTH_STATUS_INVALID,
                "request: %zu names of kind %s, where the profile %s takes %zu to "
                "%zu; change the request",
                counts[i], profile_name_kind_text((profile_name_kind)i), profile->name, rule->min,
                rule->max);
    }
    return AUTH_STATUS_OK;
}

static bool is_repeated(const auth_issue_request *request, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (request->names[k].kind == request->names[i].kind &&
            auth_bytes_equal(request->names[k].value, request->names[i].value))
            return true;
    }
    return false;
}

static auth_status put_requested_names(const issue_plan *plan, der_writer *writer, auth_error *err)
{
    const auth_issue_request *request = plan->request;
    size_t counts[PROFILE_NAMES_MAX] = {0};
    for (size_t i = 0; i < request->name_count; i++) {
        profile_name_kind kind = PROFILE_NAME_DNS;
        if (!find_kind(request->names[i].kind, &kind) || is_repeated(request, i))
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "request: name %zu: of no known kind, or given twice; remove it",
                                  i + 1);
        auth_status status = profile_check_name(kind, request->names[i].value, err);
        if (status != AUTH_STATUS_OK) {
            auth_error_context(err, "request: name %zu", i + 1);
            return status;
        }
        /* Counted before it is written, so that a hostile number of names stops early. */
        if (++counts[kind] > plan->profile->names[kind].max)
            break;
        der_put_item(writer, profile_name_tag(kind), request->names[i].value);
    }
    return check_counts(plan->profile, counts, err);
}

static auth_status put_sim(const issue_plan *plan, der_writer *writer, auth_error *err)
{
    const auth_issue_identity *identity = &plan->request->identity;
    uint8_t made[DIGEST_MAX];
    auth_bytes random = identity->sim_random;
    size_t len = digest_len(plan->profile->hash);
    auth_status status =
        identity_check_secret(AUTH_IDENTITY_BINDING_SIM, identity->sim_secret, err);
    if (status == AUTH_STATUS_OK && random.len == 0) {
        status = digest_random(made, len, err);
        random = (auth_bytes){made, len};
    }
    if (status != AUTH_STATUS_OK)
        return status;
    if (random.len != len)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "sim random: %zu octets where the hash has %zu (RFC 4683 4.3); leave "
                              "it empty to have it made",
                              random.len, len);
    return identity_put_sim(writer, plan->profile->hash, identity->sim_secret, random,
                            identity->number, err);
}

static auth_status put_identity_name(const issue_plan *plan, der_writer *writer, auth_error *err)
{
    const auth_issue_identity *identity = &plan->request->identity;
    if (plan->profile->binding == AUTH_IDENTITY_BINDING_SIM)
        return put_sim(plan, writer, err);
    if (plan->profile->binding != AUTH_IDENTITY_BINDING_VID)
        return AUTH_STATUS_OK;
    auth_status status =
        identity_check_secret(AUTH_IDENTITY_BINDING_VID, identity->vid_random, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return identity_put_vid(writer, plan->profile->hash, identity->vid_random, plan->real_name,
                            identity->number, err);
}

/* An extension that would be empty is taken back: GeneralNames has one name at the least. */
static auth_status put_names(const issue_plan *plan, der_writer *writer, auth_error *err)
{
    if (!plan->profile->has_names) {
        static const size_t none[PROFILE_NAMES_MAX];
        if (plan->request->name_count == 0)
            return check_counts(plan->profile, none, err);
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "request: the profile %s takes no alternative names; remove them",
                              plan->profile->name);
    }
    der_writer before = *writer;
    open_extension extension =
        open_one(writer, OID_SUBJECT_ALT_NAME, plan->profile->names_are_critical);
    size_t names = der_open(writer, DER_SEQUENCE);
    size_t start = writer->len;
    auth_status status = put_requested_names(plan, writer, err);
    if (status == AUTH_STATUS_OK)
        status = put_identity_name(plan, writer, err);
    bool is_empty = writer->len == start && !writer->has_failed;
    der_close(writer, names);
    close_one(writer, extension);
    if (is_empty)
        *writer = before;
    return status;
}

static void put_uri(const issue_plan *plan, const char *uri, der_writer *writer)
{
    char expanded[PROFILE_URI_SIZE];
    size_t len = 0;
    if (!profile_expand_uri(uri, plan->issuer->key_id, plan->request->shard, expanded, &len)) {
        writer->has_failed = true;
        return;
    }
    der_put_item(writer, DER_CONTEXT(6), (auth_bytes){(const uint8_t *)expanded, len});
}

/* One distribution point with all the addresses: they are alternatives of the same CRL. */
static void put_points(const issue_plan *plan, oid id, const profile_uris *uris, der_writer *writer)
{
    if (uris->count == 0)
        return;
    open_extension extension = open_one(writer, id, false);
    size_t points = der_open(writer, DER_SEQUENCE);
    size_t point = der_open(writer, DER_SEQUENCE);
    size_t name = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
    size_t full_name = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
    for (size_t i = 0; i < uris->count; i++)
        put_uri(plan, uris->rows[i], writer);
    der_close(writer, full_name);
    der_close(writer, name);
    der_close(writer, point);
    der_close(writer, points);
    close_one(writer, extension);
}

static void put_access(const issue_plan *plan, oid method, const profile_uris *uris,
                       der_writer *writer)
{
    for (size_t i = 0; i < uris->count; i++) {
        size_t description = der_open(writer, DER_SEQUENCE);
        der_put_oid(writer, oid_bytes(method));
        put_uri(plan, uris->rows[i], writer);
        der_close(writer, description);
    }
}

static void put_addresses(const issue_plan *plan, der_writer *writer)
{
    const auth_profile *profile = plan->profile;
    put_points(plan, OID_CRL_DISTRIBUTION_POINTS, &profile->crl, writer);
    put_points(plan, OID_FRESHEST_CRL, &profile->freshest, writer);
    if (profile->ocsp.count + profile->ca_issuers.count == 0)
        return;
    open_extension extension = open_one(writer, OID_AUTHORITY_INFO_ACCESS, false);
    size_t list = der_open(writer, DER_SEQUENCE);
    put_access(plan, OID_AD_OCSP, &profile->ocsp, writer);
    put_access(plan, OID_AD_CA_ISSUERS, &profile->ca_issuers, writer);
    der_close(writer, list);
    close_one(writer, extension);
}

auth_status issue_put_extensions(issue_plan *plan, der_writer *writer, auth_error *err)
{
    static const oid constants[] = {
        OID_BASIC_CONSTRAINTS,    OID_KEY_USAGE,        OID_EXTENDED_KEY_USAGE,
        OID_CERTIFICATE_POLICIES, OID_NAME_CONSTRAINTS, OID_OCSP_NO_CHECK,
    };
    put_key_ids(plan, writer);
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++)
        der_put(writer, profile_constant_of(plan->profile, constants[i]));
    auth_status status = put_names(plan, writer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    put_addresses(plan, writer);
    if (plan->profile->binding == AUTH_IDENTITY_BINDING_GBT20518)
        identity_put_code(writer, plan->request->identity.number);
    return AUTH_STATUS_OK;
}
