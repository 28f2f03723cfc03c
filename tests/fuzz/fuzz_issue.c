/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does lint answer for every certificate, and does a certification request that passes give a
 * certificate that lint finds nothing in? The first octet chooses: lint a certificate, or issue for
 * a request or a bare key.
 */
#include "fuzz/fuzz.h"
#include "golden/realm.h"

static void visit(void *context, const auth_lint_finding *finding)
{
    size_t *count = context;
    (*count)++;
    FUZZ_CHECK(finding->rule[0] != '\0' && finding->clause[0] != '\0' && finding->where[0] != '\0');
}

static void lint(auth_bytes certificate, const auth_profile *profile)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    size_t count = 0;
    auth_status status = auth_lint(certificate, profile, visit, &count, &err);
    FUZZ_CHECK(status == (count == 0 ? AUTH_STATUS_OK : AUTH_STATUS_INVALID));
    FUZZ_CHECK(status == AUTH_STATUS_OK || err.text[0] != '\0');
}

static void issue(const realm *here, const auth_profile *profile, auth_bytes octets)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    realm_request ask;
    AUTH_AUTO(auth_tbs) *tbs = NULL;
    realm_ask(here, profile, &ask);
    if (auth_profile_takes_bare_key(profile))
        ask.request.spki = octets;
    else
        ask.request.csr = octets;
    auth_status status =
        auth_issue_prepare(profile, here->authority_issuer, &ask.request, &tbs, &err);
    FUZZ_CHECK(status != AUTH_STATUS_INTERNAL);
    FUZZ_CHECK((status == AUTH_STATUS_OK) == (tbs != NULL));
    FUZZ_CHECK(status == AUTH_STATUS_OK || err.text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static realm *here;
    static auth_profile *signing;
    static auth_profile *encryption;
    if (here == NULL) {
        here = realm_new("p256", REALM_NOW);
        signing = realm_profile("citizen-signing");
        encryption = realm_profile("citizen-encryption");
    }
    if (size == 0)
        return 0;
    auth_bytes rest = {data + 1, size - 1};
    switch (data[0] % 4) {
    case 0:
        lint(rest, NULL);
        break;
    case 1:
        lint(rest, signing);
        break;
    case 2:
        issue(here, signing, rest);
        break;
    default:
        issue(here, encryption, rest);
        break;
    }
    return 0;
}
