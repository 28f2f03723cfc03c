/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do reading, comparing and revealing the identity of a certificate agree with each other, whatever
 * its octets are?
 */
#include "fuzz/fuzz.h"

#include <auth/identity.h>

#define SECRET ((auth_bytes){(const uint8_t *)"0123456789abcdef0123456789abcdef", 32})

static bool is_answer(auth_status status)
{
    return status == AUTH_STATUS_OK || status == AUTH_STATUS_MALFORMED ||
           status == AUTH_STATUS_INVALID || status == AUTH_STATUS_LIMIT ||
           status == AUTH_STATUS_NOT_FOUND || status == AUTH_STATUS_UNSUPPORTED ||
           status == AUTH_STATUS_CONFLICT || status == AUTH_STATUS_DENIED;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_bytes certificate = {data, size};
    auth_error err = {AUTH_STATUS_OK, ""};
    unsigned bindings = 0;
    bool is_match = false;
    auth_person_number number = {0};
    auth_person_rules rules = {.today = {2026, 1, 1}};
    auth_identity_proof proof = {SECRET, SECRET, SECRET};
    auth_status status = auth_identity_read(certificate, &bindings, &err);
    FUZZ_CHECK(is_answer(status));
    auth_status revealed = auth_identity_reveal(certificate, &rules, &number, &err);
    FUZZ_CHECK(is_answer(revealed));
    FUZZ_CHECK(status == AUTH_STATUS_OK || revealed != AUTH_STATUS_OK);
    if (revealed != AUTH_STATUS_OK)
        return 0;
    unsigned clear = AUTH_IDENTITY_BIT(AUTH_IDENTITY_BINDING_GBT20518) |
                     AUTH_IDENTITY_BIT(AUTH_IDENTITY_BINDING_PNOCN);
    FUZZ_CHECK((bindings & clear) != 0 && number.len > 0);
    FUZZ_CHECK(auth_identity_matches(certificate, &number, NULL, &is_match, &err) ==
               AUTH_STATUS_OK);
    /* A type that the binding rules out is not that of the number that it revealed. */
    FUZZ_CHECK(is_match);
    FUZZ_CHECK(is_answer(auth_identity_matches(certificate, &number, &proof, &is_match, &err)));
    auth_person_number_wipe(&number);
    return 0;
}
