/* SPDX-License-Identifier: Apache-2.0 */
#include "offline.h"

#include "registry/subject.h"

#include <auth/cert.h>
#include <stdio.h>
#include <string.h>

#define MINUTES_S 60

static auth_status validate(const lra_offline *it, auth_bytes certificate, auth_time now,
                            auth_error *err)
{
    auth_verdict verdict;
    auth_validation options = {.now = now, .purpose = AUTH_PURPOSE_OFFICER};
    auth_status status =
        auth_known_issuer_validate(it->staff, &options, certificate, NULL, &verdict, err);
    if (status != AUTH_STATUS_OK || verdict.reason == AUTH_VERDICT_REASON_OK)
        return status;
    bool is_expired = verdict.reason == AUTH_VERDICT_REASON_EXPIRED;
    return auth_error_set(err, is_expired ? AUTH_STATUS_EXPIRED : AUTH_STATUS_UNTRUSTED,
                          "certificate: it is no officer's of this realm: %s; %s",
                          auth_verdict_reason_text(verdict.reason),
                          auth_verdict_reason_remedy(verdict.reason));
}

static auth_status hash(auth_bytes certificate, uint8_t out[REGISTRY_HASH_SIZE], auth_error *err)
{
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    auth_status status = registry_crypto_new(&crypto, err);
    return status == AUTH_STATUS_OK ? registry_sha256(crypto, &certificate, 1, out, err) : status;
}

static auth_status read_subject(auth_bytes certificate, registry_subject *subject,
                                lra_known_officer *out, auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_status status = auth_cert_parse(certificate, &cert, err);
    if (status == AUTH_STATUS_OK)
        status = registry_subject_read(auth_cert_subject(cert), subject, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes serial = auth_cert_serial(cert);
    if (serial.len == 0 || serial.len > sizeof out->serial)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "certificate: its serial number is too long (RFC 5280 4.1.2.2); have "
                              "another one issued");
    memcpy(out->serial, serial.data, serial.len);
    out->serial_len = serial.len;
    return AUTH_STATUS_OK;
}

auth_status lra_offline_read(const lra_offline *it, auth_bytes certificate, auth_time now,
                             lra_known_officer *out, auth_error *err)
{
    registry_subject subject;
    lra_known_officer read = {.is_good = false};
    auth_status status = validate(it, certificate, now, err);
    if (status == AUTH_STATUS_OK)
        status = read_subject(certificate, &subject, &read, err);
    if (status == AUTH_STATUS_OK)
        status = hash(certificate, read.certificate, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (strcmp(subject.realm, it->realm) != 0 || subject.officer[0] == '\0' ||
        auth_officer_role_find(subject.role, &read.role, NULL) != AUTH_STATUS_OK)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "certificate: it is no officer's of the realm %s; show one of this "
                              "realm",
                              it->realm);
    if (strcmp(subject.office, it->office) != 0)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "officer: your office is not served here, only %s; use the address "
                              "of your own office",
                              it->office);
    (void)snprintf(read.officer, sizeof read.officer, "%s", subject.officer);
    *out = read;
    return AUTH_STATUS_OK;
}

auth_status lra_offline_judge(const lra_offline *it, auth_bytes certificate, auth_time now,
                              lra_known_officer *out, auth_error *err)
{
    lra_known_officer said;
    lra_known_officer officer;
    auth_status status = lra_offline_read(it, certificate, now, &officer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!lra_known_find(it->known, officer.certificate, &said))
        return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                              "officer: the registry does not answer and has never been asked "
                              "about you here; wait until it is back");
    if (!said.is_good)
        return auth_error_set(err, AUTH_STATUS_REVOKED,
                              "officer: the registry said that your certificate or appointment "
                              "does not count; ask the administrator of your office");
    /* Knowledge from a clock that was set back is no knowledge. */
    if (now - said.at > it->max_age_s || said.at - now > auth_policy_clock_skew_s(it->policy))
        return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                              "officer: the registry does not answer, and what it said of you is "
                              "%lld minutes old, which is more than %lld; wait until it is back",
                              (long long)((now - said.at) / MINUTES_S),
                              (long long)(it->max_age_s / MINUTES_S));
    officer.is_good = true;
    officer.at = said.at;
    *out = officer;
    return AUTH_STATUS_OK;
}

/* What the facts are asked with. */
typedef struct inquiry {
    const lra_offline *it;
    const auth_request *request;
    lra_known_office office;
} inquiry;

/* A person is told apart by what is at hand: two things of the same name are one. */
static auth_status person_of(const char *what, auth_bytes name, auth_person_index *out,
                             auth_error *err)
{
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    auth_bytes parts[2] = {auth_bytes_from_text(what), name};
    auth_status status = registry_crypto_new(&crypto, err);
    return status == AUTH_STATUS_OK ? registry_sha256(crypto, parts, 2, out->octets, err) : status;
}

static bool is_good_at(const auth_known_issuer *issuer, auth_purpose purpose,
                       auth_bytes certificate, auth_time at, auth_status *status, auth_error *err)
{
    auth_verdict verdict;
    auth_validation options = {.now = at, .purpose = purpose};
    *status = auth_known_issuer_validate(issuer, &options, certificate, NULL, &verdict, err);
    return *status == AUTH_STATUS_OK && verdict.reason == AUTH_VERDICT_REASON_OK;
}

/* An officer of any office: his certificate, and what the registry said if it did. */
static auth_status find_officer_signer(const inquiry *of, auth_bytes certificate,
                                       auth_request_signer *out, auth_error *err)
{
    registry_subject subject;
    lra_known_officer read = {.is_good = false};
    lra_known_officer said;
    auth_request_holder *holder = &out->holder;
    auth_status status = read_subject(certificate, &subject, &read, err);
    if (status == AUTH_STATUS_OK)
        status = hash(certificate, read.certificate, err);
    if (status == AUTH_STATUS_OK)
        status = person_of("officer ", auth_bytes_from_text(subject.officer), &holder->person, err);
    if (status != AUTH_STATUS_OK)
        return auth_status_is_fault(status) ? status : AUTH_STATUS_OK;
    holder->kind = AUTH_HOLDER_OFFICER;
    (void)snprintf(holder->officer, sizeof holder->officer, "%s", subject.officer);
    (void)snprintf(holder->office, sizeof holder->office, "%s", subject.office);
    holder->not_after = AUTH_TIME_MAX; /* the evaluation holds the certificate's own against now */
    bool is_known = lra_known_find(of->it->known, read.certificate, &said);
    holder->is_revoked = is_known && !said.is_good;
    holder->revoked_at = 0;
    out->is_trusted = strcmp(subject.realm, of->it->realm) == 0 && subject.officer[0] != '\0' &&
                      auth_officer_role_find(subject.role, &holder->role, NULL) == AUTH_STATUS_OK;
    return AUTH_STATUS_OK;
}

static auth_status find_holder_signer(const inquiry *of, auth_bytes certificate,
                                      auth_request_signer *out, auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_request_holder *holder = &out->holder;
    auth_status status = auth_cert_parse(certificate, &cert, err);
    if (status == AUTH_STATUS_OK)
        status = person_of("holder ", auth_cert_serial(cert), &holder->person, err);
    if (status != AUTH_STATUS_OK)
        return status;
    holder->kind = AUTH_HOLDER_CITIZEN;
    (void)snprintf(holder->office, sizeof holder->office, "%s", of->it->office);
    holder->not_after = auth_cert_not_after(cert);
    out->is_trusted = true;
    return AUTH_STATUS_OK;
}

static auth_status find_signer(void *context, const auth_bytes *chain, size_t chain_len,
                               auth_time signed_at, auth_request_signer *out, auth_error *err)
{
    const inquiry *of = context;
    auth_status status = AUTH_STATUS_OK;
    *out = (auth_request_signer){.is_trusted = false};
    if (chain_len == 0)
        return AUTH_STATUS_OK;
    if (is_good_at(of->it->staff, AUTH_PURPOSE_OFFICER, chain[0], signed_at, &status, err))
        return find_officer_signer(of, chain[0], out, err);
    if (status == AUTH_STATUS_OK &&
        is_good_at(of->it->citizens, AUTH_PURPOSE_ANY, chain[0], signed_at, &status, err))
        return find_holder_signer(of, chain[0], out, err);
    return status;
}

/* By the path of this office, all that is known of the tree; what lies elsewhere is not asked. */
static auth_status is_within(void *context, const char *office, const char *ancestor, bool *out,
                             auth_error *err)
{
    const inquiry *of = context;
    char step[AUTH_IDENTIFIER_SIZE + 2];
    (void)err;
    (void)snprintf(step, sizeof step, "/%s/", ancestor);
    *out = strcmp(office, of->it->office) != 0 || strstr(of->office.path, step) != NULL;
    return AUTH_STATUS_OK;
}

static auth_status is_open(void *context, const char *office, bool *out, auth_error *err)
{
    (void)context;
    (void)office;
    (void)err;
    *out = true;
    return AUTH_STATUS_OK;
}

static auth_status was_used(void *context, const char *id, auth_bytes payload_hash,
                            auth_request_use *out, auth_error *err)
{
    (void)context;
    (void)id;
    (void)payload_hash;
    (void)err;
    *out = AUTH_REQUEST_USE_NEW;
    return AUTH_STATUS_OK;
}

/* The certificate that an item speaks of, as it has to be for the request to be granted. */
static auth_status holder_of(void *context, auth_bytes serial, auth_request_holder *out,
                             auth_error *err)
{
    const inquiry *of = context;
    *out = (auth_request_holder){.kind = AUTH_HOLDER_CITIZEN, .not_after = AUTH_TIME_MAX};
    (void)snprintf(out->office, sizeof out->office, "%s", of->it->office);
    (void)snprintf(out->profile, sizeof out->profile, "%s", auth_request_profile(of->request));
    return person_of("holder ", serial, &out->person, err);
}

static auth_status find_officer(void *context, const char *officer, auth_request_holder *out,
                                auth_error *err)
{
    const inquiry *of = context;
    *out = (auth_request_holder){.kind = AUTH_HOLDER_OFFICER, .not_after = AUTH_TIME_MAX};
    (void)snprintf(out->office, sizeof out->office, "%s", of->it->office);
    (void)snprintf(out->officer, sizeof out->officer, "%s", officer);
    return person_of("officer ", auth_bytes_from_text(officer), &out->person, err);
}

/* Whose a number is nobody can tell here. A certificate of an item is taken for that person's. */
static auth_status index_of(void *context, const auth_person_number *number, auth_person_index *out,
                            auth_error *err)
{
    const inquiry *of = context;
    for (size_t i = 0; i < auth_request_item_count(of->request); i++) {
        const auth_request_item *item = auth_request_item_at(of->request, i);
        if (item->serial.len > 0 && auth_person_number_equal(&item->person, number))
            return person_of("holder ", item->serial, out, err);
    }
    return person_of("number ", auth_bytes_from_text(""), out, err);
}

auth_status lra_offline_check(const lra_offline *it, const auth_request *request, auth_time now,
                              auth_request_verdict *out, auth_error *err)
{
    inquiry of = {.it = it, .request = request, .office = lra_known_where(it->known)};
    auth_request_facts facts = {.context = &of,
                                .find_signer = find_signer,
                                .is_within = is_within,
                                .is_open = is_open,
                                .was_used = was_used,
                                .holder_of = holder_of,
                                .find_officer = find_officer,
                                .index_of = index_of};
    if (of.office.path[0] == '\0')
        return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                              "registry: it does not answer and has not told yet where this office "
                              "lies; bring the line to it up once");
    return auth_request_evaluate(request, it->policy, &facts, now, out, err);
}
