/* SPDX-License-Identifier: Apache-2.0 */
/* An authority, read once and kept in the form that certificates need. */
#include "issue/issue.h"
#include "key/signature.h"

#include <stdlib.h>
#include <string.h>

static auth_status check_algorithm(auth_bytes algorithm, const auth_public_key *key,
                                   auth_error *err)
{
    signature_scheme scheme;
    auth_key_type type = auth_public_key_type(key);
    auth_status status = signature_scheme_parse(algorithm, &scheme, err);
    if (status == AUTH_STATUS_OK &&
        (algorithm.len > ISSUE_ALGORITHM_MAX || !signature_fits(scheme.id, type)))
        status = auth_error_set(err, AUTH_STATUS_INVALID,
                                "issuer: the signature algorithm does not fit its %s key (RFC 5280 "
                                "4.1.1.2); take what auth_signer_algorithm tells",
                                auth_key_type_name(type));
    return status;
}

/* Copies octets behind those copied before. */
static auth_bytes keep(auth_issuer *issuer, size_t *at, auth_bytes octets)
{
    uint8_t *place = issuer->octets + *at;
    memcpy(place, octets.data, octets.len);
    *at += octets.len;
    return (auth_bytes){place, octets.len};
}

/* Keeps name, key identifier and algorithm. */
static auth_status keep_all(auth_issuer *issuer, auth_bytes name, auth_bytes key_id,
                            auth_bytes algorithm, auth_error *err)
{
    size_t at = 0;
    issuer->octets = malloc(name.len + key_id.len + algorithm.len);
    if (issuer->octets == NULL)
        return auth_error_memory(err);
    if (name.len > 0)
        issuer->name = keep(issuer, &at, name);
    issuer->key_id = keep(issuer, &at, key_id);
    issuer->algorithm = keep(issuer, &at, algorithm);
    return AUTH_STATUS_OK;
}

static auth_status refuse(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "issuer certificate: %s", what);
}

/* An authority that may sign certificates: RFC 5280 6.1.4 (k) to (n). */
static auth_status read_authority(const x509_cert_view *view, auth_issuer *out, auth_error *err)
{
    const x509_extension *basic = x509_find(&view->extensions, OID_BASIC_CONSTRAINTS);
    const x509_extension *usage = x509_find(&view->extensions, OID_KEY_USAGE);
    x509_basic_constraints constraints = {0};
    uint32_t bits = 0;
    if (basic == NULL || !x509_read_basic_constraints(basic->value, &constraints) ||
        !constraints.is_ca)
        return refuse(err, "basicConstraints without cA (RFC 5280 4.2.1.9); take an authority's");
    if (usage == NULL || !x509_read_key_usage(usage->value, &bits) ||
        (bits & X509_KEY_CERT_SIGN) == 0)
        return refuse(err, "keyUsage without keyCertSign (RFC 5280 4.2.1.3); take an authority's");
    out->has_path_len = constraints.has_path_len;
    out->path_len = constraints.path_len;
    out->not_before = view->not_before;
    out->not_after = view->not_after;
    return AUTH_STATUS_OK;
}

/* The subject key identifier, or SHA-1 of the key when the certificate has none. */
static auth_status read_key_id(const x509_cert_view *view, const auth_public_key *key,
                               uint8_t room[AUTH_KEY_ID_SIZE], auth_bytes *out, auth_error *err)
{
    const x509_extension *extension = x509_find(&view->extensions, OID_SUBJECT_KEY_IDENTIFIER);
    if (extension == NULL) {
        auth_public_key_id(key, room);
        *out = (auth_bytes){room, AUTH_KEY_ID_SIZE};
        return AUTH_STATUS_OK;
    }
    if (!x509_read_key_identifier(extension->value, out) || out->len == 0 ||
        out->len > AUTH_KEY_ID_SIZE)
        return refuse(err, "subjectKeyIdentifier is not 1 to 20 octets (RFC 5280 4.2.1.2)");
    return AUTH_STATUS_OK;
}

auth_status auth_issuer_new(auth_bytes certificate, auth_bytes algorithm, auth_issuer **out,
                            auth_error *err)
{
    x509_cert_view view;
    uint8_t room[AUTH_KEY_ID_SIZE];
    auth_bytes key_id;
    auth_status status = x509_cert_view_parse(certificate, &view, err);
    if (status != AUTH_STATUS_OK)
        return status;
    AUTH_AUTO(auth_issuer) *issuer = calloc(1, sizeof *issuer);
    if (issuer == NULL)
        return auth_error_memory(err);
    status = read_authority(&view, issuer, err);
    if (status == AUTH_STATUS_OK)
        status = auth_public_key_parse(view.spki, &issuer->key, err);
    if (status == AUTH_STATUS_OK)
        status = check_algorithm(algorithm, issuer->key, err);
    if (status == AUTH_STATUS_OK)
        status = read_key_id(&view, issuer->key, room, &key_id, err);
    if (status == AUTH_STATUS_OK)
        status = keep_all(issuer, view.subject, key_id, algorithm, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = AUTH_TAKE(issuer);
    return AUTH_STATUS_OK;
}

auth_status auth_issuer_new_self(const auth_public_key *key, auth_bytes algorithm,
                                 auth_issuer **out, auth_error *err)
{
    uint8_t key_id[AUTH_KEY_ID_SIZE];
    auth_status status = check_algorithm(algorithm, key, err);
    if (status != AUTH_STATUS_OK)
        return status;
    AUTH_AUTO(auth_issuer) *issuer = calloc(1, sizeof *issuer);
    if (issuer == NULL)
        return auth_error_memory(err);
    issuer->is_self = true;
    issuer->not_before = AUTH_TIME_MIN;
    issuer->not_after = AUTH_TIME_MAX;
    auth_public_key_id(key, key_id);
    status = auth_public_key_parse(auth_public_key_spki(key), &issuer->key, err);
    if (status == AUTH_STATUS_OK)
        status = keep_all(issuer, (auth_bytes){NULL, 0}, (auth_bytes){key_id, sizeof key_id},
                          algorithm, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = AUTH_TAKE(issuer);
    return AUTH_STATUS_OK;
}

void auth_issuer_free(auth_issuer *issuer)
{
    if (issuer == NULL)
        return;
    auth_public_key_free(issuer->key);
    free(issuer->octets);
    free(issuer);
}

const auth_public_key *auth_issuer_key(const auth_issuer *issuer) { return issuer->key; }

auth_bytes auth_issuer_key_id(const auth_issuer *issuer) { return issuer->key_id; }
