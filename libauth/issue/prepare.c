/* SPDX-License-Identifier: Apache-2.0 */
/* From profile, issuer and request to the octets to be signed. */
#include "issue/issue.h"
#include "issue/lint.h"

#include <stdlib.h>
#include <string.h>

#define SERIAL_MIN 16
/* notBefore may lie this far ahead: clocks of two machines differ. */
#define AHEAD_MAX 300

auth_status auth_issue_serial(uint16_t epoch, uint8_t out[AUTH_SERIAL_SIZE], auth_error *err)
{
    uint8_t serial[AUTH_SERIAL_SIZE] = {(uint8_t)(epoch >> 8), (uint8_t)epoch};
    if (epoch < 0x0100 || epoch > 0x7fff)
        return auth_error_set(
            err, AUTH_STATUS_INVALID,
            "serial number: epoch %u is outside 256 to 32767, which would make it "
            "negative or shorter (RFC 5280 4.1.2.2); start epochs at 256",
            (unsigned)epoch);
    auth_status status = digest_random(serial + 2, sizeof serial - 2, err);
    if (status != AUTH_STATUS_OK)
        return status;
    memcpy(out, serial, sizeof serial);
    return AUTH_STATUS_OK;
}

static auth_status check_serial(auth_bytes serial, auth_error *err)
{
    if (serial.len < SERIAL_MIN || serial.len > ISSUE_SERIAL_MAX || serial.data[0] < 0x01 ||
        serial.data[0] > 0x7f)
        return auth_error_set(
            err, AUTH_STATUS_INVALID,
            "serial number: not %d to %d octets that begin with 01 to 7f (RFC 5280 "
            "4.1.2.2); make it with auth_issue_serial",
            SERIAL_MIN, ISSUE_SERIAL_MAX);
    return AUTH_STATUS_OK;
}

/* The last second counts: notAfter - notBefore + 1 s is the period (RFC 5280 4.1.2.5). */
static auth_status plan_validity(issue_plan *plan, auth_error *err)
{
    const auth_issue_request *request = plan->request;
    const auth_issuer *issuer = plan->issuer;
    if (request->now < AUTH_TIME_MIN || request->now > AUTH_TIME_MAX - AHEAD_MAX ||
        request->not_before < request->now - plan->profile->max_backdate ||
        request->not_before > request->now + AHEAD_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "request: notBefore lies more than %lld seconds before or %d after "
                              "now; take the authority's own time",
                              (long long)plan->profile->max_backdate, AHEAD_MAX);
    if (plan->profile->period > AUTH_TIME_MAX - request->not_before)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "request: it would end after the year 9999 (RFC 5280 4.1.2.5); "
                              "shorten the profile's validity");
    plan->not_after = request->not_before + plan->profile->period - 1;
    if (request->not_before < issuer->not_before)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "request: it would begin before its issuer's certificate; wait, or "
                              "date it later");
    if (plan->not_after <= issuer->not_after)
        return AUTH_STATUS_OK;
    if (!plan->profile->clips_to_issuer || issuer->not_after <= request->now)
        return auth_error_set(err, AUTH_STATUS_EXPIRED,
                              "request: it would outlive its issuer's certificate (RFC 5280 6.1); "
                              "renew the issuer, shorten the profile's validity, or set its "
                              "clip_to_issuer");
    plan->not_after = issuer->not_after;
    return AUTH_STATUS_OK;
}

static auth_status check_issuer(const auth_profile *profile, const auth_issuer *issuer,
                                auth_error *err)
{
    if (profile->is_self_signed != issuer->is_self)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              profile->is_self_signed
                                  ? "profile %s: a root signs itself; prepare its key with "
                                    "auth_issuer_new_self"
                                  : "profile %s: an authority with a certificate signs it; prepare "
                                    "that with auth_issuer_new",
                              profile->name);
    if (!profile->is_ca || !issuer->has_path_len)
        return AUTH_STATUS_OK;
    if (!profile->has_path_len || profile->path_len >= issuer->path_len)
        return auth_error_set(
            err, AUTH_STATUS_DENIED,
            "profile %s: its issuer's pathLenConstraint leaves no room for an "
            "authority of this path_len (RFC 5280 4.2.1.9); take another issuer or "
            "lower path_len",
            profile->name);
    return AUTH_STATUS_OK;
}

static auth_status refuse_key(const issue_plan *plan, auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "request: the profile %s does not take %s keys of %u bits; make another "
                          "key",
                          plan->profile->name, auth_key_type_name(auth_public_key_type(plan->key)),
                          auth_public_key_bits(plan->key));
}

/* What is cheap and stops most comes first; the signature, which costs most, last. */
static auth_status check_key(issue_plan *plan, const x509_csr_view *csr, auth_error *err)
{
    const auth_issue_request *request = plan->request;
    if (!auth_profile_takes_key(plan->profile, plan->key))
        return refuse_key(plan, err);
    if (plan->issuer->is_self &&
        !auth_bytes_equal(auth_public_key_spki(plan->key), auth_public_key_spki(plan->issuer->key)))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "request: a root's request carries the key that signs it (RFC 5280 "
                              "3.2); give the request of the issuer's key");
    auth_status status = auth_public_key_check_strength(plan->key, request->is_blocked,
                                                        request->is_blocked_context, err);
    if (status == AUTH_STATUS_OK && csr != NULL)
        status = auth_public_key_verify(plan->key, csr->algorithm, csr->info, csr->signature, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, csr == NULL ? "request: key" : "certification request");
    return status;
}

static auth_status read_key(issue_plan *plan, auth_public_key **key, auth_error *err)
{
    const auth_issue_request *request = plan->request;
    x509_csr_view csr;
    bool has_csr = request->csr.len > 0;
    if (has_csr == (request->spki.len > 0))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "request: give either a certification request or a bare key");
    if (!has_csr && !plan->is_proved && !plan->profile->takes_bare_key)
        return auth_error_set(
            err, AUTH_STATUS_DENIED,
            "request: the profile %s wants proof of possession (RFC 2986); give a "
            "certification request",
            plan->profile->name);
    if (request->csr.len > AUTH_ISSUE_CSR_MAX || request->spki.len > AUTH_ISSUE_CSR_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "request: longer than %zu octets; leave out its attributes",
                              AUTH_ISSUE_CSR_MAX);
    auth_status status = has_csr ? x509_csr_view_parse(request->csr, &csr, err) : AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK)
        status = auth_public_key_parse(has_csr ? csr.spki : request->spki, key, err);
    if (status != AUTH_STATUS_OK)
        return status;
    plan->key = *key;
    auth_public_key_id(*key, plan->key_id);
    return check_key(plan, has_csr ? &csr : NULL, err);
}

void issue_put_certificate(der_writer *writer, auth_bytes tbs, auth_bytes algorithm,
                           auth_bytes signature)
{
    size_t certificate = der_open(writer, DER_SEQUENCE);
    der_put(writer, tbs);
    der_put(writer, algorithm);
    der_put_bit_octets(writer, signature);
    der_close(writer, certificate);
}

/* What was built must be what was planned, whatever the code between the two does. */
static bool is_as_planned(const issue_plan *plan, const x509_cert_view *view)
{
    const auth_issuer *issuer = plan->issuer;
    return auth_bytes_equal(view->serial, plan->request->serial) &&
           auth_bytes_equal(view->tbs_algorithm, issuer->algorithm) &&
           auth_bytes_equal(view->issuer, issuer->is_self ? view->subject : issuer->name) &&
           view->not_before == plan->request->not_before && view->not_after == plan->not_after &&
           auth_bytes_equal(view->spki, auth_public_key_spki(plan->key));
}

static auth_status lint_octets(const issue_plan *plan, auth_public_key *key, auth_bytes tbs,
                               uint8_t *room, size_t size, auth_error *err)
{
    static const uint8_t no_signature[1];
    x509_cert_view view;
    der_writer writer = der_writer_on(room, size);
    issue_put_certificate(&writer, tbs, plan->issuer->algorithm,
                          (auth_bytes){no_signature, sizeof no_signature});
    auth_status status = x509_cert_view_parse(der_written(&writer), &view, err);
    if (status != AUTH_STATUS_OK || !is_as_planned(plan, &view))
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "certificate: what was built is not what was planned; please report "
                              "it");
    return lint_view(&view, plan->profile, key, NULL, NULL, err);
}

static auth_status make_tbs(const issue_plan *plan, auth_bytes octets, auth_tbs **out,
                            auth_error *err)
{
    auth_tbs *tbs = malloc(sizeof *tbs + octets.len);
    if (tbs == NULL)
        return auth_error_memory(err);
    tbs->is_sealed = false;
    tbs->not_after = plan->not_after;
    auth_public_key_hash(plan->key, tbs->key_hash);
    tbs->len = octets.len;
    tbs->algorithm_len = plan->issuer->algorithm.len;
    memcpy(tbs->algorithm, plan->issuer->algorithm.data, tbs->algorithm_len);
    memcpy(tbs->octets, octets.data, octets.len);
    *out = tbs;
    return AUTH_STATUS_OK;
}

/* The certificate around the TBS takes this much more while it is linted. */
#define AROUND_MAX ((size_t)256)

static auth_status build(issue_plan *plan, auth_public_key *key, auth_tbs **out, auth_error *err)
{
    size_t size = ISSUE_TBS_SIZE;
    uint8_t *room = malloc(size + size + AROUND_MAX);
    if (room == NULL)
        return auth_error_memory(err);
    der_writer writer = der_writer_on(room, size);
    auth_status status = issue_build(plan, &writer, err);
    auth_bytes tbs = der_written(&writer);
    if (status == AUTH_STATUS_OK)
        status = lint_octets(plan, key, tbs, room + size, size + AROUND_MAX, err);
    if (status == AUTH_STATUS_OK)
        status = make_tbs(plan, tbs, out, err);
    /* It holds a person number where the binding shows it. */
    auth_secret_wipe(room, writer.len);
    auth_secret_wipe(room + size, tbs.len + AROUND_MAX);
    free(room);
    return status;
}

auth_status issue_prepare(issue_plan *plan, auth_tbs **out, auth_error *err)
{
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_status status = check_issuer(plan->profile, plan->issuer, err);
    if (status == AUTH_STATUS_OK)
        status = check_serial(plan->request->serial, err);
    if (status == AUTH_STATUS_OK)
        status = plan_validity(plan, err);
    if (status == AUTH_STATUS_OK)
        status = read_key(plan, &key, err);
    return status == AUTH_STATUS_OK ? build(plan, key, out, err) : status;
}

auth_status auth_issue_prepare(const auth_profile *profile, const auth_issuer *issuer,
                               const auth_issue_request *request, auth_tbs **out, auth_error *err)
{
    issue_plan plan = {.profile = profile, .issuer = issuer, .request = request};
    return issue_prepare(&plan, out, err);
}

void auth_tbs_free(auth_tbs *tbs)
{
    if (tbs == NULL)
        return;
    auth_secret_wipe(tbs->octets, tbs->len);
    free(tbs);
}

auth_bytes auth_tbs_bytes(const auth_tbs *tbs) { return (auth_bytes){tbs->octets, tbs->len}; }

auth_time auth_tbs_not_after(const auth_tbs *tbs) { return tbs->not_after; }

void auth_tbs_key_hash(const auth_tbs *tbs, uint8_t out[AUTH_KEY_HASH_SIZE])
{
    memcpy(out, tbs->key_hash, sizeof tbs->key_hash);
}
