/* SPDX-License-Identifier: Apache-2.0 */
/* Do exactly the provinces that issue numbers issue them, and is each county code of the table, and
 * no other, found? */
#include "citizen/type.h"
#include "harness/harness.h"

#include <stdio.h>
#include <string.h>

static const auth_person_rules rules = {.today = {2026, 1, 31}};

/* GB/T 2260: the provinces, regions and municipalities that issue citizen numbers. */
static bool issues_numbers(unsigned province)
{
    static const unsigned ranges[][2] = {{11, 15}, {21, 23}, {31, 37},
                                         {41, 46}, {50, 54}, {61, 65}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (province >= ranges[i][0] && province <= ranges[i][1])
            return true;
    }
    return false;
}

/* A number of 1900-01-01 with a region that never was. */
static auth_person_reason reason_of(const char *begin, auth_person *out)
{
    char text[19] = {0};
    (void)snprintf(text, sizeof text, "%s19000101001", begin);
    text[17] = person_mod11_2((const uint8_t *)text);
    return auth_person_check(auth_bytes_from_text(text), &rules, out);
}

START_TEST(provinces_of_citizens_and_foreigners)
{
    for (unsigned province = 0; province < 80; province++) {
        char begin[7];
        auth_person person;
        (void)snprintf(begin, sizeof begin, "%02u9999", province);
        auth_person_reason expected =
            issues_numbers(province) ? AUTH_PERSON_REASON_OK : AUTH_PERSON_REASON_PROVINCE;
        ck_assert_msg(reason_of(begin, &person) == expected, "province %02u", province);
        if (expected == AUTH_PERSON_REASON_OK) {
            ck_assert_uint_eq(person.region, province * 10000 + 9999);
            ck_assert_str_ne(person.province_en, "");
            ck_assert_str_ne(person.province_zh, person.province_en);
            ck_assert(!person.is_listed_region);
        }
        (void)snprintf(begin, sizeof begin, "9%02u999", province);
        ck_assert_msg(reason_of(begin, &person) == expected, "foreigner, province %02u", province);
    }
}

START_TEST(provinces_have_names_of_their_own)
{
    const char *names[100] = {NULL};
    for (unsigned province = 0; province < 80; province++) {
        char begin[7];
        auth_person person;
        (void)snprintf(begin, sizeof begin, "%02u9999", province);
        if (reason_of(begin, &person) != AUTH_PERSON_REASON_OK)
            continue;
        names[province] = person.province_en;
        for (unsigned other = 0; other < province; other++) {
            if (names[other] != NULL)
                ck_assert_str_ne(names[other], names[province]);
        }
    }
    auth_person person;
    ck_assert_int_eq((int)reason_of("110105", &person), (int)AUTH_PERSON_REASON_OK);
    ck_assert_str_eq(person.province_en, "Beijing");
    ck_assert_str_eq(person.province_zh, "北京市");
    ck_assert(person.is_listed_region);
}

START_TEST(permits_of_three_regions)
{
    static const char *const begins[] = {"810000", "820000", "830000"};
    static const char *const names[] = {"Hong Kong", "Macao", "Taiwan"};
    for (size_t i = 0; i < 3; i++) {
        auth_person person;
        ck_assert_int_eq((int)reason_of(begins[i], &person), (int)AUTH_PERSON_REASON_OK);
        ck_assert_str_eq(person.province_en, names[i]);
        ck_assert(person.is_listed_region);
        ck_assert_int_eq((int)person.type, (int)AUTH_PERSON_TYPE_PERMIT);
    }
    auth_person person;
    ck_assert_int_eq((int)reason_of("840000", &person), (int)AUTH_PERSON_REASON_PERMIT_REGION);
    ck_assert_int_eq((int)reason_of("800000", &person), (int)AUTH_PERSON_REASON_PERMIT_REGION);
}

/* Marks the codes of one province; the search needs them to rise. */
static void mark(bool listed[1000000], unsigned province, const uint16_t *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_each(codes[i] < 10000, "%02u%u is too long", province, codes[i]);
        assert_each(i == 0 || codes[i] > codes[i - 1], "%02u%04u does not rise", province,
                    codes[i]);
        listed[province * 10000 + codes[i]] = true;
    }
    ck_assert_msg(issues_numbers(province), "province %02u has counties", province);
    ck_assert_uint_gt(count, 10);
}

START_TEST(every_county_of_the_table_is_found_and_no_other)
{
    static bool listed[1000000];
#define COUNTIES(code, ...)                                                                        \
    {                                                                                              \
        static const uint16_t codes[] = {__VA_ARGS__};                                             \
        mark(listed, (code), codes, sizeof codes / sizeof codes[0]);                               \
    }
#include "citizen/counties.def"
    size_t count = 0;
    for (uint32_t region = 0; region < 1000000; region++) {
        assert_each(person_region_is_listed(region) == listed[region], "%06u", region);
        count += listed[region] ? 1 : 0;
    }
    ck_assert_uint_gt(count, 3000);
}

SUITE("person_region", TEST(provinces_of_citizens_and_foreigners),
      TEST(provinces_have_names_of_their_own), TEST(permits_of_three_regions),
      TEST(every_county_of_the_table_is_found_and_no_other))
