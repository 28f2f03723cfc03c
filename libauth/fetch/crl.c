/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/crl.h"

#include "key/digest.h"
#include "validate/crl_match.h"
#include "x509/name.h"

#include <string.h>

auth_status crl_key(const fetch_issuer *issuer, auth_bytes uri, uint8_t key[FETCH_KEY_SIZE],
                    auth_error *err)
{
    uint8_t room[FETCH_KEY_SIZE + AUTH_FETCH_URI_MAX];
    /* A longer address is not asked. */
    size_t len = uri.len < AUTH_FETCH_URI_MAX ? uri.len : AUTH_FETCH_URI_MAX;
    memcpy(room, issuer->id, FETCH_KEY_SIZE);
    if (len > 0)
        memcpy(room + FETCH_KEY_SIZE, uri.data, len);
    return digest(DIGEST_SHA256, (auth_bytes){room, FETCH_KEY_SIZE + len}, key, err);
}

static auth_fetch_outcome lie(auth_error *err, const char *what)
{
    return outcome_set(err, AUTH_FETCH_OUTCOME_LYING, "CRL: %s", what);
}

auth_fetch_outcome crl_check_issuer(const auth_crl *crl, const fetch_issuer *issuer,
                                    auth_error *err)
{
    uint32_t usage = 0;
    auth_bytes number = auth_crl_number(crl);
    auth_bytes key_id = auth_crl_key_id(crl);
    auth_bytes own_id = auth_cert_subject_key_id(issuer->cert);
    auth_crl_scope scope = auth_crl_scope_of(crl);
    if (!x509_name_equal(auth_crl_issuer(crl), auth_cert_subject(issuer->cert)) ||
        (key_id.len > 0 && own_id.len > 0 && !auth_bytes_equal(key_id, own_id)))
        return lie(err, "it is of another issuer (RFC 5280 6.3.3 (b)(1))");
    if (auth_cert_key_usage(issuer->cert, &usage) && (usage & AUTH_KEY_USAGE_CRL_SIGN) == 0)
        return lie(err, "its issuer may not sign CRLs (RFC 5280 4.2.1.3)");
    if (scope.is_indirect || scope.reasons != AUTH_CRL_ALL_REASONS)
        return outcome_set(err, AUTH_FETCH_OUTCOME_MALFORMED,
                           "CRL: it is indirect or for some reasons only, which is not used here "
                           "(RFC 5280 5.2.5)");
    if (number.len == 0 || number.len > AUTH_CRL_NUMBER_MAX)
        return outcome_set(err, AUTH_FETCH_OUTCOME_MALFORMED,
                           "CRL: its number is missing or too long (RFC 5280 5.2.3)");
    return outcome_of_check(auth_crl_check_signature(crl, issuer->key, err));
}

auth_fetch_outcome crl_verify(const fetch_issuer *issuer, auth_bytes der, auth_crl **out,
                              auth_error *err)
{
    AUTH_AUTO(auth_crl) *crl = NULL;
    auth_status status = auth_crl_parse(der, &crl, err);
    if (status != AUTH_STATUS_OK)
        return outcome_of_check(status);
    auth_fetch_outcome outcome = crl_check_issuer(crl, issuer, err);
    if (outcome == AUTH_FETCH_OUTCOME_FOUND)
        *out = AUTH_TAKE(crl);
    return outcome;
}

/* The first http address of an extension that holds CRLDistributionPoints. */
static auth_bytes uri_in(auth_bytes value)
{
    auth_bytes uri;
    return x509_read_distribution_uri(value, &uri) ? uri : (auth_bytes){NULL, 0};
}

auth_bytes crl_delta_uri(const auth_cert *cert, const auth_crl *full)
{
    auth_extension extension;
    x509_crl_view view;
    auth_bytes uri = {NULL, 0};
    if (auth_cert_extension_find(cert, "freshestCRL", &extension))
        uri = uri_in(extension.value);
    if (uri.len > 0 || x509_crl_view_parse(auth_crl_der(full), &view, NULL) != AUTH_STATUS_OK)
        return uri;
    const x509_extension *freshest = x509_find(&view.extensions, OID_FRESHEST_CRL);
    return freshest == NULL ? uri : uri_in(freshest->value);
}

bool crl_is_over(const auth_crl *crl, auth_time now)
{
    auth_time next = 0;
    return !auth_crl_next_update(crl, &next) || next < now;
}

/* RFC 5280 6.3.3 (b): does the list speak of the certificate? */
static auth_fetch_outcome check_scope(const auth_crl *crl, const auth_cert *cert, auth_error *err)
{
    candidate c = {0};
    finding found = {0};
    crl_point points[CRL_POINTS_MAX + 1];
    auth_status status = candidate_read(&c, auth_cert_der(cert), &found, err);
    if (status != AUTH_STATUS_OK)
        return outcome_of_check(status);
    bool is_read = c.is_read && facts_read(&c.view, &c.facts, &found);
    size_t count = is_read ? crl_points_of(&c, points) : 0;
    bool is_matched = false;
    for (size_t i = 0; i < count && !is_matched; i++)
        is_matched = points[i].reasons == AUTH_CRL_ALL_REASONS &&
                     crl_issuer_matches(auth_crl_issuer(crl), &c, &points[i]) &&
                     crl_scope_matches(crl, &c, &points[i], &found);
    candidate_clear(&c);
    if (is_matched)
        return AUTH_FETCH_OUTCOME_FOUND;
    return outcome_set(err, AUTH_FETCH_OUTCOME_LYING,
                       "CRL: it does not speak of this certificate: %s", found.detail);
}

/* The newest that is known, and what it says. */
static void fill(const auth_crl *newest, const fetch_issuer *issuer, const auth_crl_entry *entry,
                 fetch_knowledge *out)
{
    *out = (fetch_knowledge){
        .kind = AUTH_REVOCATION_SOURCE_CRL,
        .status = entry == NULL ? AUTH_OCSP_GOOD : AUTH_OCSP_REVOKED,
        .revoked = entry == NULL ? 0 : entry->revoked,
        .reason = entry == NULL ? AUTH_REVOCATION_REASON_UNSPECIFIED : entry->reason,
        .this_update = auth_crl_this_update(newest),
        .until = auth_cert_not_after(issuer->cert),
    };
    (void)auth_crl_next_update(newest, &out->next_update);
}

static auth_status look_up(const auth_crl *full, const auth_crl *delta, auth_bytes serial,
                           auth_crl_entry *entry)
{
    const auth_bytes own = {NULL, 0};
    return delta == NULL ? auth_crl_find(full, own, serial, entry, NULL)
                         : auth_crl_find_in_pair(full, delta, own, serial, entry, NULL);
}

auth_fetch_outcome crl_judge(const auth_crl *full, const auth_crl *delta, const auth_cert *cert,
                             const fetch_issuer *issuer, auth_time now, fetch_knowledge *out,
                             bool *has_gap, auth_error *err)
{
    auth_crl_entry entry;
    *has_gap = false;
    if (auth_crl_base_number(full).len > 0)
        return lie(err, "it is a delta CRL where a full one is to be (RFC 5280 5.2.4)");
    auth_fetch_outcome outcome = check_scope(full, cert, err);
    if (outcome != AUTH_FETCH_OUTCOME_FOUND)
        return outcome;
    auth_status pair = delta == NULL ? AUTH_STATUS_OK : auth_crl_check_pair(full, delta, err);
    *has_gap = pair == AUTH_STATUS_CONFLICT;
    if (*has_gap)
        return AUTH_FETCH_OUTCOME_STALE;
    if (pair != AUTH_STATUS_OK)
        return AUTH_FETCH_OUTCOME_LYING;
    /* A full list that is as new as the delta is not brought further by it. */
    bool is_newer = delta != NULL &&
                    auth_crl_compare_numbers(auth_crl_number(delta), auth_crl_number(full)) > 0;
    const auth_crl *newest = is_newer ? delta : full;
    if (crl_is_over(newest, now))
        return outcome_set(err, AUTH_FETCH_OUTCOME_STALE,
                           "CRL: its nextUpdate has passed (RFC 5280 5.1.2.5)");
    auth_status found = look_up(full, is_newer ? delta : NULL, auth_cert_serial(cert), &entry);
    fill(newest, issuer, found == AUTH_STATUS_OK ? &entry : NULL, out);
    if (found == AUTH_STATUS_OK || found == AUTH_STATUS_NOT_FOUND)
        return AUTH_FETCH_OUTCOME_FOUND;
    return outcome_set(err, AUTH_FETCH_OUTCOME_MALFORMED, "CRL: it cannot be looked into");
}
