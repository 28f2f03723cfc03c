/* SPDX-License-Identifier: Apache-2.0 */
#include "login/levels.h"

unsigned login_levels_all(const auth_login_policy *policy)
{
    return (1U << policy->level_count) - 1;
}

static unsigned rows_of(const auth_login_policy *policy, auth_bytes type)
{
    unsigned rows = 0;
    for (size_t i = 0; i < policy->level_count; i++) {
        uint8_t octets[sizeof policy->levels[i].policy];
        size_t len = 0;
        if (der_oid_parse(policy->levels[i].policy, octets, sizeof octets, &len) &&
            auth_bytes_equal(type, (auth_bytes){octets, len}))
            rows |= 1U << i;
    }
    return rows;
}

/* Takes the next PolicyInformation and gives its policyIdentifier. */
static bool take_policy(auth_bytes *list, auth_bytes *type)
{
    auth_bytes information;
    return der_take(list, DER_SEQUENCE, &information) && der_take_oid(&information, type);
}

unsigned login_levels_of(const auth_login_policy *policy, const x509_cert_view *view,
                         bool is_authority)
{
    const x509_extension *extension = x509_find(&view->extensions, OID_CERTIFICATE_POLICIES);
    auth_bytes list;
    auth_bytes type;
    unsigned rows = 0;
    if (policy->level_count == 0 || extension == NULL ||
        !der_only(extension->value, DER_SEQUENCE, &list))
        return 0;
    while (list.len > 0) {
        if (!take_policy(&list, &type))
            return 0;
        if (is_authority && oid_find(type) == OID_ANY_POLICY)
            rows = login_levels_all(policy);
        else
            rows |= rows_of(policy, type);
    }
    return rows;
}

auth_assurance login_levels_highest(const auth_login_policy *policy, unsigned rows)
{
    auth_assurance highest = AUTH_ASSURANCE_UNSTATED;
    for (size_t i = 0; i < policy->level_count; i++) {
        if ((rows >> i & 1U) != 0 && policy->levels[i].level > highest)
            highest = policy->levels[i].level;
    }
    return highest;
}
