/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is every profile file either refused with a reason, or one whose facts hold together?
 */
#include "fuzz/fuzz.h"
#include "profile/profile.h"

#include <string.h>

static void check_fields(const auth_profile *profile)
{
    auth_profile_field field;
    size_t count = 0;
    for (; auth_profile_field_at(profile, count, &field, NULL) == AUTH_STATUS_OK; count++) {
        FUZZ_CHECK(field.attribute[0] != '\0');
        FUZZ_CHECK(field.min_characters >= 1 && field.min_characters <= field.max_characters);
    }
    FUZZ_CHECK(count <= PROFILE_SUBJECT_MAX);
}

static void check_profile(const auth_profile *profile)
{
    bool signs = (profile->key_usage & X509_KEY_CERT_SIGN) != 0;
    FUZZ_CHECK(auth_profile_name(profile)[0] != '\0');
    FUZZ_CHECK(auth_profile_is_authority(profile) == signs);
    FUZZ_CHECK(!auth_profile_is_self_signed(profile) || signs);
    FUZZ_CHECK(!auth_profile_takes_bare_key(profile) ||
               (profile->key_usage & X509_DIGITAL_SIGNATURE) == 0);
    FUZZ_CHECK(auth_profile_validity_seconds(profile) >= 60);
    FUZZ_CHECK(profile->key_types != 0 && profile->max_backdate <= PROFILE_BACKDATE_MAX);
    FUZZ_CHECK(profile_constant_of(profile, OID_KEY_USAGE).len > 0);
    FUZZ_CHECK(!signs || profile_constant_of(profile, OID_BASIC_CONSTRAINTS).len > 0);
    check_fields(profile);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    AUTH_AUTO(auth_profile_raw) *raw = NULL;
    AUTH_AUTO(auth_profile) *profile = NULL;
    auth_status status = auth_profile_parse((auth_bytes){data, size}, &raw, &err);
    if (status == AUTH_STATUS_OK)
        status = auth_profile_validate(raw, "http://pki.example", &profile, &err);
    if (status == AUTH_STATUS_OK)
        check_profile(profile);
    else
        FUZZ_CHECK(status == err.status && err.text[0] != '\0');
    return 0;
}
