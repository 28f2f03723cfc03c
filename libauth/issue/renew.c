/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate in place of one that ends: what that one says is read from it and asked for anew.
 */
#include "issue/issue.h"
#include "x509/name.h"

/* More names than a profile may let in. */
#define NAMES_MAX 100

/* What is taken over, as a request has it. */
typedef struct renewal {
    const auth_profile *profile;
    x509_cert_view former;
    auth_issue_value subject[PROFILE_SUBJECT_MAX];
    auth_issue_name names[NAMES_MAX];
    auth_issue_request request;
} renewal;

static auth_status refuse(const char *what, auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "former certificate: %s; ask for a new one with a certification request",
                          what);
}

/* The name may be changed by nobody, so the signature is what says that it is this issuer's. */
static auth_status check_former(const renewal *of, const auth_issuer *issuer, auth_error *err)
{
    const x509_cert_view *former = &of->former;
    if (issuer->is_self || !auth_bytes_equal(former->issuer, issuer->name))
        return auth_error_set(err, AUTH_STATUS_UNTRUSTED,
                              "former certificate: another issuer made it (RFC 5280 4.1.2.4); give "
                              "one of this issuer");
    auth_status status =
        auth_public_key_verify(issuer->key, former->algorithm, former->tbs, former->signature, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "former certificate");
    return status;
}

static auth_status check_profile(const auth_profile *profile, auth_error *err)
{
    if (!profile->is_ca && profile->binding == AUTH_IDENTITY_BINDING_NONE)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_DENIED,
                          "profile %s: certificates of authorities and of persons are not renewed "
                          "without being asked for; make a request",
                          profile->name);
}

static auth_status check_request(const auth_issue_request *request, auth_error *err)
{
    if (request->csr.len == 0 && request->spki.len == 0 && request->subject_count == 0 &&
        request->name_count == 0)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "request: key, subject and names are those of the former certificate; "
                          "leave them out");
}

/* The value of an extension that a profile writes into every certificate; empty: it has none. */
static auth_bytes value_of(const auth_profile *profile, oid id)
{
    auth_bytes extension = profile_constant_of(profile, id);
    auth_bytes content = {NULL, 0};
    auth_bytes ignored;
    auth_bytes value = {NULL, 0};
    bool is_critical = false;
    if (!der_only(extension, DER_SEQUENCE, &content) || !der_take_oid(&content, &ignored))
        return value;
    if (der_peek(content, DER_BOOLEAN))
        (void)der_take_bool(&content, &is_critical);
    (void)der_take(&content, DER_OCTET_STRING, &value);
    return value;
}

/* With other uses it would be another certificate, whatever its name. */
static bool has_same_use(const renewal *of, oid id)
{
    const x509_extension *extension = x509_find(&of->former.extensions, id);
    auth_bytes former = extension == NULL ? (auth_bytes){NULL, 0} : extension->value;
    return auth_bytes_equal(former, value_of(of->profile, id));
}

static bool is_asked_for(const auth_profile *profile, oid id)
{
    for (size_t i = 0; i < profile->subject_count; i++) {
        if (profile->subject[i].id == id && profile->subject[i].source == PROFILE_SOURCE_REQUEST)
            return true;
    }
    return false;
}

static auth_status take_subject(renewal *of, auth_error *err)
{
    x509_attribute attribute;
    x509_name_cursor cursor = x509_name_start(of->former.subject);
    while (x509_name_next(&cursor, &attribute)) {
        if (!is_asked_for(of->profile, attribute.id))
            continue;
        if (of->request.subject_count == PROFILE_SUBJECT_MAX)
            return refuse("its subject has more attributes than a profile", err);
        of->subject[of->request.subject_count++] =
            (auth_issue_value){oid_name(attribute.id), attribute.value};
    }
    return cursor.is_malformed ? refuse("its subject is malformed (RFC 5280 4.1.2.4)", err)
                               : AUTH_STATUS_OK;
}

static auth_status take_names(renewal *of, auth_error *err)
{
    static const auth_issue_name_kind kinds[PROFILE_NAMES_MAX] = {
        [PROFILE_NAME_DNS] = AUTH_ISSUE_NAME_DNS,
        [PROFILE_NAME_EMAIL] = AUTH_ISSUE_NAME_EMAIL,
        [PROFILE_NAME_URI] = AUTH_ISSUE_NAME_URI,
        [PROFILE_NAME_IP] = AUTH_ISSUE_NAME_IP,
    };
    const x509_extension *extension = x509_find(&of->former.extensions, OID_SUBJECT_ALT_NAME);
    auth_bytes names;
    der_item name;
    profile_name_kind kind = PROFILE_NAME_DNS;
    if (extension == NULL)
        return AUTH_STATUS_OK;
    if (!der_only(extension->value, DER_SEQUENCE, &names))
        return refuse("its subjectAltName is malformed (RFC 5280 4.2.1.6)", err);
    while (x509_next_general_name(&names, &name)) {
        if (of->request.name_count == NAMES_MAX || !profile_name_of_tag(name.tag, &kind))
            return refuse("it has alternative names that no profile has", err);
        of->names[of->request.name_count++] = (auth_issue_name){kinds[kind], name.content};
    }
    return names.len > 0 ? refuse("its subjectAltName is malformed (RFC 5280 4.2.1.6)", err)
                         : AUTH_STATUS_OK;
}

/* A profile that was changed meanwhile could call the same holder something else. */
static auth_status check_subject(const renewal *of, issue_plan *plan, auth_error *err)
{
    uint8_t room[ISSUE_SUBJECT_MAX];
    der_writer writer = der_writer_on(room, sizeof room);
    auth_status status = issue_put_subject(plan, &writer, err);
    if (status == AUTH_STATUS_OK && !auth_bytes_equal(der_written(&writer), of->former.subject))
        status = refuse("the profile gives it another subject now", err);
    return status;
}

static auth_status take_over(renewal *of, const auth_issuer *issuer, auth_error *err)
{
    auth_status status = check_former(of, issuer, err);
    if (status == AUTH_STATUS_OK &&
        (!has_same_use(of, OID_KEY_USAGE) || !has_same_use(of, OID_EXTENDED_KEY_USAGE)))
        status = refuse("the profile has other uses than it", err);
    if (status == AUTH_STATUS_OK)
        status = take_subject(of, err);
    if (status == AUTH_STATUS_OK)
        status = take_names(of, err);
    of->request.spki = of->former.spki;
    of->request.subject = of->subject;
    of->request.names = of->names;
    return status;
}

auth_status auth_issue_renew(const auth_profile *profile, const auth_issuer *issuer,
                             auth_bytes former, const auth_issue_request *request, auth_tbs **out,
                             auth_error *err)
{
    renewal of = {.profile = profile, .request = *request};
    issue_plan plan = {.profile = profile,
                       .issuer = issuer,
                       .request = &of.request,
                       .is_proved = true};
    auth_status status = check_profile(profile, err);
    if (status == AUTH_STATUS_OK)
        status = check_request(request, err);
    if (status == AUTH_STATUS_OK)
        status = x509_cert_view_parse(former, &of.former, err);
    if (status == AUTH_STATUS_OK)
        status = take_over(&of, issuer, err);
    if (status == AUTH_STATUS_OK)
        status = check_subject(&of, &plan, err);
    return status == AUTH_STATUS_OK ? issue_prepare(&plan, out, err) : status;
}
