/* SPDX-License-Identifier: Apache-2.0 */
/* Is every policy that leaves something open or contradicts itself refused, with the place? */
#include "harness/harness.h"
#include "harness/jws_signer.h"
#include "harness/realm_office.h"
#include "request/policy.h"

#include <stdlib.h>
#include <string.h>

typedef struct spoiled {
    const char *what; /* of schemas/policy.json, is replaced by */
    const char *with;
    const char *path; /* which the error must name */
} spoiled;

static const spoiled raw_faults[] = {
    {"\"realm\"", "\"relm\"", "$.relm"},
    {"\"version\": 1", "\"version\": \"1\"", "$.version"},
    {"\"version\": 1,", "", "$.version"},
    {"\"clock_skew_s\": 300", "\"clock_skew_s\": -1", "$.clock_skew_s"},
    {"\"clock_skew_s\": 300", "\"clock_skew_s\": 1e400", "line 4, column"},
    {"\"renew\": 86400,", "", "$.max_lifetime_s.renew"},
    {"\"renew\": 86400,", "\"renew\": 86400, \"extend\": 1,", "$.max_lifetime_s.extend"},
    {"\"purpose\": \"signing\",", "", "$.profiles[0].purpose"},
    {"\"purpose\": \"signing\",", "\"purpose\": \"signing\", \"x\": 1,", "$.profiles[0].x"},
    {"\"holder\": true", "\"holder\": 1", "$.quorums[1].holder"},
    {"\"scope\": \"own\"", "\"scop\": \"own\"", "$.quorums[0].signers[0].scop"},
    {"[\"clerk\"], \"scope\": \"own\"", "[], \"scope\": \"own\"", "$.quorums[0].signers[0].roles"},
    {"\"realm\": \"example\"", "\"realm\": \"example\", \"realm\": \"example\"",
     "duplicate object key"},
};

#define ENROL "{\"kind\": \"enrol\", "
#define ADMINS                                                                                     \
    "\"kind\": \"appoint\", \"signers\": [{\"roles\": [\"admin\"], \"count\": 2, \"scope\": "      \
    "\"subtree\"}]"

static const spoiled faults[] = {
    {"\"version\": 1", "\"version\": 2", "$.version"},
    {"\"realm\": \"example\"", "\"realm\": \"Example\"", "$.realm"},
    {"\"realm\": \"example\"", "\"realm\": \"-example\"", "$.realm"},
    {"\"clock_skew_s\": 300", "\"clock_skew_s\": 3601", "$.clock_skew_s"},
    {"\"renew\": 86400", "\"renew\": 59", "$.max_lifetime_s.renew"},
    {"\"renew\": 86400", "\"renew\": 31622401", "$.max_lifetime_s.renew"},
    {"\"citizen-signing\"", "\"citizen signing\"", "$.profiles[0].name"},
    {"\"citizen-authentication\"", "\"citizen-signing\"", "$.profiles[1].name"},
    {"\"citizens\"", "\"CITIZENS\"", "$.profiles[0].authority"},
    {"\"purpose\": \"signing\"", "\"purpose\": \"\xe7\xad\xbe\"", "$.profiles[0].purpose"},
    {"\"certificates_an_hour\": 2000", "\"certificates_an_hour\": 0",
     "$.profiles[0].certificates_an_hour"},
    {"[\"enrol\", \"renew\", \"rekey\"]", "[\"enrol\", \"enrol\"]", "$.profiles[0].kinds"},
    {"[\"enrol\", \"renew\", \"rekey\"]", "[\"revoke\"]", "$.profiles[0].kinds"},
    {"[\"enrol\", \"renew\", \"rekey\"]", "[\"fly\"]", "$.profiles[0].kinds"},
    {"\"kinds\": [\"appoint\"]", "\"kinds\": [\"appoint\", \"enrol\"]", "$.profiles[3].kinds"},
    {ENROL, "{\"kind\": \"enroll\", ", "$.quorums[0].kind"},
    {ENROL, "{\"kind\": \"rekey\", ", "$.quorums[2]"},
    {ENROL, ENROL "\"profiles\": [\"*\"], ", "$.quorums[0].profiles"},
    {ENROL, ENROL "\"profiles\": [\"nothing-*\"], ", "$.quorums[0].profiles"},
    {ENROL, ENROL "\"profiles\": [\"officer\"], ", "$.quorums[0].profiles"},
    {ENROL, ENROL "\"profiles\": [\"Citizen-*\"], ", "$.quorums[0].profiles"},
    {ENROL,
     ENROL "\"profiles\": [\"c*\",\"c*\",\"c*\",\"c*\",\"c*\",\"c*\",\"c*\",\"c*\",\"c*\"], ",
     "$.quorums[0].profiles"},
    {"\"kind\": \"revoke\",", "\"kind\": \"revoke\", \"profiles\": [\"citizen-*\"],",
     "$.quorums[3].profiles"},
    {ENROL, ENROL "\"reach\": \"realm\", ", "$.quorums[0].reach"},
    {"\"kind\": \"resume\",", "\"kind\": \"resume\", \"reach\": \"realm\",", "$.quorums[5].reach"},
    {"\"kind\": \"revoke\",", "\"kind\": \"revoke\", \"reach\": \"all\",", "$.quorums[3].reach"},
    {ENROL, ENROL "\"holder\": true, ", "$.quorums[0]"},
    {"\"kind\": \"renew\", \"holder\": true", "\"kind\": \"renew\", \"holder\": false",
     "$.quorums[1]"},
    {"\"kind\": \"renew\", \"holder\": true", "\"kind\": \"renew\"", "$.quorums[1]"},
    {"\"kind\": \"renew\", \"holder\": true",
     "\"kind\": \"renew\", \"signers\": [{\"roles\": [\"clerk\"], \"scope\": \"own\"}]",
     "$.quorums[1].holder"},
    {ADMINS, "\"kind\": \"appoint\", \"holder\": true", "$.quorums[6].holder"},
    {"[\"clerk\"], \"scope\": \"own\"", "[\"auditor\"], \"scope\": \"own\"",
     "$.quorums[0].signers[0].roles"},
    {"[\"clerk\"], \"scope\": \"own\"", "[\"boss\"], \"scope\": \"own\"",
     "$.quorums[0].signers[0].roles"},
    {"[\"clerk\"], \"scope\": \"own\"", "[\"clerk\", \"clerk\"], \"scope\": \"own\"",
     "$.quorums[0].signers[0].roles"},
    {"\"scope\": \"own\"", "\"scope\": \"realm\"", "$.quorums[0].signers[0].scope"},
    {"\"count\": 2", "\"count\": 0", "$.quorums[6].signers[0].count"},
    {"\"count\": 2", "\"count\": 9", "$.quorums[6].signers[0].count"},
    {"[\"clerk\"], \"scope\": \"own\"", "[\"clerk\"], \"count\": 8, \"scope\": \"own\"",
     "$.quorums[0].signers[1].count"},
    {"{" ADMINS "},", "", "$.quorums: none for appoint"},
};

static char *spoil(const spoiled *fault)
{
    size_t len = 0;
    char *text = harness_read_data("../../schemas/policy.json", &len);
    char *changed = jws_replace(text, fault->what, fault->with);
    free(text);
    return changed;
}

START_TEST(a_spoiled_file_is_refused_with_its_path)
{
    auth_error err;
    auth_policy_raw *raw = NULL;
    const spoiled *fault = &raw_faults[_i];
    char *text = spoil(fault);
    auth_status status = auth_policy_parse(auth_bytes_from_text(text), &raw, &err);
    ck_assert(status == AUTH_STATUS_INVALID || status == AUTH_STATUS_MALFORMED);
    ck_assert_msg(strstr(err.text, fault->path) != NULL, "%s: %s", fault->path, err.text);
    ck_assert_ptr_null(raw);
    free(text);
}
END_TEST

START_TEST(a_policy_that_breaks_a_rule_is_refused_with_its_path)
{
    auth_error err;
    auth_policy *policy = NULL;
    AUTH_AUTO(auth_policy_raw) *raw = NULL;
    const spoiled *fault = &faults[_i];
    char *text = spoil(fault);
    assert_ok(auth_policy_parse(auth_bytes_from_text(text), &raw, &err), &err);
    assert_fails(auth_policy_validate(raw, &policy, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_msg(strstr(err.text, fault->path) != NULL, "%s: %s", fault->path, err.text);
    ck_assert_ptr_null(policy);
    free(text);
}
END_TEST

START_TEST(the_ready_policy_says_what_it_says)
{
    auth_error err;
    const auth_policy_profile *profile = NULL;
    const auth_policy_quorum *quorum = NULL;
    AUTH_AUTO(auth_policy) *policy = office_policy(NULL, NULL);
    ck_assert_str_eq(auth_policy_realm(policy), "example");
    ck_assert_int_eq(auth_policy_clock_skew_s(policy), 300);
    ck_assert_int_eq(auth_policy_max_lifetime_s(policy, AUTH_REQUEST_KIND_RENEW), 86400);
    assert_ok(auth_policy_profile_find(policy, "citizen-signing", &profile, &err), &err);
    ck_assert_ptr_eq(profile, auth_policy_profile_at(policy, 0));
    ck_assert_str_eq(profile->authority, "citizens");
    ck_assert_str_eq(profile->purpose, "signing");
    ck_assert_uint_eq(profile->certificates_an_hour, 2000);
    ck_assert_uint_eq(profile->kinds, 1U << AUTH_REQUEST_KIND_ENROL |
                                          1U << AUTH_REQUEST_KIND_RENEW |
                                          1U << AUTH_REQUEST_KIND_REKEY);
    ck_assert_ptr_nonnull(auth_policy_profile_at(policy, 3));
    ck_assert_ptr_null(auth_policy_profile_at(policy, 4));
    assert_fails(auth_policy_profile_find(policy, "none", &profile, &err), AUTH_STATUS_NOT_FOUND,
                 &err);
    assert_ok(auth_policy_quorum_find(policy, AUTH_REQUEST_KIND_RENEW, "citizen-signing", &quorum,
                                      &err),
              &err);
    ck_assert(quorum->is_holder && quorum->place_count == 0);
    assert_ok(auth_policy_quorum_find(policy, AUTH_REQUEST_KIND_RESUME, "", &quorum, &err), &err);
    ck_assert(!quorum->is_holder && !quorum->reaches_realm && quorum->place_count == 2);
    ck_assert_uint_eq(quorum->places[0].roles, 1U << AUTH_OFFICER_ROLE_APPROVER);
}
END_TEST

START_TEST(the_first_quorum_that_fits_counts)
{
    auth_error err;
    const auth_policy_quorum *quorum = NULL;
    AUTH_AUTO(auth_policy) *policy =
        office_policy(ENROL, ENROL
                      "\"profiles\": [\"*-signing\", \"citizen-auth*\"], \"signers\": [{\"roles\": "
                      "[\"approver\"], \"count\": 3, \"scope\": \"subtree\"}]}, " ENROL);
    assert_ok(auth_policy_quorum_find(policy, AUTH_REQUEST_KIND_ENROL, "citizen-signing", &quorum,
                                      &err),
              &err);
    ck_assert_uint_eq(quorum->place_count, 3);
    assert_ok(auth_policy_quorum_find(policy, AUTH_REQUEST_KIND_ENROL, "citizen-authentication",
                                      &quorum, &err),
              &err);
    ck_assert_uint_eq(quorum->place_count, 3);
    assert_ok(auth_policy_quorum_find(policy, AUTH_REQUEST_KIND_ENROL, "citizen-encryption",
                                      &quorum, &err),
              &err);
    ck_assert_uint_eq(quorum->place_count, 2);
}
END_TEST

typedef struct glob_row {
    const char *glob;
    const char *text;
    bool fits;
} glob_row;

static const glob_row globs[] = {
    {"citizen-*", "citizen-signing", true},
    {"citizen-*", "citizen-", true},
    {"citizen-*", "citizen", false},
    {"*-signing", "citizen-signing", true},
    {"*-signing", "citizen-signing2", false},
    {"a*b*c", "a-b-b-c", true},
    {"a*b*c", "a-c-b", false},
    {"a**", "a", true},
    {"a", "ab", false},
    {"ab", "a", false},
    {"*a*", "bab", true},
    {"*a", "aab", false},
};

START_TEST(a_star_stands_for_anything)
{
    ck_assert_msg(policy_glob_fits(globs[_i].glob, globs[_i].text) == globs[_i].fits, "%s on %s",
                  globs[_i].glob, globs[_i].text);
}
END_TEST

static auth_status attempt_policy(void *context)
{
    const char *text = context;
    auth_policy_raw *raw = NULL;
    auth_policy *policy = NULL;
    auth_status status = auth_policy_parse(auth_bytes_from_text(text), &raw, NULL);
    if (status == AUTH_STATUS_OK)
        status = auth_policy_validate(raw, &policy, NULL);
    bool left = status != AUTH_STATUS_OK && policy != NULL;
    auth_policy_free(policy);
    auth_policy_raw_free(raw);
    return left ? AUTH_STATUS_INTERNAL : status;
}

START_TEST(reading_survives_each_failing_allocation)
{
    size_t len = 0;
    char *text = harness_read_data("../../schemas/policy.json", &len);
    ck_assert_uint_ge(harness_for_each_failure(attempt_policy, text), 3);
    free(text);
}
END_TEST

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

SUITE("policy", TEST_EACH(a_spoiled_file_is_refused_with_its_path, COUNT(raw_faults)),
      TEST_EACH(a_policy_that_breaks_a_rule_is_refused_with_its_path, COUNT(faults)),
      TEST(the_ready_policy_says_what_it_says), TEST(the_first_quorum_that_fits_counts),
      TEST_EACH(a_star_stands_for_anything, COUNT(globs)),
      TEST(reading_survives_each_failing_allocation))
