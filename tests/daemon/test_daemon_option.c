/* SPDX-License-Identifier: Apache-2.0 */
/* Is every value of an option held against its row, whichever way it comes, and is every fault told
 * with its place? */
#include "daemon/option.h"
#include "harness/harness.h"

#include <string.h>

static const char *const colours[] = {"red", "green", NULL};

/* clang-format off */
static const daemon_option table[] = {
    {.name = "text", .type = DAEMON_TEXT, .fallback = "", .help = "t"},
    {.name = "path", .type = DAEMON_PATH, .fallback = "", .help = "p"},
    {.name = "number", .type = DAEMON_NUMBER, .fallback = "7", .help = "n", .min = 1, .max = 100},
    {.name = "wide", .type = DAEMON_NUMBER, .fallback = "0", .help = "n"},
    {.name = "time", .type = DAEMON_DURATION, .fallback = "10s", .help = "d", .min = 1, .max = 86400000, .is_reloadable = true},
    {.name = "size", .type = DAEMON_SIZE, .fallback = "64KiB", .help = "s", .min = 1, .max = (int64_t)1 << 40},
    {.name = "listen", .type = DAEMON_ADDRESSES, .fallback = "", .help = "a"},
    {.name = "flag", .type = DAEMON_BOOLEAN, .fallback = "no", .help = "b"},
    {.name = "colour", .type = DAEMON_CHOICE, .fallback = "red", .help = "c", .choices = colours},
    DAEMON_OPTION_END,
};
static const daemon_option more[] = {
    {.name = "needed", .type = DAEMON_TEXT, .fallback = NULL, .help = "must be given"},
    DAEMON_OPTION_END,
};
/* clang-format on */

static daemon_options *new_options(const daemon_option *own)
{
    daemon_options *options = NULL;
    auth_error err;
    assert_ok(daemon_options_new(table, own, &options, &err), &err);
    return options;
}

static auth_status set(daemon_options *options, const char *name, auth_bytes value, auth_error *err)
{
    return daemon_options_set(options, auth_bytes_from_text(name), value, DAEMON_FROM_FILE, err);
}

typedef struct number_case {
    const char *name;
    const char *text;
    int64_t number; /* -1: refused */
} number_case;

static const number_case numbers[] = {
    {"number", "1", 1},
    {"number", "100", 100},
    {"number", "007", 7},
    {"number", "0", -1},
    {"number", "101", -1},
    {"number", "-1", -1},
    {"number", "+1", -1},
    {"number", "1.5", -1},
    {"number", "0x10", -1},
    {"number", "1 ", -1},
    {"number", "", -1},
    {"wide", "9223372036854775807", INT64_MAX},
    {"wide", "9223372036854775808", -1},
    {"wide", "99999999999999999999999", -1},
    {"time", "500ms", 500},
    {"time", "10s", 10000},
    {"time", "5min", 300000},
    {"time", "2h", 7200000},
    {"time", "1d", 86400000},
    {"time", "2d", -1},
    {"time", "10", -1},
    {"time", "s", -1},
    {"time", "10 s", -1},
    {"time", "10S", -1},
    {"time", "0s", -1},
    {"size", "4096", 4096},
    {"size", "64KiB", 65536},
    {"size", "2MiB", 2097152},
    {"size", "1GiB", 1073741824},
    {"size", "64kb", -1},
    {"size", "9223372036854775807GiB", -1},
    {"flag", "yes", 1},
    {"flag", "no", 0},
    {"flag", "true", -1},
    {"flag", "", -1},
};

START_TEST(numbers_are_read_with_their_units_and_bounds)
{
    const number_case *row = &numbers[_i];
    auth_error err;
    AUTH_AUTO(daemon_options) *options = new_options(NULL);
    int64_t before = daemon_options_number(options, row->name);
    auth_bytes text = auth_bytes_from_text(row->text);
    if (row->number < 0) {
        assert_fails(set(options, row->name, text, &err), AUTH_STATUS_INVALID, &err);
        ck_assert_ptr_nonnull(strstr(err.text, row->name));
        ck_assert_int_eq(daemon_options_number(options, row->name), before);
    } else {
        assert_ok(set(options, row->name, text, &err), &err);
        ck_assert_int_eq(daemon_options_number(options, row->name), row->number);
    }
}

typedef struct address_case {
    const char *text;
    const char *first; /* as it is written again; NULL: refused */
    size_t count;
} address_case;

static const address_case addresses[] = {
    {"127.0.0.1:80", "127.0.0.1:80", 1},
    {"[::1]:443", "[::1]:443", 1},
    {"[2001:DB8:0:0::1]:0", "[2001:db8::1]:0", 1},
    {"*:8080", "*:8080", 1},
    {"unix:/run/a.sock", "unix:/run/a.sock", 1},
    {"127.0.0.1:80 \t unix:/x", "127.0.0.1:80", 2},
    {"127.0.0.1", NULL, 0},
    {"127.0.0.1:", NULL, 0},
    {"127.0.0.1:65536", NULL, 0},
    {"127.0.0.1:-1", NULL, 0},
    {"127.0.1:80", NULL, 0},
    {"localhost:80", NULL, 0},
    {"::1:80", NULL, 0},
    {"[::1:80", NULL, 0},
    {":80", NULL, 0},
    {"unix:", NULL, 0},
    {"unix:relative", NULL, 0},
    {"127.0.0.1:80,127.0.0.2:80", NULL, 0},
    {"a:1 a:1 a:1", NULL, 0},
    {"unix:/"
     "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
     "89012345678901234567890123456789",
     NULL, 0},
};

START_TEST(addresses_are_numbers_and_paths)
{
    const address_case *row = &addresses[_i];
    auth_error err;
    AUTH_AUTO(daemon_options) *options = new_options(NULL);
    const daemon_address *out = NULL;
    if (row->first == NULL) {
        assert_fails(set(options, "listen", auth_bytes_from_text(row->text), &err),
                     AUTH_STATUS_INVALID, &err);
        return;
    }
    assert_ok(set(options, "listen", auth_bytes_from_text(row->text), &err), &err);
    ck_assert_uint_eq(daemon_options_addresses(options, "listen", &out), row->count);
    char text[DAEMON_ADDRESS_SIZE];
    daemon_address_format(&out[0], text);
    ck_assert_str_eq(text, row->first);
}

START_TEST(texts_paths_and_choices)
{
    auth_error err;
    AUTH_AUTO(daemon_options) *options = new_options(NULL);
    assert_ok(set(options, "text", BYTES("\xe4\xb8\xad # = x"), &err), &err);
    ck_assert_str_eq(daemon_options_text(options, "text"), "\xe4\xb8\xad # = x");
    assert_fails(set(options, "text", BYTES("a\0b"), &err), AUTH_STATUS_INVALID, &err);
    assert_fails(set(options, "text", BYTES("a\x1b[2J"), &err), AUTH_STATUS_INVALID, &err);
    assert_fails(set(options, "text", BYTES("\xff"), &err), AUTH_STATUS_INVALID, &err);
    assert_fails(set(options, "text", BYTES("\xc0\x80"), &err), AUTH_STATUS_INVALID, &err);
    assert_ok(set(options, "path", BYTES("/etc/x"), &err), &err);
    ck_assert(daemon_options_is_set(options, "path"));
    assert_ok(set(options, "path", BYTES(""), &err), &err);
    ck_assert(!daemon_options_is_set(options, "path"));
    assert_fails(set(options, "path", BYTES("etc/x"), &err), AUTH_STATUS_INVALID, &err);
    assert_ok(set(options, "colour", BYTES("green"), &err), &err);
    assert_fails(set(options, "colour", BYTES("blue"), &err), AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "red green"));
    ck_assert_str_eq(daemon_options_text(options, "colour"), "green");
    assert_fails(set(options, "nothing", BYTES("1"), &err), AUTH_STATUS_NOT_FOUND, &err);
    assert_fails(set(options, "440524188001010014", BYTES("1"), &err), AUTH_STATUS_NOT_FOUND, &err);
    ck_assert_ptr_null(strstr(err.text, "1880"));
}

typedef struct file_case {
    auth_bytes content;
    const char *fault; /* how the faults begin; NULL: none */
    size_t count;
} file_case;

#define FILE_CASE(content, fault, count)                                                           \
    {                                                                                              \
        {(const uint8_t *)(content), sizeof(content) - 1}, fault, count                            \
    }

static const file_case files[] = {
    FILE_CASE("", NULL, 0),
    FILE_CASE("\n\n  # a comment\n\t\n", NULL, 0),
    FILE_CASE("number = 8", NULL, 0),
    FILE_CASE("number=8\r\ncolour=green\r\n", NULL, 0),
    FILE_CASE("  number\t=  8  \n", NULL, 0),
    FILE_CASE("text = a = b # c\n", NULL, 0),
    FILE_CASE("number 8\n", "x.conf: line 1: there is no '='", 1),
    FILE_CASE("\n \nnope = 8\n", "x.conf: line 3: there is no option 'nope'", 1),
    FILE_CASE("number = 8\nflag = yes\n number = 8\n", "x.conf: line 3: number stands in line 1",
              1),
    FILE_CASE("number = 0\ncolour = blue\n= 1\n", "x.conf: line 1: number must lie from 1 to 100",
              3),
    FILE_CASE("text = a\0b\n", "x.conf: line 1: it has control characters", 1),
    FILE_CASE("# \xff\n", "x.conf: line 1: it has control characters or is not UTF-8", 1),
    FILE_CASE("number = 8\rcolour = red\n", "x.conf: line 1: it has control characters", 1),
};

static daemon_faults read_all(daemon_options *options, auth_bytes content, auth_buf *text)
{
    daemon_faults faults = {.text = text};
    auth_error err;
    assert_ok(daemon_options_read(options, "x.conf", content, &faults, &err), &err);
    return faults;
}

START_TEST(every_fault_of_a_file_has_its_line)
{
    const file_case *row = &files[_i];
    AUTH_AUTO(daemon_options) *options = new_options(NULL);
    AUTH_AUTO(auth_buf) *text = NULL;
    ck_assert_int_eq((int)auth_buf_new(1 << 16, &text, NULL), (int)AUTH_STATUS_OK);
    daemon_faults faults = read_all(options, row->content, text);
    ck_assert_uint_eq(faults.count, row->count);
    auth_bytes told = auth_buf_bytes(text);
    if (row->fault != NULL)
        ck_assert_mem_eq(told.data, row->fault, strlen(row->fault));
    else
        ck_assert_uint_eq(told.len, 0);
}

START_TEST(a_file_has_a_largest_size)
{
    static uint8_t octets[DAEMON_CONFIG_MAX + 1];
    memset(octets, '\n', sizeof octets);
    AUTH_AUTO(daemon_options) *options = new_options(NULL);
    AUTH_AUTO(auth_buf) *text = NULL;
    ck_assert_int_eq((int)auth_buf_new(1 << 16, &text, NULL), (int)AUTH_STATUS_OK);
    ck_assert_uint_eq(read_all(options, (auth_bytes){octets, sizeof octets - 1}, text).count, 0);
    ck_assert_uint_eq(read_all(options, (auth_bytes){octets, sizeof octets}, text).count, 1);
}

START_TEST(what_must_be_given_is_missed)
{
    AUTH_AUTO(daemon_options) *options = new_options(more);
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_error err;
    assert_ok(auth_buf_new(1 << 16, &text, &err), &err);
    daemon_faults faults = {.text = text};
    assert_ok(daemon_options_check(options, &faults, &err), &err);
    ck_assert_uint_eq(faults.count, 1);
    assert_ok(set(options, "needed", BYTES("x"), &err), &err);
    assert_ok(daemon_options_check(options, &faults, &err), &err);
    ck_assert_uint_eq(faults.count, 1);
}

START_TEST(only_some_options_change_while_it_runs)
{
    AUTH_AUTO(daemon_options) *now = new_options(NULL);
    AUTH_AUTO(daemon_options) *next = new_options(NULL);
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_error err;
    assert_ok(auth_buf_new(1 << 16, &text, &err), &err);
    daemon_faults faults = {.text = text};
    assert_ok(set(next, "time", BYTES("11s"), &err), &err);
    assert_ok(daemon_options_check_reload(now, next, &faults, &err), &err);
    ck_assert_uint_eq(faults.count, 0);
    assert_ok(set(next, "number", BYTES("8"), &err), &err);
    assert_ok(daemon_options_check_reload(now, next, &faults, &err), &err);
    ck_assert_uint_eq(faults.count, 1);
}

START_TEST(a_wrong_table_is_the_program_s_fault)
{
    static const daemon_option twice[] = {
        {.name = "number", .type = DAEMON_TEXT, .fallback = "", .help = "again"},
        DAEMON_OPTION_END};
    static const daemon_option wrong[] = {
        {.name = "own", .type = DAEMON_NUMBER, .fallback = "x", .help = "no number"},
        DAEMON_OPTION_END};
    daemon_options *options = NULL;
    auth_error err;
    assert_fails(daemon_options_new(table, twice, &options, &err), AUTH_STATUS_INTERNAL, &err);
    assert_fails(daemon_options_new(table, wrong, &options, &err), AUTH_STATUS_INTERNAL, &err);
    ck_assert_ptr_null(options);
}

static auth_status attempt(void *context)
{
    (void)context;
    daemon_options *options = NULL;
    auth_buf *text = NULL;
    auth_error err;
    daemon_faults faults = {.count = 0};
    auth_status status = daemon_options_new(table, more, &options, &err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(1 << 16, &text, &err);
    faults.text = text;
    if (status == AUTH_STATUS_OK)
        status = daemon_options_read(options, "x", BYTES("number = 8\nbad\n"), &faults, &err);
    if (status == AUTH_STATUS_OK)
        status = daemon_options_check(options, &faults, &err);
    daemon_options_free(options);
    auth_buf_free(text);
    return status;
}

START_TEST(without_memory_nothing_breaks)
{
    ck_assert_uint_gt(harness_for_each_failure(attempt, NULL), 5);
}

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

SUITE("daemon_option", TEST_EACH(numbers_are_read_with_their_units_and_bounds, COUNT(numbers)),
      TEST_EACH(addresses_are_numbers_and_paths, COUNT(addresses)), TEST(texts_paths_and_choices),
      TEST_EACH(every_fault_of_a_file_has_its_line, COUNT(files)), TEST(a_file_has_a_largest_size),
      TEST(what_must_be_given_is_missed), TEST(only_some_options_change_while_it_runs),
      TEST(a_wrong_table_is_the_program_s_fault), TEST(without_memory_nothing_breaks))
