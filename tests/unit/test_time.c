/* SPDX-License-Identifier: Apache-2.0 */
/* Is every second from 1950 to 9999 written in one way, read back as the same second, and is every
 * other spelling refused? glibc's calendar is the judge. */
#include "harness/harness.h"

#include <auth/time.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY 86400

static void write_rfc3339(const struct tm *tm, char *out, size_t size)
{
    (void)snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm->tm_year + 1900, tm->tm_mon + 1,
                   tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec);
}

static void write_asn1(const struct tm *tm, char *out, size_t size)
{
    int year = tm->tm_year + 1900;
    (void)snprintf(out, size,
                   year < 2050 ? "%02d%02d%02d%02d%02d%02dZ" : "%04d%02d%02d%02d%02d%02dZ",
                   year < 2050 ? year % 100 : year, tm->tm_mon + 1, tm->tm_mday, tm->tm_hour,
                   tm->tm_min, tm->tm_sec);
}

/* Writes a second in both ways as glibc's calendar has it, and reads both back. */
static void assert_round_trip(auth_time time)
{
    time_t seconds = (time_t)time;
    struct tm tm;
    ck_assert_ptr_nonnull(gmtime_r(&seconds, &tm));
    char expected[64];
    char text[AUTH_TIME_TEXT_SIZE];
    auth_time back = -1;

    write_rfc3339(&tm, expected, sizeof expected);
    auth_time_format(time, text);
    assert_each(strcmp(text, expected) == 0, "%s is not %s", text, expected);
    assert_each(auth_time_parse(auth_bytes_from_text(text), &back, NULL) == AUTH_STATUS_OK &&
                    back == time,
                "%s was read as %lld", text, (long long)back);

    write_asn1(&tm, expected, sizeof expected);
    uint8_t tag = auth_time_format_asn1(time, text);
    assert_each(strcmp(text, expected) == 0, "%s is not %s", text, expected);
    assert_each(tag == (tm.tm_year < 150 ? AUTH_ASN1_UTC_TIME : AUTH_ASN1_GENERALIZED_TIME),
                "%s has tag %u", text, tag);
    back = -1;
    assert_each(auth_time_parse_asn1(tag, auth_bytes_from_text(text), &back, NULL) ==
                        AUTH_STATUS_OK &&
                    back == time,
                "%s was read as %lld", text, (long long)back);
}

START_TEST(seconds_across_the_whole_range)
{
    /* 84 days and a prime: every month, weekday and time of day comes up. */
    for (auth_time time = AUTH_TIME_MIN; time <= AUTH_TIME_MAX; time += 84 * (auth_time)DAY + 7919)
        assert_round_trip(time);
    assert_round_trip(AUTH_TIME_MAX);
}

START_TEST(the_ends_of_every_day_of_years_that_matter)
{
    static const int years[] = {1950, 1969, 1970, 1999, 2000, 2024, 2049, 2050, 2100, 2400, 9999};
    struct tm tm = {.tm_year = years[_i] - 1900, .tm_mday = 1};
    auth_time first = timegm(&tm);
    for (int day = 0; day < 365; day++) {
        assert_round_trip(first + (auth_time)day * DAY);
        assert_round_trip(first + (auth_time)day * DAY + DAY - 1);
    }
}

START_TEST(what_lies_outside_is_written_as_the_nearest_end)
{
    static const auth_time before[] = {INT64_MIN, AUTH_TIME_MIN - DAY, AUTH_TIME_MIN - 1,
                                       AUTH_TIME_MIN};
    static const auth_time after[] = {INT64_MAX, AUTH_TIME_MAX + DAY, AUTH_TIME_MAX + 1,
                                      AUTH_TIME_MAX};
    char text[AUTH_TIME_TEXT_SIZE];
    for (size_t i = 0; i < 4; i++) {
        auth_time_format(before[i], text);
        ck_assert_str_eq(text, "1950-01-01T00:00:00Z");
        ck_assert_uint_eq(auth_time_format_asn1(before[i], text), AUTH_ASN1_UTC_TIME);
        ck_assert_str_eq(text, "500101000000Z");
        auth_time_format(after[i], text);
        ck_assert_str_eq(text, "9999-12-31T23:59:59Z");
        ck_assert_uint_eq(auth_time_format_asn1(after[i], text), AUTH_ASN1_GENERALIZED_TIME);
        ck_assert_str_eq(text, "99991231235959Z");
    }
}

/* Spellings */

/* Tells whether glibc takes the numbers for a second of 1950 to 9999, leap seconds left out. */
static bool is_second(int year, int month, int day, int hour, int minute, int second)
{
    struct tm tm = {
        .tm_year = year - 1900,
        .tm_mon = month - 1,
        .tm_mday = day,
        .tm_hour = hour,
        .tm_min = minute,
        .tm_sec = second,
    };
    time_t time = timegm(&tm);
    return year >= 1950 && tm.tm_year == year - 1900 && tm.tm_mon == month - 1 &&
           tm.tm_mday == day && tm.tm_hour == hour && tm.tm_min == minute && tm.tm_sec == second &&
           time >= AUTH_TIME_MIN && time <= AUTH_TIME_MAX;
}

static int two_digits(const char *text) { return (text[0] - '0') * 10 + (text[1] - '0'); }

static bool is_rfc3339(const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    for (size_t i = 0; i < sizeof form - 1; i++) {
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    }
    return is_second(two_digits(text) * 100 + two_digits(text + 2), two_digits(text + 5),
                     two_digits(text + 8), two_digits(text + 11), two_digits(text + 14),
                     two_digits(text + 17));
}

static const char *const good_texts[] = {"2026-01-31T23:59:59Z", "2000-02-29T12:34:56Z",
                                         "1950-01-01T00:00:00Z", "9999-12-31T23:59:59Z"};

START_TEST(every_octet_at_every_place)
{
    const char *good = good_texts[_i];
    size_t accepted = 0;
    for (size_t at = 0; at < 20; at++) {
        for (unsigned octet = 0; octet < 256; octet++) {
            char text[21];
            memcpy(text, good, sizeof text);
            text[at] = (char)octet;
            auth_time time = 42;
            auth_bytes bytes = {(const uint8_t *)text, 20};
            bool is_read = auth_time_parse(bytes, &time, NULL) == AUTH_STATUS_OK;
            assert_each(is_read == is_rfc3339(text), "octet 0x%02x at %zu of %s", octet, at, good);
            assert_each(is_read || time == 42, "a refused text was written");
            accepted += is_read ? 1 : 0;
        }
    }
    ck_assert_uint_gt(accepted, 20);
}

START_TEST(a_character_less_or_more)
{
    const char *good = good_texts[_i];
    for (size_t at = 0; at <= 20; at++) {
        char text[32];
        auth_time time = 42;
        auth_error err;
        memcpy(text, good, at);
        if (at < 20) {
            memcpy(text + at, good + at + 1, 19 - at);
            assert_fails(auth_time_parse((auth_bytes){(uint8_t *)text, 19}, &time, &err),
                         AUTH_STATUS_MALFORMED, &err);
            assert_fails(auth_time_parse((auth_bytes){(uint8_t *)text, at}, &time, &err),
                         AUTH_STATUS_MALFORMED, &err);
        }
        for (const char *more = " 0Z.\n-+"; *more != '\0'; more++) {
            memcpy(text, good, at);
            text[at] = *more;
            memcpy(text + at + 1, good + at, 20 - at);
            assert_fails(auth_time_parse((auth_bytes){(uint8_t *)text, 21}, &time, &err),
                         AUTH_STATUS_MALFORMED, &err);
        }
        ck_assert_int_eq(time, 42);
    }
}

typedef struct refused_time {
    uint8_t tag; /* 0: RFC 3339 */
    const char *text;
    auth_status status;
    size_t position; /* of a malformed one, from 1 */
} refused_time;

#define UTC AUTH_ASN1_UTC_TIME
#define GEN AUTH_ASN1_GENERALIZED_TIME

/* clang-format off */
static const refused_time refused_times[] = {
    {0, "", AUTH_STATUS_MALFORMED, 1},
    {0, "2026-01-31", AUTH_STATUS_MALFORMED, 11},
    {0, "2026-01-31 23:59:59Z", AUTH_STATUS_MALFORMED, 11},
    {0, "2026-01-31t23:59:59Z", AUTH_STATUS_MALFORMED, 11},
    {0, "2026-01-31T23:59:59z", AUTH_STATUS_MALFORMED, 20},
    {0, "2026-01-31T23:59Z", AUTH_STATUS_MALFORMED, 17},
    {0, "2026-01-31T23:59:59", AUTH_STATUS_MALFORMED, 20},
    {0, "2026-01-31T23:59:59.0Z", AUTH_STATUS_MALFORMED, 20},
    {0, "2026-01-31T23:59:59,5Z", AUTH_STATUS_MALFORMED, 20},
    {0, "2026-01-31T23:59:59+00:00", AUTH_STATUS_MALFORMED, 20},
    {0, "2026-01-31T23:59:59-00:00", AUTH_STATUS_MALFORMED, 20},
    {0, "2026-01-31T23:59:59ZZ", AUTH_STATUS_MALFORMED, 21},
    {0, "20260131T235959Z", AUTH_STATUS_MALFORMED, 5},
    {0, "2026-1-31T23:59:59Z", AUTH_STATUS_MALFORMED, 7},
    {0, "+2026-01-31T23:59:59Z", AUTH_STATUS_MALFORMED, 1},
    {0, "-001-01-31T23:59:59Z", AUTH_STATUS_MALFORMED, 1},
    {0, "12026-01-31T23:59:59Z", AUTH_STATUS_MALFORMED, 5},
    {0, "２026-01-31T23:59:59Z", AUTH_STATUS_MALFORMED, 1},
    {0, "2026-01-31T23:59:60Z", AUTH_STATUS_INVALID, 0},
    {0, "2016-12-31T23:59:60Z", AUTH_STATUS_INVALID, 0},
    {0, "2026-01-31T24:00:00Z", AUTH_STATUS_INVALID, 0},
    {0, "2026-01-31T23:60:00Z", AUTH_STATUS_INVALID, 0},
    {0, "2026-02-29T00:00:00Z", AUTH_STATUS_INVALID, 0},
    {0, "2100-02-29T00:00:00Z", AUTH_STATUS_INVALID, 0},
    {0, "2026-04-31T00:00:00Z", AUTH_STATUS_INVALID, 0},
    {0, "2026-00-31T00:00:00Z", AUTH_STATUS_INVALID, 0},
    {0, "2026-13-31T00:00:00Z", AUTH_STATUS_INVALID, 0},
    {0, "2026-01-00T00:00:00Z", AUTH_STATUS_INVALID, 0},
    {0, "2026-01-32T00:00:00Z", AUTH_STATUS_INVALID, 0},
    {0, "1949-12-31T23:59:59Z", AUTH_STATUS_INVALID, 0},
    {0, "0000-01-01T00:00:00Z", AUTH_STATUS_INVALID, 0},
    {0, "0001-01-01T00:00:00Z", AUTH_STATUS_INVALID, 0},

    {UTC, "", AUTH_STATUS_MALFORMED, 1},
    {UTC, "2601312359Z", AUTH_STATUS_MALFORMED, 11},
    {UTC, "260131235959", AUTH_STATUS_MALFORMED, 13},
    {UTC, "260131235959z", AUTH_STATUS_MALFORMED, 13},
    {UTC, "260131235959.0Z", AUTH_STATUS_MALFORMED, 13},
    {UTC, "260131235959+0800", AUTH_STATUS_MALFORMED, 13},
    {UTC, "260131235959ZZ", AUTH_STATUS_MALFORMED, 14},
    {UTC, "20260131235959Z", AUTH_STATUS_MALFORMED, 13},
    {UTC, " 60131235959Z", AUTH_STATUS_MALFORMED, 1},
    {UTC, "260229235959Z", AUTH_STATUS_INVALID, 0},
    {UTC, "260131245959Z", AUTH_STATUS_INVALID, 0},
    {UTC, "260131235960Z", AUTH_STATUS_INVALID, 0},
    {GEN, "", AUTH_STATUS_MALFORMED, 1},
    {GEN, "260131235959Z", AUTH_STATUS_MALFORMED, 13},
    {GEN, "205001312359Z", AUTH_STATUS_MALFORMED, 13},
    {GEN, "20500131235959", AUTH_STATUS_MALFORMED, 15},
    {GEN, "20500131235959.5Z", AUTH_STATUS_MALFORMED, 15},
    {GEN, "20500131235959-0000", AUTH_STATUS_MALFORMED, 15},
    {GEN, "20500131235959Z ", AUTH_STATUS_MALFORMED, 16},
    {GEN, "20500229235959Z", AUTH_STATUS_INVALID, 0},
    {GEN, "19491231235959Z", AUTH_STATUS_INVALID, 0},
    {GEN, "00000101000000Z", AUTH_STATUS_INVALID, 0},
    {0x16, "260131235959Z", AUTH_STATUS_MALFORMED, 0},
    {0x97, "260131235959Z", AUTH_STATUS_MALFORMED, 0},
    {0x18 | 0x20, "20500131235959Z", AUTH_STATUS_MALFORMED, 0},
    {0xff, "", AUTH_STATUS_MALFORMED, 0},
};
/* clang-format on */

START_TEST(other_spellings_are_refused)
{
    const refused_time *row = &refused_times[_i];
    auth_bytes text = auth_bytes_from_text(row->text);
    auth_time time = 42;
    auth_error err;
    if (row->tag == 0)
        assert_fails(auth_time_parse(text, &time, &err), row->status, &err);
    else
        assert_fails(auth_time_parse_asn1(row->tag, text, &time, &err), row->status, &err);
    ck_assert_int_eq(time, 42);
    char place[32];
    (void)snprintf(place, sizeof place, " %zu: ", row->position);
    if (row->position > 0)
        ck_assert_msg(strstr(err.text, place) != NULL, "not at%s but %s", place, err.text);
}

START_TEST(asn1_times_cross_the_centuries)
{
    static const char *const cases[][2] = {
        {"500101000000Z", "1950-01-01T00:00:00Z"}, {"991231235959Z", "1999-12-31T23:59:59Z"},
        {"000101000000Z", "2000-01-01T00:00:00Z"}, {"491231235959Z", "2049-12-31T23:59:59Z"},
        {"000229000000Z", "2000-02-29T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auth_time time = 0;
        auth_time same = 1;
        auth_error err;
        assert_ok(auth_time_parse_asn1(UTC, auth_bytes_from_text(cases[i][0]), &time, &err), &err);
        assert_ok(auth_time_parse(auth_bytes_from_text(cases[i][1]), &same, &err), &err);
        ck_assert_int_eq(time, same);
    }
    /* That it should have been a UTCTime is for a linter to say. */
    auth_time time = 0;
    auth_error err;
    assert_ok(auth_time_parse_asn1(GEN, BYTES("19700101000001Z"), &time, &err), &err);
    ck_assert_int_eq(time, 1);
    assert_ok(auth_time_parse_asn1(GEN, BYTES("20491231235959Z"), &time, &err), &err);
    ck_assert_int_eq(time + 1, 2524608000);
    ck_assert_int_eq((int)auth_time_parse_asn1(GEN, BYTES("2049"), &time, NULL),
                     (int)AUTH_STATUS_MALFORMED);
    ck_assert_int_eq((int)auth_time_parse(BYTES("2049"), &time, NULL), (int)AUTH_STATUS_MALFORMED);
}

/* Dates */

static void assert_month(int year, int month)
{
    static const uint8_t days[] = {0, 1, 28, 29, 30, 31, 32, 255};
    for (size_t i = 0; i < sizeof days; i++) {
        struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = days[i]};
        (void)timegm(&tm);
        bool exists = tm.tm_mon == month - 1 && tm.tm_mday == days[i];
        auth_date date = {(int16_t)year, (uint8_t)month, days[i]};
        assert_each(auth_date_exists(date) == exists, "%04d-%02d-%02d", year, month, days[i]);
    }
}

START_TEST(the_calendar_is_glibc_s)
{
    /* It repeats after 400 years, and only February changes. */
    for (int year = 1; year <= 9999; year++)
        assert_month(year, 2);
    for (int year = 1800; year <= 2200; year++) {
        for (int month = 0; month <= 13; month++)
            assert_month(year, month);
    }
    static const auth_date none[] = {{0, 1, 1}, {-1, 1, 1}, {10000, 1, 1}, {INT16_MIN, 1, 1}};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        ck_assert(!auth_date_exists(none[i]));
}

START_TEST(a_date_is_read_and_written_in_one_way)
{
    static const char *const good[] = {"0001-01-01", "1900-02-28", "2000-02-29", "9999-12-31"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        auth_date date;
        auth_error err;
        assert_ok(auth_date_parse(auth_bytes_from_text(good[i]), &date, &err), &err);
        char text[AUTH_TIME_TEXT_SIZE];
        auth_date_format(date, text);
        ck_assert_str_eq(text, good[i]);
    }
    static const char *const malformed[] = {"",
                                            "2026",
                                            "2026-01",
                                            "2026-1-31",
                                            "2026-01-3",
                                            "2026-01-31 ",
                                            " 2026-01-31",
                                            "2026/01/31",
                                            "2026-01-31T",
                                            "20260131",
                                            "+026-01-31",
                                            "2026-01-3\xff"};
    static const char *const invalid[] = {"1900-02-29", "2026-02-30", "2026-13-01", "2026-00-01",
                                          "2026-01-00", "0000-01-01", "2026-01-32"};
    auth_date date = {42, 4, 2};
    auth_error err;
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        assert_fails(auth_date_parse(auth_bytes_from_text(malformed[i]), &date, &err),
                     AUTH_STATUS_MALFORMED, &err);
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++)
        assert_fails(auth_date_parse(auth_bytes_from_text(invalid[i]), &date, &err),
                     AUTH_STATUS_INVALID, &err);
    assert_fails(auth_date_parse(BYTES("2026-01\0-31"), &date, &err), AUTH_STATUS_MALFORMED, &err);
    ck_assert_int_eq(date.year, 42);
}

START_TEST(no_date_is_written_as_zeros)
{
    static const auth_date none[] = {
        {0, 0, 0}, {2026, 2, 29}, {2026, 13, 1}, {-5, 1, 1}, {INT16_MAX, 255, 255}};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        char text[AUTH_TIME_TEXT_SIZE];
        auth_date_format(none[i], text);
        ck_assert_str_eq(text, "0000-00-00");
    }
}

START_TEST(dates_are_ordered)
{
    static const auth_date rising[] = {{1, 1, 1},    {1949, 12, 31}, {1950, 1, 1},  {1950, 1, 2},
                                       {1950, 2, 1}, {2025, 12, 31}, {2026, 1, 31}, {9999, 12, 31}};
    for (size_t i = 0; i < 8; i++) {
        for (size_t j = 0; j < 8; j++) {
            int order = auth_date_compare(rising[i], rising[j]);
            ck_assert_int_eq(order < 0, i < j);
            ck_assert_int_eq(order > 0, i > j);
        }
    }
}

typedef struct day_case {
    auth_time time;
    int offset;
    const char *date;
} day_case;

static const day_case day_cases[] = {
    {0, 0, "1970-01-01"},
    {-1, 0, "1969-12-31"},
    {-1, 1, "1970-01-01"},
    {0, -1, "1969-12-31"},
    {1769875200, 480, "2026-02-01"}, /* midnight in China is 16:00 UTC */
    {1769875200 - 1, 480, "2026-01-31"},
    {1769875200, 0, "2026-01-31"},
    {0, 1440, "1970-01-02"},
    {0, 1000000, "1970-01-02"},
    {0, -1440, "1969-12-31"},
    {0, -1000000, "1969-12-31"},
    {0, INT32_MIN, "1969-12-31"},
    {0, INT32_MAX, "1970-01-02"},
    {AUTH_TIME_MIN, 0, "1950-01-01"},
    {AUTH_TIME_MIN, -1, "1949-12-31"},
    {AUTH_TIME_MIN, -480, "1949-12-31"},
    {INT64_MIN, 0, "1950-01-01"},
    {INT64_MIN, -480, "1949-12-31"},
    {AUTH_TIME_MAX, 0, "9999-12-31"},
    {AUTH_TIME_MAX, 480, "9999-12-31"},
    {INT64_MAX, 1440, "9999-12-31"},
    {INT64_MAX, -1440, "9999-12-30"},
};

START_TEST(the_day_depends_on_the_zone)
{
    const day_case *row = &day_cases[_i];
    char text[AUTH_TIME_TEXT_SIZE];
    auth_date_format(auth_date_from_time(row->time, row->offset), text);
    ck_assert_str_eq(text, row->date);
}

SUITE("time", TEST(seconds_across_the_whole_range),
      TEST_EACH(the_ends_of_every_day_of_years_that_matter, 11),
      TEST(what_lies_outside_is_written_as_the_nearest_end),
      TEST_EACH(every_octet_at_every_place, 4), TEST_EACH(a_character_less_or_more, 4),
      TEST_EACH(other_spellings_are_refused, sizeof refused_times / sizeof refused_times[0]),
      TEST(asn1_times_cross_the_centuries), TEST(the_calendar_is_glibc_s),
      TEST(a_date_is_read_and_written_in_one_way), TEST(no_date_is_written_as_zeros),
      TEST(dates_are_ordered),
      TEST_EACH(the_day_depends_on_the_zone, sizeof day_cases / sizeof day_cases[0]))
