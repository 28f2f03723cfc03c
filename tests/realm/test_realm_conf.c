/* SPDX-License-Identifier: Apache-2.0 */
/* Is every realm.conf either one that can be worked with, or refused with its line and a remedy? */
#include "harness/harness.h"
#include "realm/conf.h"

#include <string.h>

#define GOOD "realm = shaanxi\nbase = http://pki.example:8080\n"

static auth_status parse(const char *text, daemon_options **out, auth_error *err)
{
    return realm_conf_parse("realm.conf", auth_bytes_from_text(text), out, err);
}

START_TEST(what_is_left_out_has_a_value)
{
    auth_error err;
    AUTH_AUTO(daemon_options) *options = NULL;
    const daemon_address *address = NULL;
    assert_ok(parse(GOOD, &options, &err), &err);
    ck_assert_str_eq(daemon_options_text(options, "realm"), "shaanxi");
    ck_assert_str_eq(daemon_options_text(options, "base"), "http://pki.example:8080");
    ck_assert_str_eq(daemon_options_text(options, "registry"), REALM_REGISTRY_EMBEDDED);
    ck_assert_str_eq(daemon_options_text(options, "account"), "postgres");
    ck_assert_str_eq(daemon_options_text(options, "lra-office"), "");
    ck_assert_int_eq(daemon_options_number(options, "shards"), 1);
    ck_assert_uint_eq(daemon_options_addresses(options, "ra-listen", &address), 1);
    ck_assert_uint_eq(address->port, 8441);
}
END_TEST

static const char *const good[] = {
    GOOD "registry = host=/run/postgresql dbname=auth\n",
    GOOD "registry = dbname=auth host = db.example sslmode=verify-full\n",
    GOOD "registry = host=user.example dbname=auth sslmode=verify-full\n",
    GOOD "# a comment\n\nlra-office = xian\nshards = 32768\nca-workers = 256\n",
    GOOD "ra-listen = *:8441 unix:/run/auth/ra\n",
    GOOD "registry = host=db dbname=auth\nlra-login = lra_xian\nra-login = ra_1\n",
    "realm = a\nbase = http://[::1]:8080/pki\n",
    "realm = 12345678901\r\nbase = http://h\r\n",
};

START_TEST(what_is_right_is_taken)
{
    auth_error err;
    AUTH_AUTO(daemon_options) *options = NULL;
    assert_ok(parse(good[_i], &options, &err), &err);
}
END_TEST

static const struct {
    const char *text;
    const char *told;
} bad[] = {
    {"", "realm"},
    {"realm = shaanxi\n", "base"},
    {GOOD "realm = again\n", "line 3"},
    {GOOD "colour = red\n", "line 3"},
    {GOOD "shards\n", "line 3"},
    {GOOD "shards = 0\n", "shards"},
    {GOOD "shards = 32769\n", "shards"},
    {GOOD "ca-workers = many\n", "ca-workers"},
    {GOOD "ra-listen = localhost:80\n", "ra-listen"},
    {GOOD "lra-office = Xian\n", "lra-office"},
    {GOOD "registry = postgresql://db.example/auth\n", "registry"},
    {GOOD "registry = host=db.example user=auth_ca\n", "registry"},
    {GOOD "registry = host=db.example user = auth_ca\n", "registry"},
    {GOOD "registry = dbname=auth\n", "registry"},
    {GOOD "lra-login = lra_xian\n", "embedded"},
    {GOOD "registry = host=db dbname=auth\nlra-login = x user=auth_owner\n", "lra-login"},
    {GOOD "registry = host=db dbname=auth\nra-login = 'a'\n", "ra-login"},
    {GOOD "registry = host=db dbname=auth\nra-login = 7a\n", "ra-login"},
    {"realm = Shaanxi\nbase = http://h\n", "small letters"},
    {"realm = -a\nbase = http://h\n", "inner hyphens"},
    {"realm = a-\nbase = http://h\n", "inner hyphens"},
    {"realm = a110105194912\nbase = http://h\n", "digits in a row"},
    {"realm = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nbase = http://h\n",
     "1 to 64"},
    {"realm = a\nbase = https://h\n", "http://"},
    {"realm = a\nbase = http://\n", "http://"},
    {"realm = a\nbase = http:///x\n", "http://"},
    {"realm = a\nbase = http://h/\n", "slash"},
    {"realm = a\nbase = http://h/{base}\n", "http://"},
    {"realm = a\nbase = http://h h\n", "http://"},
};

START_TEST(what_is_wrong_is_refused_by_name)
{
    auth_error err;
    daemon_options *options = NULL;
    assert_fails(parse(bad[_i].text, &options, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_null(options);
    ck_assert_msg(strstr(err.text, bad[_i].told) != NULL, "%s", err.text);
    ck_assert_msg(strncmp(err.text, "realm.conf: ", 12) == 0, "%s", err.text);
}
END_TEST

START_TEST(many_faults_are_told_up_to_a_line)
{
    auth_error err;
    char text[4000] = "";
    daemon_options *options = NULL;
    for (int i = 0; i < 90; i++)
        strcat(text, "there is no such option as this = 1\n");
    assert_fails(parse(text, &options, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_msg(strstr(err.text, "line 1: ") != NULL && strstr(err.text, "line 2: ") != NULL,
                  "%s", err.text);
    ck_assert_int_ne(err.text[strlen(err.text) - 1], '\n');
}
END_TEST

static auth_status attempt(void *context)
{
    auth_error err;
    AUTH_AUTO(daemon_options) *options = NULL;
    return parse(context, &options, &err);
}

static auth_status attempt_bad(void *context)
{
    auth_error err;
    AUTH_AUTO(daemon_options) *options = NULL;
    auth_status status = parse(context, &options, &err);
    return status == AUTH_STATUS_INVALID ? AUTH_STATUS_OK : status;
}

START_TEST(memory_that_fails_is_told)
{
    char text[] = GOOD;
    char wrong[] = GOOD "shards = 0\n";
    ck_assert_uint_ge(harness_for_each_failure(attempt, text), 3);
    ck_assert_uint_ge(harness_for_each_failure(attempt_bad, wrong), 3);
}
END_TEST

SUITE("realm_conf", TEST(what_is_left_out_has_a_value),
      TEST_EACH(what_is_right_is_taken, sizeof good / sizeof good[0]),
      TEST_EACH(what_is_wrong_is_refused_by_name, sizeof bad / sizeof bad[0]),
      TEST(many_faults_are_told_up_to_a_line), TEST(memory_that_fails_is_told))
