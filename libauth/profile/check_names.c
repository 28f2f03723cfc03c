/* SPDX-License-Identifier: Apache-2.0 */
/* Alternative names, name constraints and addresses of a profile. */
#include "profile/check.h"
#include "x509/name.h"

#include <stdio.h>
#include <string.h>

#define NAMES_A_KIND_MAX 100

static bool find_kind(auth_bytes text, profile_name_kind *out)
{
    for (size_t i = 0; i < PROFILE_NAMES_MAX; i++) {
        if (profile_is_text(text, profile_name_kind_text((profile_name_kind)i))) {
            *out = (profile_name_kind)i;
            return true;
        }
    }
    return false;
}

static auth_status check_name_rule(const raw_name *raw, size_t i, auth_profile *out,
                                   auth_error *err)
{
    profile_name_kind kind = PROFILE_NAME_DNS;
    if (!find_kind(raw->kind, &kind))
        return profile_refuse_at(err, "extensions.subjectAltName.names", i, ".kind",
                                 "neither dns, email, uri nor ip");
    profile_name_rule *rule = &out->names[kind];
    if (rule->is_allowed)
        return profile_refuse_at(err, "extensions.subjectAltName.names", i, ".kind",
                                 "named twice; remove one");
    uint64_t min = raw->min.is_set ? raw->min.value : 0;
    uint64_t max = raw->max.is_set ? raw->max.value : 1;
    if (max < 1 || max > NAMES_A_KIND_MAX || min > max)
        return profile_refuse_at(err, "extensions.subjectAltName.names", i, "",
                                 "max is 1 to 100 and min not above it");
    *rule = (profile_name_rule){true, (size_t)min, (size_t)max};
    return AUTH_STATUS_OK;
}

auth_status profile_check_names(const auth_profile_raw *raw, auth_profile *out, auth_error *err)
{
    const raw_names *names = &raw->extensions.names;
    bool binds_here =
        out->binding == AUTH_IDENTITY_BINDING_SIM || out->binding == AUTH_IDENTITY_BINDING_VID;
    out->has_names = names->head.is_set || binds_here;
    out->names_are_critical = names->is_critical.value;
    if (names->head.is_set && names->list.count == 0 && !binds_here)
        return profile_refuse(err, "extensions.subjectAltName",
                              "it would be empty (RFC 5280 4.2.1.6); allow names or remove it");
    size_t least = binds_here ? 1 : 0;
    for (size_t i = 0; i < names->list.count; i++) {
        auth_status status = check_name_rule(&names->rows[i], i, out, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    for (size_t i = 0; i < PROFILE_NAMES_MAX; i++)
        least += out->names[i].min;
    bool has_subject = false;
    for (size_t i = 0; i < out->subject_count; i++)
        has_subject |= out->subject[i].is_required;
    if (out->names_are_critical && has_subject)
        return profile_refuse(err, "extensions.subjectAltName.critical",
                              "is for certificates without a subject (RFC 5280 4.2.1.6); write "
                              "false");
    if (out->names_are_critical && least == 0)
        return profile_refuse(err, "extensions.subjectAltName",
                              "a certificate without a subject needs a name (RFC 5280 4.1.2.6); "
                              "set a min");
    return AUTH_STATUS_OK;
}

/* Reads a decimal number below limit and moves on. */
static bool read_number(const char **text, unsigned limit, unsigned *out)
{
    unsigned value = 0;
    size_t digits = 0;
    for (; **text >= '0' && **text <= '9' && digits < 3; (*text)++, digits++)
        value = value * 10 + (unsigned)(**text - '0');
    *out = value;
    return digits > 0 && value <= limit;
}

/* "10.0.0.0/8" as address and mask (RFC 5280 4.2.1.10); no bit may be set behind the prefix. */
static bool read_network(const char *text, uint8_t out[8])
{
    for (size_t i = 0; i < 4; i++) {
        unsigned octet = 0;
        if (!read_number(&text, 255, &octet) || *text++ != (i < 3 ? '.' : '/'))
            return false;
        out[i] = (uint8_t)octet;
    }
    unsigned prefix = 0;
    if (!read_number(&text, 32, &prefix) || *text != '\0')
        return false;
    for (unsigned i = 0; i < 4; i++) {
        unsigned bits = prefix >= 8 * (i + 1) ? 8 : prefix > 8 * i ? prefix - 8 * i : 0;
        out[4 + i] = (uint8_t)(0xff00U >> bits);
        if ((out[i] & (uint8_t)~out[4 + i]) != 0)
            return false;
    }
    return true;
}

static auth_status put_directory(const raw_subtree *raw, const char *path, der_writer *writer,
                                 auth_error *err)
{
    if (raw->list.count == 0 || raw->value.data != NULL)
        return profile_refuse(err, path, "kind directory has attributes and no value");
    size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(4));
    size_t name = der_open(writer, DER_SEQUENCE);
    for (size_t i = 0; i < raw->list.count; i++) {
        oid id = profile_find_oid(raw->attributes[i].attribute);
        if (!x509_is_attribute(id))
            return profile_refuse(err, path, "no attribute that is written in names");
        auth_bytes value = raw->attributes[i].value;
        auth_status status = x509_check_text(id, value, 1, x509_attribute_max(id), err);
        if (status != AUTH_STATUS_OK) {
            auth_error_context(err, "profile: $.%s", path);
            return status;
        }
        x509_put_attribute(writer, id, value);
    }
    der_close(writer, name);
    der_close(writer, tagged);
    return AUTH_STATUS_OK;
}

static auth_status put_base(const raw_subtree *raw, const char *path, der_writer *writer,
                            auth_error *err)
{
    uint8_t network[8];
    if (profile_is_text(raw->kind, "directory"))
        return put_directory(raw, path, writer, err);
    if (raw->value.data == NULL || raw->list.is_set)
        return profile_refuse(err, path, "kinds dns and ip have a value and no attributes");
    if (profile_is_text(raw->kind, "dns")) {
        if (raw->value.data[0] == '*' ||
            profile_check_name(PROFILE_NAME_DNS, raw->value, NULL) != AUTH_STATUS_OK)
            return profile_refuse(err, path,
                                  "no DNS name; write it without a leading dot or asterisk (RFC "
                                  "5280 4.2.1.10)");
        der_put_item(writer, DER_CONTEXT(2), raw->value);
        return AUTH_STATUS_OK;
    }
    if (!profile_is_text(raw->kind, "ip"))
        return profile_refuse(err, path, "kind is neither dns, ip nor directory");
    if (!read_network((const char *)raw->value.data, network))
        return profile_refuse(err, path,
                              "no network; write it like 10.0.0.0/8, nothing set behind the prefix "
                              "(RFC 5280 4.2.1.10)");
    der_put_item(writer, DER_CONTEXT(7), (auth_bytes){network, sizeof network});
    return AUTH_STATUS_OK;
}

static auth_status put_subtrees(const raw_subtree *rows, size_t count, unsigned tag,
                                const char *name, der_writer *writer, auth_error *err)
{
    if (count == 0)
        return AUTH_STATUS_OK;
    size_t list = der_open(writer, DER_CONTEXT_CONSTRUCTED(tag));
    for (size_t i = 0; i < count; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "extensions.nameConstraints.%s[%zu]", name, i);
        size_t subtree = der_open(writer, DER_SEQUENCE);
        auth_status status = put_base(&rows[i], path, writer, err);
        if (status != AUTH_STATUS_OK)
            return status;
        der_close(writer, subtree);
    }
    der_close(writer, list);
    return AUTH_STATUS_OK;
}

auth_status profile_check_constraints(const auth_profile_raw *raw, auth_profile *out,
                                      auth_error *err)
{
    const raw_name_constraints *constraints = &raw->extensions.constraints;
    if (!constraints->head.is_set)
        return AUTH_STATUS_OK;
    if (!out->is_ca)
        return profile_refuse(err, "extensions.nameConstraints",
                              "is for authorities only (RFC 5280 4.2.1.10); remove it");
    if (constraints->permitted_list.count + constraints->excluded_list.count == 0)
        return profile_refuse(err, "extensions.nameConstraints",
                              "names neither permitted nor excluded trees (RFC 5280 4.2.1.10)");
    constant_writer constant = profile_open_constant(out, OID_NAME_CONSTRAINTS, true);
    size_t value = der_open(&constant.writer, DER_SEQUENCE);
    auth_status status = put_subtrees(constraints->permitted, constraints->permitted_list.count, 0,
                                      "permitted", &constant.writer, err);
    if (status == AUTH_STATUS_OK)
        status = put_subtrees(constraints->excluded, constraints->excluded_list.count, 1,
                              "excluded", &constant.writer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    der_close(&constant.writer, value);
    return profile_close_constant(out, &constant, err);
}

/* Where a URI stands in a profile and what may stand in it. */
typedef struct uri_list {
    const char *path;
    const json_texts *raw;
    bool has_shard;
    profile_uris *out;
} uri_list;

#define BASE_PLACE "{base}"

/* Puts base in the place of {base}, which may stand at the start only. */
static auth_status take_base(const uri_list *list, size_t i, const char *base, auth_error *err)
{
    const char *uri = (const char *)list->raw->rows[i].data;
    char *out = list->out->rows[i];
    bool has_base = strncmp(uri, BASE_PLACE, sizeof BASE_PLACE - 1) == 0;
    if (has_base && base == NULL)
        return profile_refuse_at(err, list->path, i, "",
                                 "{base} stands for the realm's public address, which was not "
                                 "given; give it, or write the address");
    int len = has_base ? snprintf(out, PROFILE_URI_SIZE, "%s%s", base, uri + sizeof BASE_PLACE - 1)
                       : snprintf(out, PROFILE_URI_SIZE, "%s", uri);
    if (len < 0 || len >= PROFILE_URI_SIZE)
        return profile_refuse_at(err, list->path, i, "", "longer than 255 octets; shorten it");
    return AUTH_STATUS_OK;
}

/* The longest that {issuer} and {shard} become must be a URI, and nothing else in braces. */
static auth_status check_uri(const uri_list *list, size_t i, auth_error *err)
{
    static const uint8_t any_key_id[AUTH_KEY_ID_SIZE];
    const char *uri = list->out->rows[i];
    char expanded[PROFILE_URI_SIZE];
    size_t len = 0;
    if (!list->has_shard && strstr(uri, "{shard}") != NULL)
        return profile_refuse_at(err, list->path, i, "", "{shard} is for CRLs only; remove it");
    if (!profile_expand_uri(uri, (auth_bytes){any_key_id, sizeof any_key_id}, UINT32_MAX, expanded,
                            &len))
        return profile_refuse_at(err, list->path, i, "", "longer than 255 octets; shorten it");
    if (!profile_is_uri((auth_bytes){(const uint8_t *)expanded, len}, false))
        return profile_refuse_at(err, list->path, i, "",
                                 "no http URI in ASCII (RFC 5280 4.2.1.13: https would need the "
                                 "status that is fetched); of places there are {base}, {issuer} "
                                 "and, for CRLs, {shard}");
    return AUTH_STATUS_OK;
}

static auth_status check_uri_list(const uri_list *list, const char *base, auth_error *err)
{
    if (!list->raw->is_set)
        return AUTH_STATUS_OK;
    if (list->raw->count > PROFILE_URIS_MAX)
        return profile_refuse_at(err, list->path, PROFILE_URIS_MAX, "",
                                 "more than 4 addresses; remove some");
    for (size_t i = 0; i < list->raw->count; i++) {
        auth_status status = take_base(list, i, base, err);
        if (status == AUTH_STATUS_OK)
            status = check_uri(list, i, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    list->out->count = list->raw->count;
    return AUTH_STATUS_OK;
}

auth_status profile_check_uris(const auth_profile_raw *raw, const char *base, auth_profile *out,
                               auth_error *err)
{
    const raw_extensions *extensions = &raw->extensions;
    const uri_list lists[] = {
        {"extensions.cRLDistributionPoints.uris", &extensions->crl.uris, true, &out->crl},
        {"extensions.freshestCRL.uris", &extensions->freshest.uris, true, &out->freshest},
        {"extensions.authorityInfoAccess.ocsp", &extensions->access.ocsp, false, &out->ocsp},
        {"extensions.authorityInfoAccess.ca_issuers", &extensions->access.ca_issuers, false,
         &out->ca_issuers},
    };
    if (extensions->freshest.head.is_set && !extensions->crl.head.is_set)
        return profile_refuse(err, "extensions.freshestCRL",
                              "a delta CRL needs its base (RFC 5280 5.2.4); add "
                              "cRLDistributionPoints");
    if (extensions->access.head.is_set && !extensions->access.ocsp.is_set &&
        !extensions->access.ca_issuers.is_set)
        return profile_refuse(err, "extensions.authorityInfoAccess",
                              "it would be empty (RFC 5280 4.2.2.1); add ocsp or ca_issuers, or "
                              "remove it");
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        auth_status status = check_uri_list(&lists[i], base, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}
