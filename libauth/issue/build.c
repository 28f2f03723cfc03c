/* SPDX-License-Identifier: Apache-2.0 */
/* The TBSCertificate, assembled from DER pieces (RFC 5280 4.1). */
#include "identity/identity.h"
#include "issue/issue.h"
#include "x509/name.h"

#include <string.h>

/* The approved value of an attribute; NULL when there is none. */
static const auth_issue_value *find_value(const auth_issue_request *request, oid id)
{
    for (size_t i = 0; i < request->subject_count; i++) {
        if (strcmp(request->subject[i].attribute, oid_name(id)) == 0)
            return &request->subject[i];
    }
    return NULL;
}

static const profile_attribute *find_attribute(const auth_profile *profile, const char *name)
{
    for (size_t i = 0; i < profile->subject_count; i++) {
        const profile_attribute *attribute = &profile->subject[i];
        if (attribute->source == PROFILE_SOURCE_REQUEST &&
            strcmp(oid_name(attribute->id), name) == 0)
            return attribute;
    }
    return NULL;
}

/* Nothing that was approved is dropped in silence, and nothing is taken twice. */
static auth_status check_values(const issue_plan *plan, auth_error *err)
{
    const auth_issue_request *request = plan->request;
    for (size_t i = 0; i < request->subject_count; i++) {
        const char *name = request->subject[i].attribute;
        if (find_attribute(plan->profile, name) == NULL)
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "request: subject %.20s: the profile %s does not take it from a "
                                  "request; remove it",
                                  name, plan->profile->name);
        for (size_t k = 0; k < i; k++) {
            if (strcmp(request->subject[k].attribute, name) == 0)
                return auth_error_set(err, AUTH_STATUS_INVALID,
                                      "request: subject %.20s: given twice; remove one", name);
        }
    }
    return AUTH_STATUS_OK;
}

static auth_status put_requested(issue_plan *plan, const profile_attribute *attribute,
                                 der_writer *writer, auth_error *err)
{
    const auth_issue_value *value = find_value(plan->request, attribute->id);
    if (value == NULL && attribute->is_required)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "request: subject %s: the profile %s requires it; add it",
                              oid_name(attribute->id), plan->profile->name);
    if (value == NULL)
        return AUTH_STATUS_OK;
    auth_status status =
        x509_check_text(attribute->id, value->value, attribute->min, attribute->max, err);
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "request: subject");
        return status;
    }
    if (attribute->id == OID_COMMON_NAME)
        plan->real_name = value->value;
    x509_put_attribute(writer, attribute->id, value->value);
    return AUTH_STATUS_OK;
}

static auth_status put_identified(const issue_plan *plan, oid id, der_writer *writer,
                                  auth_error *err)
{
    const auth_issue_identity *identity = &plan->request->identity;
    char semantics[IDENTITY_SEMANTICS_MAX];
    char pseudonym[IDENTITY_PSEUDONYM_LEN];
    size_t len = 0;
    auth_status status = AUTH_STATUS_OK;
    if (id == OID_SERIAL_NUMBER) {
        status = identity_write_semantics(identity->number, semantics, &len, err);
        if (status == AUTH_STATUS_OK)
            x509_put_attribute(writer, id, (auth_bytes){(const uint8_t *)semantics, len});
        auth_secret_wipe(semantics, sizeof semantics);
        return status;
    }
    status = identity_check_secret(AUTH_IDENTITY_BINDING_PSEUDONYM, identity->pseudonym_key, err);
    if (status == AUTH_STATUS_OK)
        status = identity_write_pseudonym(plan->profile->hash, identity->pseudonym_key,
                                          identity->number, pseudonym, err);
    if (status == AUTH_STATUS_OK)
        x509_put_attribute(writer, id, (auth_bytes){(const uint8_t *)pseudonym, sizeof pseudonym});
    return status;
}

static auth_status put_attribute(issue_plan *plan, const profile_attribute *attribute,
                                 der_writer *writer, auth_error *err)
{
    switch (attribute->source) {
    case PROFILE_SOURCE_FIXED:
        x509_put_attribute(writer, attribute->id,
                           (auth_bytes){attribute->value, attribute->value_len});
        return AUTH_STATUS_OK;
    case PROFILE_SOURCE_IDENTITY:
        return put_identified(plan, attribute->id, writer, err);
    case PROFILE_SOURCE_REQUEST:
        break;
    }
    return put_requested(plan, attribute, writer, err);
}

auth_status issue_put_subject(issue_plan *plan, der_writer *writer, auth_error *err)
{
    if (plan->profile->binding != AUTH_IDENTITY_BINDING_NONE &&
        (plan->request->identity.number == NULL || plan->request->identity.number->len == 0))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "request: the profile %s binds to a person number (%s); give it",
                              plan->profile->name,
                              auth_identity_binding_name(plan->profile->binding));
    auth_status status = check_values(plan, err);
    size_t name = der_open(writer, DER_SEQUENCE);
    for (size_t i = 0; i < plan->profile->subject_count && status == AUTH_STATUS_OK; i++)
        status = put_attribute(plan, &plan->profile->subject[i], writer, err);
    der_close(writer, name);
    return status;
}

static void put_validity(const issue_plan *plan, der_writer *writer)
{
    size_t validity = der_open(writer, DER_SEQUENCE);
    der_put_time(writer, plan->request->not_before);
    der_put_time(writer, plan->not_after);
    der_close(writer, validity);
}

/* The subject is written first and then looked at again: a self-signed issuer is its subject. */
static auth_status put_names(issue_plan *plan, der_writer *writer, auth_error *err)
{
    uint8_t room[ISSUE_SUBJECT_MAX];
    der_writer subject = der_writer_on(room, sizeof room);
    auth_status status = issue_put_subject(plan, &subject, err);
    auth_bytes name = der_written(&subject);
    if (status == AUTH_STATUS_OK && name.data == NULL)
        status = auth_error_set(err, AUTH_STATUS_LIMIT,
                                "request: the subject is longer than %zu octets; shorten it",
                                sizeof room);
    if (status == AUTH_STATUS_OK && !plan->issuer->is_self && !plan->profile->is_ca &&
        x509_name_equal(name, plan->issuer->name))
        status = auth_error_set(err, AUTH_STATUS_INVALID,
                                "request: the subject is the issuer's own name (RFC 5280 3.2); "
                                "change an attribute");
    if (status == AUTH_STATUS_OK) {
        der_put(writer, plan->issuer->is_self ? name : plan->issuer->name);
        put_validity(plan, writer);
        der_put(writer, name);
    }
    auth_secret_wipe(room, subject.len);
    return status;
}

auth_status issue_build(issue_plan *plan, der_writer *writer, auth_error *err)
{
    size_t tbs = der_open(writer, DER_SEQUENCE);
    size_t version = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
    der_put_uint(writer, 2);
    der_close(writer, version);
    der_put_unsigned(writer, plan->request->serial);
    der_put(writer, plan->issuer->algorithm);
    auth_status status = put_names(plan, writer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    der_put(writer, auth_public_key_spki(plan->key));
    size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(3));
    size_t extensions = der_open(writer, DER_SEQUENCE);
    status = issue_put_extensions(plan, writer, err);
    der_close(writer, extensions);
    der_close(writer, tagged);
    der_close(writer, tbs);
    if (status == AUTH_STATUS_OK && writer->has_failed)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "request: the certificate would be longer than %zu octets; ask for "
                              "fewer names",
                              ISSUE_TBS_SIZE);
    return status;
}
