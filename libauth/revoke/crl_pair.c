/* SPDX-License-Identifier: Apache-2.0 */
/* Two CRLs at once: a delta with its base, and the one that takes another's place. */
#include "revoke/crl.h"

#include "x509/name.h"

static auth_status refuse(auth_error *err, auth_status status, const char *what)
{
    return auth_error_set(err, status, "CRL: %s", what);
}

static auth_bytes without_zeros(auth_bytes number)
{
    while (number.len > 0 && number.data[0] == 0) {
        number.data++;
        number.len--;
    }
    return number;
}

int auth_crl_compare_numbers(auth_bytes a, auth_bytes b)
{
    a = without_zeros(a);
    b = without_zeros(b);
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return auth_bytes_compare(a, b);
}

static bool is_delta(const auth_crl *crl) { return crl->base_number.len > 0; }

static auth_status check_same_scope(const auth_crl *a, const auth_crl *b, auth_error *err)
{
    if (!x509_name_equal(a->view.issuer, b->view.issuer))
        return refuse(err, AUTH_STATUS_INVALID,
                      "the issuers differ; both come from one authority (RFC 5280 5.2.4)");
    /* Octet for octet: the two were written by one authority in DER, which has one spelling. */
    if (!auth_bytes_equal(a->scope_der, b->scope_der))
        return refuse(err, AUTH_STATUS_INVALID,
                      "the issuing distribution points differ; both speak of the same certificates "
                      "(RFC 5280 5.2.4)");
    return AUTH_STATUS_OK;
}

auth_status auth_crl_check_pair(const auth_crl *full, const auth_crl *delta, auth_error *err)
{
    if (is_delta(full) || !is_delta(delta))
        return refuse(err, AUTH_STATUS_INVALID,
                      "a pair is a full CRL and a delta CRL (RFC 5280 5.2.4)");
    if (full->number.len == 0 || delta->number.len == 0)
        return refuse(err, AUTH_STATUS_INVALID,
                      "a CRL without cRLNumber cannot be joined to another (RFC 5280 5.2.3)");
    auth_status status = check_same_scope(full, delta, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!auth_bytes_equal(full->key_id, delta->key_id))
        return refuse(err, AUTH_STATUS_INVALID,
                      "the authority key identifiers differ; a delta CRL has the key of its base "
                      "(RFC 5280 6.3.3)");
    if (auth_crl_compare_numbers(full->number, delta->base_number) < 0) {
        char has[CRL_HEX_SIZE];
        char needs[CRL_HEX_SIZE];
        crl_hex(full->number, has);
        crl_hex(delta->base_number, needs);
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "CRL: the delta adds to number %s and the full CRL is %s: what was "
                              "revoked between them is unknown; fetch the full CRL again "
                              "(RFC 5280 5.2.4)",
                              needs, has);
    }
    return AUTH_STATUS_OK;
}

auth_status auth_crl_find_in_pair(const auth_crl *full, const auth_crl *delta, auth_bytes issuer,
                                  auth_bytes serial, auth_crl_entry *out, auth_error *err)
{
    auth_status status = auth_crl_check_pair(full, delta, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_crl_entry in_delta;
    bool is_newer = auth_crl_compare_numbers(delta->number, full->number) > 0;
    if (!is_newer || auth_crl_find(delta, issuer, serial, &in_delta, NULL) != AUTH_STATUS_OK)
        return auth_crl_find(full, issuer, serial, out, err);
    if (in_delta.reason != AUTH_REVOCATION_REASON_REMOVE_FROM_CRL) {
        *out = in_delta;
        return AUTH_STATUS_OK;
    }
    auth_crl_entry in_full;
    if (auth_crl_find(full, issuer, serial, &in_full, NULL) != AUTH_STATUS_OK ||
        auth_revocation_reason_is_reversible(in_full.reason))
        return refuse(err, AUTH_STATUS_NOT_FOUND, "the suspension has ended (removeFromCRL)");
    *out = in_full;
    return AUTH_STATUS_OK;
}

static auth_status check_order(const auth_crl *previous, const auth_crl *next, auth_error *err)
{
    int order = auth_crl_compare_numbers(next->number, previous->number);
    bool are_issued_together = is_delta(previous) != is_delta(next);
    if (order < 0 || (order == 0 && !are_issued_together))
        return refuse(err, AUTH_STATUS_CONFLICT,
                      "its number is not greater than the one published; an older CRL must not "
                      "replace a newer one (RFC 5280 5.2.3)");
    if (next->view.this_update < previous->view.this_update)
        return refuse(err, AUTH_STATUS_CONFLICT,
                      "its thisUpdate is before that of the one published; check the clock of the "
                      "authority (RFC 5280 5.1.2.4)");
    return AUTH_STATUS_OK;
}

auth_status auth_crl_check_successor(const auth_crl *previous, const auth_crl *next, auth_time now,
                                     auth_error *err)
{
    if (next->number.len == 0 || !next->view.has_next_update)
        return refuse(err, AUTH_STATUS_INVALID,
                      "it has no cRLNumber or no nextUpdate (RFC 5280 5.1.2.5 and 5.2.3)");
    if (next->view.next_update <= now)
        return refuse(err, AUTH_STATUS_EXPIRED, "its nextUpdate has passed; make a new one");
    if (previous == NULL)
        return AUTH_STATUS_OK;
    auth_status status = check_same_scope(previous, next, err);
    return status == AUTH_STATUS_OK ? check_order(previous, next, err) : status;
}
