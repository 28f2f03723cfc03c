/* SPDX-License-Identifier: Apache-2.0 */
/* From a raw policy to a checked one, and what others ask of it. */
#include "request/policy.h"
#include "request/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Clocks that differ by more are wrong. */
#define SKEW_MAX 3600

/* A minute to a year. */
#define LIFETIME_MIN 60
#define LIFETIME_MAX ((uint64_t)366 * 86400)

#define PATH_SIZE 64

auth_status policy_refuse(auth_error *err, const char *path, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "policy: $.%s: %s", path, what);
}

auth_status policy_refuse_at(auth_error *err, const char *before, size_t index, const char *after,
                             const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "policy: $.%s[%zu]%s: %s", before, index, after,
                          what);
}

static auth_status check_head(const auth_policy_raw *raw, auth_policy *out, auth_error *err)
{
    if (raw->version.value != POLICY_VERSION)
        return policy_refuse(err, "version", "not 1, the only one there is; write 1");
    if (!request_is_identifier(raw->realm))
        return policy_refuse(err, "realm", REQUEST_IDENTIFIER_RULE "; choose one");
    if (raw->clock_skew_s.value > SKEW_MAX)
        return policy_refuse(err, "clock_skew_s",
                             "above 3600; set the clocks instead, by NTP as other services");
    request_keep_identifier(raw->realm, out->realm);
    out->clock_skew_s = (int64_t)raw->clock_skew_s.value;
    return AUTH_STATUS_OK;
}

static auth_status check_lifetimes(const auth_policy_raw *raw, auth_policy *out, auth_error *err)
{
    for (size_t kind = 1; kind < POLICY_KINDS_END; kind++) {
        uint64_t seconds = raw->lifetimes.kinds[kind].value;
        if (seconds < LIFETIME_MIN || seconds > LIFETIME_MAX) {
            char path[PATH_SIZE];
            (void)snprintf(path, sizeof path, "max_lifetime_s.%s",
                           auth_request_kind_name((auth_request_kind)kind));
            return policy_refuse(err, path, "not 60 seconds to 366 days");
        }
        out->lifetimes_s[kind] = (int64_t)seconds;
    }
    return AUTH_STATUS_OK;
}

static auth_status check_kinds(const json_texts *raw, size_t index, uint32_t *out, auth_error *err)
{
    *out = 0;
    for (size_t i = 0; i < raw->count; i++) {
        auth_request_kind kind = AUTH_REQUEST_KIND_ENROL;
        if (auth_request_kind_find((const char *)raw->rows[i].data, &kind, NULL) !=
                AUTH_STATUS_OK ||
            !auth_request_kind_has_profile(kind) || (*out >> kind & 1U) != 0)
            return policy_refuse_at(err, "profiles", index, ".kinds",
                                    "each once, of enrol, renew, rekey and appoint, which ask for "
                                    "certificates");
        *out |= 1U << kind;
    }
    /* What enrols citizens makes no officer, who has power over them. */
    if ((*out >> AUTH_REQUEST_KIND_APPOINT & 1U) != 0 && *out != 1U << AUTH_REQUEST_KIND_APPOINT)
        return policy_refuse_at(err, "profiles", index, ".kinds",
                                "a profile of officers is for appoint alone, or a clerk could "
                                "enrol an officer; make another for citizens");
    return AUTH_STATUS_OK;
}

static auth_status check_profile(const raw_policy_profile *raw, size_t index, auth_policy *out,
                                 auth_error *err)
{
    auth_policy_profile *profile = &out->profiles[index];
    if (!request_is_identifier(raw->name))
        return policy_refuse_at(err, "profiles", index, ".name", REQUEST_IDENTIFIER_RULE);
    if (!request_is_identifier(raw->authority))
        return policy_refuse_at(err, "profiles", index, ".authority", REQUEST_IDENTIFIER_RULE);
    if (!request_is_identifier(raw->purpose))
        return policy_refuse_at(err, "profiles", index, ".purpose", REQUEST_IDENTIFIER_RULE);
    if (raw->certificates_an_hour.is_set && raw->certificates_an_hour.value == 0)
        return policy_refuse_at(err, "profiles", index, ".certificates_an_hour",
                                "0 would issue none; leave it out for no limit, or remove the "
                                "profile");
    request_keep_identifier(raw->name, profile->name);
    request_keep_identifier(raw->authority, profile->authority);
    request_keep_identifier(raw->purpose, profile->purpose);
    profile->certificates_an_hour = raw->certificates_an_hour.value;
    for (size_t i = 0; i < index; i++) {
        if (strcmp(out->profiles[i].name, profile->name) == 0)
            return policy_refuse_at(err, "profiles", index, ".name",
                                    "the name of another profile; remove one");
    }
    return check_kinds(&raw->kinds, index, &profile->kinds, err);
}

static auth_status check_profiles(const auth_policy_raw *raw, auth_policy *out, auth_error *err)
{
    const raw_policy_profile *rows = raw->profiles.rows;
    auth_status status = AUTH_STATUS_OK;
    out->profile_count = raw->profiles.count;
    for (size_t i = 0; i < out->profile_count && status == AUTH_STATUS_OK; i++)
        status = check_profile(&rows[i], i, out, err);
    return status;
}

/* The first rule for all of a kind ends what can be asked about the kind. */
static auth_status check_reach(const auth_policy *policy, auth_error *err)
{
    uint32_t ended = 0;
    uint32_t named = 0;
    for (size_t i = 0; i < policy->rule_count; i++) {
        const policy_rule *rule = &policy->rules[i];
        if ((ended >> rule->kind & 1U) != 0)
            return policy_refuse_at(err, "quorums", i, "",
                                    "never reached, since an earlier one is for all of the kind; "
                                    "put it before that one");
        named |= 1U << rule->kind;
        if (rule->glob_count == 0)
            ended |= 1U << rule->kind;
    }
    for (unsigned kind = 1; kind < POLICY_KINDS_END; kind++) {
        if ((named >> kind & 1U) == 0)
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "policy: $.quorums: none for %s; say who signs such a request",
                                  auth_request_kind_name((auth_request_kind)kind));
    }
    return AUTH_STATUS_OK;
}

static auth_status check_quorums(const auth_policy_raw *raw, auth_policy *out, auth_error *err)
{
    const raw_quorum *rows = raw->quorums.rows;
    for (size_t i = 0; i < raw->quorums.count; i++) {
        auth_status status = policy_check_quorum(&rows[i], i, out, &out->rules[i], err);
        if (status != AUTH_STATUS_OK)
            return status;
        out->rule_count++;
    }
    return check_reach(out, err);
}

auth_status auth_policy_validate(const auth_policy_raw *raw, auth_policy **out, auth_error *err)
{
    AUTH_AUTO(auth_policy) *policy = calloc(1, sizeof *policy);
    if (policy == NULL)
        return auth_error_memory(err);
    auth_status status = check_head(raw, policy, err);
    if (status == AUTH_STATUS_OK)
        status = check_lifetimes(raw, policy, err);
    if (status == AUTH_STATUS_OK)
        status = check_profiles(raw, policy, err);
    if (status == AUTH_STATUS_OK)
        status = check_quorums(raw, policy, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(policy);
    return status;
}

void auth_policy_free(auth_policy *policy) { free(policy); }

const char *auth_policy_realm(const auth_policy *policy) { return policy->realm; }

int64_t auth_policy_clock_skew_s(const auth_policy *policy) { return policy->clock_skew_s; }

int64_t auth_policy_max_lifetime_s(const auth_policy *policy, auth_request_kind kind)
{
    return policy->lifetimes_s[kind];
}

const auth_policy_profile *auth_policy_profile_at(const auth_policy *policy, size_t index)
{
    return index < policy->profile_count ? &policy->profiles[index] : NULL;
}

auth_status auth_policy_profile_find(const auth_policy *policy, const char *name,
                                     const auth_policy_profile **out, auth_error *err)
{
    for (size_t i = 0; i < policy->profile_count; i++) {
        if (strcmp(policy->profiles[i].name, name) == 0) {
            *out = &policy->profiles[i];
            return AUTH_STATUS_OK;
        }
    }
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "policy: no profile has this name; see $.profiles");
}
