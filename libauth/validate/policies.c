/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/policies.h"
#include "base/der.h"
#include "base/oid.h"

/* A skip count beyond this means "never": chains are shorter. OpenSSL reads it as a long. */
#define SKIP_MAX 0x7fffffff

static bool refuse(finding *found, const char *what)
{
    return finding_set(found, AUTH_VERDICT_REASON_POLICY_FORM, "%s", what);
}

static bool is_any(auth_bytes policy)
{
    return auth_bytes_equal(policy, oid_bytes(OID_ANY_POLICY));
}

/* Qualifiers are not shown to anybody here: SEQUENCE OF SEQUENCE { OID, any } is all they must be.
 */
static bool are_qualifiers(auth_bytes qualifiers)
{
    if (qualifiers.len == 0)
        return false;
    while (qualifiers.len > 0) {
        auth_bytes qualifier;
        auth_bytes type;
        der_item value;
        if (!der_take(&qualifiers, DER_SEQUENCE, &qualifier) || !der_take_oid(&qualifier, &type) ||
            !der_next(&qualifier, &value) || qualifier.len > 0)
            return false;
    }
    return true;
}

static bool take_policy(auth_bytes *policies, auth_bytes *policy)
{
    auth_bytes information;
    auth_bytes qualifiers;
    return der_take(policies, DER_SEQUENCE, &information) && der_take_oid(&information, policy) &&
           der_take_optional(&information, DER_SEQUENCE, &qualifiers) && information.len == 0 &&
           (qualifiers.data == NULL || are_qualifiers(qualifiers));
}

bool policies_check(auth_bytes value, finding *found)
{
    auth_bytes policies;
    auth_bytes seen[POLICIES_MAX];
    size_t count = 0;
    if (!der_only(value, DER_SEQUENCE, &policies) || policies.len == 0)
        return refuse(found, "certificatePolicies is not a SEQUENCE of one policy or more "
                             "(RFC 5280 4.2.1.4)");
    while (policies.len > 0) {
        auth_bytes policy;
        if (!take_policy(&policies, &policy))
            return refuse(found, "certificatePolicies holds what is no PolicyInformation "
                                 "(RFC 5280 4.2.1.4)");
        for (size_t i = 0; i < count; i++) {
            if (auth_bytes_equal(seen[i], policy))
                return refuse(found, "a policy stands twice in certificatePolicies "
                                     "(RFC 5280 4.2.1.4)");
        }
        if (count == POLICIES_MAX)
            return finding_set(found, AUTH_VERDICT_REASON_LIMIT, "more than %d policies",
                               POLICIES_MAX);
        seen[count++] = policy;
    }
    return true;
}

bool policies_check_mappings(auth_bytes value, finding *found)
{
    auth_bytes mappings;
    if (!der_only(value, DER_SEQUENCE, &mappings) || mappings.len == 0)
        return refuse(found, "policyMappings is not a SEQUENCE of one pair or more "
                             "(RFC 5280 4.2.1.5)");
    for (size_t count = 0; mappings.len > 0; count++) {
        auth_bytes pair;
        auth_bytes from;
        auth_bytes to;
        if (!der_take(&mappings, DER_SEQUENCE, &pair) || !der_take_oid(&pair, &from) ||
            !der_take_oid(&pair, &to) || pair.len > 0)
            return refuse(found, "policyMappings holds what is no pair of policies "
                                 "(RFC 5280 4.2.1.5)");
        if (is_any(from) || is_any(to))
            return refuse(found, "policyMappings maps anyPolicy, which is forbidden "
                                 "(RFC 5280 4.2.1.5)");
        if (count == POLICIES_MAX)
            return finding_set(found, AUTH_VERDICT_REASON_LIMIT, "more than %d policy mappings",
                               POLICIES_MAX);
    }
    return true;
}

/* INTEGER (0..MAX) under an implicit tag. */
static bool take_skip(auth_bytes *cursor, unsigned number)
{
    auth_bytes content;
    if (!der_peek(*cursor, DER_CONTEXT(number)))
        return true;
    return der_take(cursor, DER_CONTEXT(number), &content) && content.len >= 1 &&
           content.len <= 4 && content.data[0] < 0x80 &&
           (content.len == 1 || content.data[0] != 0 || content.data[1] >= 0x80);
}

bool policies_check_constraints(auth_bytes value, finding *found)
{
    auth_bytes content;
    if (!der_only(value, DER_SEQUENCE, &content) || content.len == 0)
        return refuse(found, "policyConstraints is not a SEQUENCE, or is empty "
                             "(RFC 5280 4.2.1.11)");
    if (!take_skip(&content, 0) || !take_skip(&content, 1) || content.len > 0)
        return refuse(found, "policyConstraints holds what is no skip count (RFC 5280 4.2.1.11)");
    return true;
}

bool policies_check_inhibit_any(auth_bytes value, finding *found)
{
    uint64_t skip = 0;
    if (!der_take_uint(&value, SKIP_MAX, &skip) || value.len > 0)
        return refuse(found, "inhibitAnyPolicy is not a skip count (RFC 5280 4.2.1.14)");
    return true;
}
