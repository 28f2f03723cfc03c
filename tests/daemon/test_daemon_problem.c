/* SPDX-License-Identifier: Apache-2.0 */
/* Does every problem come as RFC 9457 has it, in the client's language, and does a response keep
 * what it was made of? */
#include "daemon/json.h"
#include "daemon/problem.h"
#include "harness/harness.h"

#include <stdio.h>
#include <string.h>

typedef struct language_case {
    const char *accept;
    const char *language;
} language_case;

static const language_case languages[] = {
    {"", "en"},        {"zh", "zh"},           {"zh-CN,zh;q=0.9,en;q=0.8", "zh"},
    {"ZH-hans", "zh"}, {"en,zh;q=0.9", "en"},  {"en;q=0.5, zh;q=0.6", "zh"},
    {"zh;q=0", "en"},  {"de, zh;q=0.1", "zh"}, {"zhx", "en"},
    {"*", "en"},       {",,;q=", "en"},
};

static bool contains(auth_bytes where, const char *what)
{
    return memmem(where.data, where.len, what, strlen(what)) != NULL;
}

START_TEST(the_language_is_the_client_s)
{
    const language_case *row = &languages[_i];
    AUTH_AUTO(daemon_response) *response = NULL;
    auth_error err;
    problem what = problem_of_code(404, "", "abc");
    assert_ok(problem_response(NULL, &what, auth_bytes_from_text(row->accept), NULL, 0, &response,
                               &err),
              &err);
    char header[64];
    (void)snprintf(header, sizeof header, "\r\nContent-Language: %s\r\n", row->language);
    ck_assert(contains(daemon_response_head(response), header));
}

START_TEST(a_problem_is_a_document)
{
    AUTH_AUTO(daemon_response) *response = NULL;
    auth_error err;
    problem what = problem_of_status(AUTH_STATUS_CONFLICT, "a \"b\"\n", "abc");
    assert_ok(problem_response(NULL, &what, (auth_bytes){NULL, 0}, NULL, 0, &response, &err), &err);
    ck_assert_int_eq(daemon_response_status(response), 409);
    assert_bytes(daemon_response_body(response),
                 auth_bytes_from_text("{\"type\":\"urn:auth:problem:conflict\",\"title\":\"It "
                                      "contradicts what is already there.\",\"status\":409,"
                                      "\"detail\":\"a \\\"b\\\"\\u000a\",\"instance\":\"urn:auth:"
                                      "request:abc\",\"retryable\":false}"));
    ck_assert(contains(daemon_response_head(response),
                       "HTTP/1.1 409 Conflict\r\nContent-Type: application/problem+json\r\n"));
}

START_TEST(busy_says_when_to_come_again)
{
    AUTH_AUTO(daemon_response) *response = NULL;
    auth_error err;
    problem what = problem_of_code(503, "", "");
    assert_ok(problem_response(NULL, &what, (auth_bytes){NULL, 0}, NULL, 0, &response, &err), &err);
    ck_assert(contains(daemon_response_head(response), "\r\nRetry-After: 1\r\n"));
    ck_assert(contains(daemon_response_body(response), "\"retryable\":true"));
    ck_assert_int_eq(problem_of_code(599, "", "").code, 500);
}

START_TEST(no_header_splits_a_response)
{
    static const daemon_header bad[] = {{"X", "a\r\nSet-Cookie: b"},
                                        {"X\r\nY", "a"},
                                        {"X:", "a"},
                                        {"X", "a\nb"}};
    daemon_response *response = NULL;
    auth_error err;
    for (size_t i = 0; i < 4; i++)
        assert_fails(daemon_response_new(200, NULL, (auth_bytes){NULL, 0}, &bad[i], 1, &response,
                                         &err),
                     AUTH_STATUS_INTERNAL, &err);
    ck_assert_ptr_null(response);
}

START_TEST(json_is_well_formed_whatever_is_in_it)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_error err;
    assert_ok(auth_buf_new(256, &text, &err), &err);
    daemon_json json = daemon_json_on(text);
    daemon_json_open(&json, NULL, '{');
    daemon_json_text(&json, "a\"", (auth_bytes){(const uint8_t *)"\xff\x00\xed\xa0\x80z", 6});
    daemon_json_open(&json, "list", '[');
    daemon_json_number(&json, NULL, INT64_MIN);
    daemon_json_bool(&json, NULL, true);
    daemon_json_null(&json, NULL);
    daemon_json_close(&json, ']');
    daemon_json_close(&json, '}');
    assert_ok(daemon_json_end(&json, &err), &err);
    assert_bytes(auth_buf_bytes(text),
                 auth_bytes_from_text(
                     "{\"a\\\"\":\"\xef\xbf\xbd\\u0000\xef\xbf\xbd\xef\xbf\xbd"
                     "\xef\xbf\xbdz\",\"list\":[-9223372036854775808,true,null]}"));
    for (int i = 0; i < 100; i++)
        daemon_json_number(&json, "n", i);
    assert_fails(daemon_json_end(&json, &err), AUTH_STATUS_LIMIT, &err);
}

static auth_status attempt(void *context)
{
    (void)context;
    daemon_response *response = NULL;
    problem what = problem_of_status(AUTH_STATUS_DENIED, "why", "abc");
    auth_status status =
        problem_response(NULL, &what, (auth_bytes){NULL, 0}, NULL, 0, &response, NULL);
    if (status != AUTH_STATUS_OK && response != NULL)
        status = AUTH_STATUS_INTERNAL;
    daemon_response_free(response);
    return status;
}

START_TEST(without_memory_nothing_breaks)
{
    ck_assert_uint_gt(harness_for_each_failure(attempt, NULL), 4);
}

SUITE("daemon_problem",
      TEST_EACH(the_language_is_the_client_s, sizeof languages / sizeof languages[0]),
      TEST(a_problem_is_a_document), TEST(busy_says_when_to_come_again),
      TEST(no_header_splits_a_response), TEST(json_is_well_formed_whatever_is_in_it),
      TEST(without_memory_nothing_breaks))
