/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy may say. */
#include "login/policy.h"
#include "base/der.h"
#include "login/text.h"

#include <string.h>

#define DEFAULT_SKEW_S 60

auth_login_policy auth_login_policy_default(void)
{
    return (auth_login_policy){
        .name = "default",
        .mode = AUTH_LOGIN_MODE_STRICT,
        .clock_skew_s = DEFAULT_SKEW_S,
        .source_count = AUTH_LOGIN_SOURCES_MAX,
        .sources = {AUTH_LOGIN_SOURCE_STAPLE, AUTH_LOGIN_SOURCE_CACHE, AUTH_LOGIN_SOURCE_OCSP,
                    AUTH_LOGIN_SOURCE_CRL, AUTH_LOGIN_SOURCE_SNAPSHOT},
    };
}

static auth_status refuse(auth_error *err, const char *path, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "login policy: $.%s: %s", path, what);
}

/* A name stands in verdicts and logs. */
static bool is_name(const char *text)
{
    size_t len = strnlen(text, AUTH_LOGIN_NAME_SIZE);
    if (len == 0 || len == AUTH_LOGIN_NAME_SIZE)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (i > 0 && c == '-')))
            return false;
    }
    return true;
}

static auth_status check_mode(const auth_login_policy *policy, auth_error *err)
{
    bool has_age = policy->mode == AUTH_LOGIN_MODE_MAX_AGE;
    if (auth_login_mode_name(policy->mode)[0] == '\0')
        return refuse(err, "mode", "not strict, max-age or soft; choose one");
    if (has_age && (policy->max_age_s == 0 || policy->max_age_s > AUTH_LOGIN_AGE_MAX))
        return refuse(err, "max_age_s", "not 1 second to 366 days; say how old a status may be");
    if (!has_age && policy->max_age_s != 0)
        return refuse(err, "max_age_s", "only with the mode max-age; remove it, or set the mode");
    if (policy->mode == AUTH_LOGIN_MODE_SOFT && policy->soft_count == 0)
        return refuse(err, "soft_audiences",
                      "none, although the mode is soft; name the audiences, or set it to strict");
    if (policy->mode != AUTH_LOGIN_MODE_SOFT && policy->soft_count != 0)
        return refuse(err, "soft_audiences", "only with the mode soft; remove them, or set it");
    return AUTH_STATUS_OK;
}

static auth_status check_sources(const auth_login_policy *policy, auth_error *err)
{
    unsigned seen = AUTH_LOGIN_SOURCE_BIT(AUTH_LOGIN_SOURCE_NONE);
    if (policy->source_count == 0 || policy->source_count > AUTH_LOGIN_SOURCES_MAX)
        return refuse(err, "sources", "not 1 to 5; name staple, cache, ocsp, crl or snapshot");
    for (size_t i = 0; i < policy->source_count; i++) {
        if ((unsigned)policy->sources[i] > AUTH_LOGIN_SOURCE_SNAPSHOT ||
            (seen & AUTH_LOGIN_SOURCE_BIT(policy->sources[i])) != 0)
            return refuse(err, "sources", "each once, of staple, cache, ocsp, crl and snapshot");
        seen |= AUTH_LOGIN_SOURCE_BIT(policy->sources[i]);
    }
    return AUTH_STATUS_OK;
}

static auth_status check_audiences(const auth_login_policy *policy, auth_error *err)
{
    if (policy->soft_count > AUTH_LOGIN_SOFT_MAX)
        return refuse(err, "soft_audiences", "more than 16; make another policy for the others");
    for (size_t i = 0; i < policy->soft_count; i++) {
        const char *text = policy->soft_audiences[i];
        auth_bytes octets = {(const uint8_t *)text, strnlen(text, AUTH_LOGIN_AUDIENCE_SIZE)};
        if (!login_is_audience(octets))
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "login policy: $.soft_audiences[%zu]: " LOGIN_AUDIENCE_RULE
                                  "; write it as the application does",
                                  i);
    }
    return AUTH_STATUS_OK;
}

static auth_status refuse_level(auth_error *err, size_t index, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "login policy: $.assurance[%zu]%s", index,
                          what);
}

static auth_status check_level(const auth_login_policy *policy, size_t index, auth_error *err)
{
    const auth_login_level *row = &policy->levels[index];
    uint8_t octets[sizeof row->policy];
    size_t len = 0;
    if (memchr(row->policy, '\0', sizeof row->policy) == NULL ||
        !der_oid_parse(row->policy, octets, sizeof octets, &len))
        return refuse_level(err, index, ".policy: no OID; write it dotted, as 1.2.156.1");
    if (row->level == AUTH_ASSURANCE_UNSTATED || (unsigned)row->level > AUTH_ASSURANCE_HIGH)
        return refuse_level(err, index, ".level: not low, substantial or high; choose one");
    for (size_t i = 0; i < index; i++) {
        if (strcmp(policy->levels[i].policy, row->policy) == 0)
            return refuse_level(err, index, ".policy: named before; remove one");
    }
    return AUTH_STATUS_OK;
}

static auth_status check_levels(const auth_login_policy *policy, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    if (policy->level_count > AUTH_LOGIN_LEVELS_MAX)
        return refuse(err, "assurance", "more than 16 policies; leave out what nobody issues");
    for (size_t i = 0; i < policy->level_count && status == AUTH_STATUS_OK; i++)
        status = check_level(policy, i, err);
    if (status == AUTH_STATUS_OK && (unsigned)policy->min_assurance > AUTH_ASSURANCE_HIGH)
        status = refuse(err, "min_assurance", "not low, substantial or high; choose one");
    if (status == AUTH_STATUS_OK && policy->min_assurance != AUTH_ASSURANCE_UNSTATED &&
        policy->level_count == 0)
        status = refuse(err, "min_assurance",
                        "no certificate would have it; map policies to levels in assurance");
    return status;
}

auth_status login_policy_check(const auth_login_policy *policy, auth_error *err)
{
    if (!is_name(policy->name))
        return refuse(err, "name",
                      "not 1 to 63 small letters, digits and hyphens; it stands in every verdict");
    if (policy->clock_skew_s > AUTH_LOGIN_SKEW_MAX)
        return refuse(err, "clock_skew_s", "above 3600; set the clocks instead, by NTP");
    auth_status status = check_mode(policy, err);
    if (status == AUTH_STATUS_OK)
        status = check_sources(policy, err);
    if (status == AUTH_STATUS_OK)
        status = check_audiences(policy, err);
    if (status == AUTH_STATUS_OK)
        status = check_levels(policy, err);
    return status;
}

bool login_policy_is_soft(const auth_login_policy *policy, const char *audience)
{
    for (size_t i = 0; i < policy->soft_count; i++) {
        if (strcmp(policy->soft_audiences[i], audience) == 0)
            return true;
    }
    return false;
}

bool login_policy_has(const auth_login_policy *policy, auth_login_source source)
{
    for (size_t i = 0; i < policy->source_count; i++) {
        if (policy->sources[i] == source)
            return true;
    }
    return false;
}

uint32_t login_policy_max_age(const auth_login_policy *policy)
{
    return policy->mode == AUTH_LOGIN_MODE_MAX_AGE ? policy->max_age_s : 0;
}
