/* SPDX-License-Identifier: Apache-2.0 */
/* Does a policy say what its file says, and is every policy refused that says too little or two
 * things at once? */
#include "harness/harness.h"

#include <auth/verifier.h>
#include <string.h>

static const char whole[] =
    "{\"version\":1,\"name\":\"portal\",\"mode\":\"soft\",\"clock_skew_s\":5,"
    "\"checks_authorities\":false,\"asks_person_number\":true,"
    "\"sources\":[\"crl\",\"staple\"],\"soft_audiences\":[\"https://a.cn\",\"https://b.cn\"],"
    "\"min_assurance\":\"low\",\"assurance\":[{\"policy\":\"1.2.3\",\"level\":\"substantial\"}]}";

START_TEST(a_policy_says_what_its_file_says)
{
    auth_error err;
    auth_login_policy policy;
    assert_ok(auth_login_policy_parse(auth_bytes_from_text(whole), &policy, &err), &err);
    ck_assert_str_eq(policy.name, "portal");
    ck_assert_str_eq(auth_login_mode_name(policy.mode), "soft");
    ck_assert_uint_eq(policy.clock_skew_s, 5);
    ck_assert(policy.ignores_authorities);
    ck_assert(policy.asks_person_number);
    ck_assert_uint_eq(policy.source_count, 2);
    ck_assert_str_eq(auth_login_source_name(policy.sources[0]), "crl");
    ck_assert_str_eq(auth_login_source_name(policy.sources[1]), "staple");
    ck_assert_uint_eq(policy.soft_count, 2);
    ck_assert_str_eq(policy.soft_audiences[1], "https://b.cn");
    ck_assert_str_eq(auth_assurance_name(policy.min_assurance), "low");
    ck_assert_uint_eq(policy.level_count, 1);
    ck_assert_str_eq(policy.levels[0].policy, "1.2.3");
    ck_assert_str_eq(auth_assurance_name(policy.levels[0].level), "substantial");
}
END_TEST

START_TEST(what_is_left_out_is_as_by_default)
{
    auth_error err;
    auth_login_policy policy;
    auth_login_policy expected = auth_login_policy_default();
    assert_ok(auth_login_policy_parse(
                  BYTES("{\"version\":1,\"name\":\"default\",\"mode\":\"strict\"}"), &policy, &err),
              &err);
    ck_assert_mem_eq(&policy, &expected, sizeof policy);
    assert_ok(auth_login_policy_parse(
                  BYTES("{\"version\":1,\"name\":\"n\",\"mode\":\"max-age\",\"max_age_s\":60}"),
                  &policy, &err),
              &err);
    ck_assert_int_eq(policy.mode, AUTH_LOGIN_MODE_MAX_AGE);
    ck_assert_uint_eq(policy.max_age_s, 60);
}
END_TEST

/* Each is a whole file, and what its error names. */
static const struct {
    const char *json;
    const char *names;
} refused[] = {
    {"{\"name\":\"n\",\"mode\":\"strict\"}", "version"},
    {"{\"version\":2,\"name\":\"n\",\"mode\":\"strict\"}", "version"},
    {"{\"version\":1,\"mode\":\"strict\"}", "name"},
    {"{\"version\":1,\"name\":\"N\",\"mode\":\"strict\"}", "name"},
    {"{\"version\":1,\"name\":\"-n\",\"mode\":\"strict\"}", "name"},
    {"{\"version\":1,\"name\":\"n\"}", "mode"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"open\"}", "mode"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"max-age\"}", "max_age_s"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"max-age\",\"max_age_s\":0}", "max_age_s"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"max-age\",\"max_age_s\":31622401}", "max_age_s"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"max-age\",\"max_age_s\":4294967297}", "max_age_s"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"max_age_s\":5}", "max_age_s"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"soft\"}", "soft_audiences"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"soft_audiences\":[\"a\"]}",
     "soft_audiences"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"soft\",\"soft_audiences\":[\"a b\"]}",
     "soft_audiences[0]"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"clock_skew_s\":3601}", "clock_skew_s"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"sources\":[]}", "sources"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"sources\":[\"none\"]}", "sources"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"sources\":[\"ldap\"]}", "sources"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"sources\":[\"crl\",\"crl\"]}", "sources"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"min_assurance\":\"high\"}",
     "min_assurance"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"min_assurance\":\"very\"}",
     "min_assurance"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"assurance\":[{\"policy\":\"1.2.03\","
     "\"level\":\"low\"}]}",
     "assurance[0].policy"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"assurance\":[{\"policy\":\"1.2.3\","
     "\"level\":\"unstated\"}]}",
     "assurance[0].level"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"assurance\":[{\"policy\":\"1.2.3\","
     "\"level\":\"low\"},{\"policy\":\"1.2.3\",\"level\":\"high\"}]}",
     "assurance[1].policy"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"fail_open\":true}", "fail_open"},
    {"{\"version\":1,\"name\":\"n\",\"mode\":\"strict\",\"name\":\"m\"}", "duplicate"},
    {"[]", "login policy"},
    {"", "login policy"},
};
#define REFUSED (sizeof refused / sizeof refused[0])

START_TEST(what_says_too_little_or_two_things_is_refused)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_login_policy policy = {.name = "untouched"};
    auth_status status =
        auth_login_policy_parse(auth_bytes_from_text(refused[_i].json), &policy, &err);
    ck_assert(status == AUTH_STATUS_INVALID || status == AUTH_STATUS_MALFORMED);
    ck_assert_msg(strstr(err.text, refused[_i].names) != NULL, "%s: %s", refused[_i].json,
                  err.text);
    ck_assert_str_eq(policy.name, "untouched");
}
END_TEST

START_TEST(a_number_that_is_in_no_table_has_no_name)
{
    ck_assert_str_eq(auth_login_mode_name((auth_login_mode)99), "");
    ck_assert_str_eq(auth_login_source_name((auth_login_source)99), "none");
    ck_assert_str_eq(auth_assurance_name((auth_assurance)99), "unstated");
}
END_TEST

static auth_status parse_it(void *context)
{
    (void)context;
    auth_login_policy policy;
    return auth_login_policy_parse(auth_bytes_from_text(whole), &policy, NULL);
}

START_TEST(memory_that_runs_out_is_reported)
{
    ck_assert_uint_gt(harness_for_each_failure(parse_it, NULL), 0);
}
END_TEST

SUITE("login_policy", TEST(a_policy_says_what_its_file_says),
      TEST(what_is_left_out_is_as_by_default),
      TEST_EACH(what_says_too_little_or_two_things_is_refused, REFUSED),
      TEST(a_number_that_is_in_no_table_has_no_name), TEST(memory_that_runs_out_is_reported))
