/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is what the ready profiles issue valid, in the strict profile, for its own purpose and for no
 * other?
 */
#include "golden/realm.h"
#include "harness/harness.h"

#include <auth/validate.h>
#include <string.h>

#define BIT(purpose) (1U << AUTH_PURPOSE_##purpose)

static const struct profile_row {
    const char *profile;
    unsigned purposes; /* bits, ANY left out */
} rows[] = {
    {"root", BIT(CA)},
    {"issuing", BIT(CA)},
    {"citizen-signing", BIT(DOCUMENT_SIGNING)},
    {"citizen-authentication", BIT(CITIZEN_LOGIN) | BIT(OFFICER) | BIT(DAEMON)},
    {"citizen-encryption", 0},
    {"officer", BIT(CITIZEN_LOGIN) | BIT(OFFICER) | BIT(DAEMON) | BIT(DOCUMENT_SIGNING)},
    {"daemon-server", BIT(DAEMON_SERVER)},
    {"daemon-client", BIT(CITIZEN_LOGIN) | BIT(OFFICER) | BIT(DAEMON)},
    {"ocsp-responder", BIT(OCSP)},
    {"application-server", BIT(DAEMON_SERVER)},
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

static const auth_purpose purposes[] = {
#define AUTH_PURPOSE_ROW(id, number, name, eku, usage, authority, openssl, text) AUTH_PURPOSE_##id,
#include <auth/purpose.def>
};

static auth_verdict ask(const realm *it, const auth_trust *trust, auth_bytes certificate,
                        auth_purpose purpose)
{
    auth_error err;
    auth_verdict verdict;
    auth_validation options = {.now = REALM_NOW, .purpose = purpose, .is_strict = true};
    auth_bytes authority = auth_buf_bytes(it->authority_certificate);
    auth_evidence evidence = {.intermediates = &authority, .intermediate_count = 1};
    assert_ok(auth_validate(trust, &options, certificate, &evidence, &verdict, &err), &err);
    return verdict;
}

/* SM2 is the algorithm that every profile but the TLS ones takes; those take P-256. */
static realm *realm_for(const auth_profile *profile)
{
    realm *it = realm_new("sm2", REALM_NOW);
    if (realm_can_issue(it, profile))
        return it;
    realm_free(it);
    return realm_new("p256", REALM_NOW);
}

START_TEST(a_certificate_is_valid_for_its_purposes_only)
{
    auth_error err;
    realm_request request;
    AUTH_AUTO(auth_profile) *profile = realm_profile(rows[_i].profile);
    AUTH_AUTO(auth_trust) *trust = NULL;
    AUTH_AUTO(auth_buf) *out = NULL;
    realm *it = realm_for(profile);
    auth_bytes anchor = auth_buf_bytes(it->root_certificate);
    realm_ask(it, profile, &request);
    assert_ok(auth_buf_new(8192, &out, &err), &err);
    assert_ok(auth_issue(profile, realm_issuer_of(it, profile), realm_signer_of(it, profile),
                         &request.request, out, &err),
              &err);
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    auth_bytes certificate = auth_profile_is_self_signed(profile) ? anchor : auth_buf_bytes(out);
    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++) {
        auth_verdict verdict = ask(it, trust, certificate, purposes[i]);
        bool is_meant = purposes[i] == AUTH_PURPOSE_ANY ||
                        (rows[_i].purposes >> (unsigned)purposes[i] & 1U) != 0;
        ck_assert_msg((verdict.reason == AUTH_VERDICT_REASON_OK) == is_meant, "%s for %s: %s: %s",
                      rows[_i].profile, auth_purpose_name(purposes[i]),
                      auth_verdict_reason_name(verdict.reason), verdict.detail);
    }
    realm_free(it);
}
END_TEST

START_TEST(every_ready_profile_has_a_row)
{
    for (size_t i = 0; i < realm_profile_count; i++) {
        bool is_found = false;
        for (size_t j = 0; j < ROW_COUNT; j++)
            is_found = is_found || strcmp(rows[j].profile, realm_profiles[i]) == 0;
        ck_assert_msg(is_found, "%s", realm_profiles[i]);
    }
}
END_TEST

SUITE("profile_purpose", TEST_EACH(a_certificate_is_valid_for_its_purposes_only, ROW_COUNT),
      TEST(every_ready_profile_has_a_row))
