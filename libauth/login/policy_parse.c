/* SPDX-License-Identifier: Apache-2.0 */
/* Every member that a policy file may have, once, and what becomes of each. */
#include "login/policy.h"
#include "json/json.h"

#include <string.h>

#define POLICY_VERSION 1

typedef struct raw_level {
    json_object_head head;
    auth_bytes policy;
    auth_bytes level;
} raw_level;

typedef struct raw_policy {
    json_object_head head;
    json_number version;
    auth_bytes name;
    auth_bytes mode;
    json_number max_age_s;
    json_number clock_skew_s;
    json_flag checks_authorities;
    json_flag asks_person_number;
    json_texts sources;
    json_texts soft_audiences;
    auth_bytes min_assurance;
    json_array_head level_list;
    raw_level levels[AUTH_LOGIN_LEVELS_MAX];
} raw_policy;

static const json_rules rules = {
    .subject = "login policy",
    .guide = "docs/login.md",
    .size_max = (size_t)64 * 1024,
    .depth_max = 4,
    .value_max = 512,
    .text_max = AUTH_LOGIN_NAME_SIZE - 1,
};

static const json_member level_members[] = {
    JSON_MEMBER_LONG_TEXT(raw_level, policy, "policy", sizeof((auth_login_level *)NULL)->policy - 1,
                          true),
    JSON_MEMBER_TEXT(raw_level, level, "level", true),
    JSON_MEMBER_END,
};

static const json_member policy_members[] = {
    JSON_MEMBER_NUMBER(raw_policy, version, "version", true),
    JSON_MEMBER_TEXT(raw_policy, name, "name", true),
    JSON_MEMBER_TEXT(raw_policy, mode, "mode", true),
    JSON_MEMBER_NUMBER(raw_policy, max_age_s, "max_age_s", false),
    JSON_MEMBER_NUMBER(raw_policy, clock_skew_s, "clock_skew_s", false),
    JSON_MEMBER_FLAG(raw_policy, checks_authorities, "checks_authorities", false),
    JSON_MEMBER_FLAG(raw_policy, asks_person_number, "asks_person_number", false),
    JSON_MEMBER_TEXTS(raw_policy, sources, "sources", false),
    JSON_MEMBER_LONG_TEXTS(raw_policy, soft_audiences, "soft_audiences", AUTH_LOGIN_SOFT_MAX,
                           AUTH_LOGIN_AUDIENCE_SIZE - 1, false),
    JSON_MEMBER_TEXT(raw_policy, min_assurance, "min_assurance", false),
    JSON_MEMBER_OBJECTS(raw_policy, level_list, levels, "assurance", level_members, false),
    JSON_MEMBER_END,
};

/* What is no name gives a number that no row has, which login_policy_check refuses. */
static unsigned number_of(auth_bytes name, const char *(*name_of)(unsigned), unsigned count)
{
    unsigned number = 0;
    while (number < count && !auth_bytes_equal(name, auth_bytes_from_text(name_of(number))))
        number++;
    return number;
}

static const char *mode_name(unsigned number) { return auth_login_mode_name(number); }
static const char *source_name(unsigned number) { return auth_login_source_name(number); }
static const char *level_name(unsigned number) { return auth_assurance_name(number); }

#define MODE_COUNT (AUTH_LOGIN_MODE_SOFT + 1)
#define SOURCE_COUNT (AUTH_LOGIN_SOURCE_SNAPSHOT + 1)
#define LEVEL_COUNT (AUTH_ASSURANCE_HIGH + 1)

static void keep(auth_bytes text, char *out)
{
    if (text.len > 0)
        memcpy(out, text.data, text.len);
    out[text.len] = '\0';
}

/* Above what any rule allows, a number is kept as one that is refused. */
static uint32_t keep_number(json_number number, uint32_t otherwise)
{
    if (!number.is_set)
        return otherwise;
    return number.value > UINT32_MAX ? UINT32_MAX : (uint32_t)number.value;
}

static void keep_lists(const raw_policy *raw, auth_login_policy *out)
{
    if (raw->sources.is_set) {
        out->source_count = raw->sources.count;
        for (size_t i = 0; i < raw->sources.count && i < AUTH_LOGIN_SOURCES_MAX; i++)
            out->sources[i] = number_of(raw->sources.rows[i], source_name, SOURCE_COUNT);
    }
    out->soft_count = raw->soft_audiences.count;
    for (size_t i = 0; i < out->soft_count; i++)
        keep(raw->soft_audiences.rows[i], out->soft_audiences[i]);
    out->level_count = raw->level_list.count;
    for (size_t i = 0; i < out->level_count; i++) {
        keep(raw->levels[i].policy, out->levels[i].policy);
        out->levels[i].level = number_of(raw->levels[i].level, level_name, LEVEL_COUNT);
    }
}

static auth_status convert(const raw_policy *raw, auth_login_policy *out, auth_error *err)
{
    auth_login_policy policy = auth_login_policy_default();
    if (raw->version.value != POLICY_VERSION)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "login policy: $.version: not 1, the only one there is; write 1");
    if (raw->max_age_s.is_set && raw->max_age_s.value == 0)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "login policy: $.max_age_s: 0, so that no status would do; say how "
                              "old one may be");
    keep(raw->name, policy.name);
    policy.mode = number_of(raw->mode, mode_name, MODE_COUNT);
    policy.max_age_s = keep_number(raw->max_age_s, 0);
    policy.clock_skew_s = keep_number(raw->clock_skew_s, policy.clock_skew_s);
    policy.ignores_authorities = raw->checks_authorities.is_set && !raw->checks_authorities.value;
    policy.asks_person_number = raw->asks_person_number.value;
    if (raw->min_assurance.data != NULL)
        policy.min_assurance = number_of(raw->min_assurance, level_name, LEVEL_COUNT);
    keep_lists(raw, &policy);
    auth_status status = login_policy_check(&policy, err);
    if (status == AUTH_STATUS_OK)
        *out = policy;
    return status;
}

auth_status auth_login_policy_parse(auth_bytes json, auth_login_policy *out, auth_error *err)
{
    json_document *document = NULL;
    raw_policy raw = {.head = {false}};
    auth_status status = json_open(json, &rules, &document, err);
    if (status == AUTH_STATUS_OK)
        status = json_decode(document, policy_members, &raw, err);
    if (status == AUTH_STATUS_OK)
        status = convert(&raw, out, err);
    json_close(document);
    return status;
}
