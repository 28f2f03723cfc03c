/* SPDX-License-Identifier: Apache-2.0 */
/* Is every policy file either refused with a reason, or one that says who signs what? */
#include "fuzz/fuzz.h"

#include <auth/policy.h>
#include <string.h>

static void check_quorum(const auth_policy_quorum *quorum)
{
    FUZZ_CHECK(quorum->is_holder == (quorum->place_count == 0));
    FUZZ_CHECK(quorum->place_count <= AUTH_POLICY_PLACES_MAX);
    for (size_t i = 0; i < quorum->place_count; i++) {
        FUZZ_CHECK(quorum->places[i].roles != 0);
        FUZZ_CHECK((quorum->places[i].roles >> AUTH_OFFICER_ROLE_AUDITOR & 1U) == 0);
    }
}

static void check_policy(const auth_policy *policy)
{
    const auth_policy_quorum *quorum = NULL;
    const auth_policy_profile *profile = NULL;
    for (int kind = AUTH_REQUEST_KIND_ENROL; kind <= AUTH_REQUEST_KIND_CLOSE_OFFICE; kind++) {
        FUZZ_CHECK(auth_policy_max_lifetime_s(policy, (auth_request_kind)kind) >= 60);
        if (auth_policy_quorum_find(policy, (auth_request_kind)kind, "", &quorum, NULL) ==
            AUTH_STATUS_OK)
            check_quorum(quorum);
    }
    for (size_t i = 0; auth_policy_profile_at(policy, i) != NULL; i++) {
        const auth_policy_profile *row = auth_policy_profile_at(policy, i);
        FUZZ_CHECK(auth_policy_profile_find(policy, row->name, &profile, NULL) == AUTH_STATUS_OK);
        FUZZ_CHECK(profile == row && row->kinds != 0 && row->purpose[0] != '\0');
    }
    FUZZ_CHECK(auth_policy_realm(policy)[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    AUTH_AUTO(auth_policy_raw) *raw = NULL;
    AUTH_AUTO(auth_policy) *policy = NULL;
    auth_status status = auth_policy_parse((auth_bytes){data, size}, &raw, &err);
    if (status == AUTH_STATUS_OK)
        status = auth_policy_validate(raw, &policy, &err);
    if (status == AUTH_STATUS_OK)
        check_policy(policy);
    else
        FUZZ_CHECK(status == err.status && strncmp(err.text, "policy: ", 8) == 0);
    return 0;
}
