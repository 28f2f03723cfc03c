/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is what is read as a time or a date written again as it was, and every count of seconds written
 * as something that reads as its nearest time? The first octet chooses the form.
 */
#include "fuzz/fuzz.h"

#include <auth/time.h>
#include <string.h>

static auth_time clamp(auth_time time)
{
    if (time < AUTH_TIME_MIN)
        return AUTH_TIME_MIN;
    return time > AUTH_TIME_MAX ? AUTH_TIME_MAX : time;
}

static void check_status(auth_status status, const auth_error *err)
{
    FUZZ_CHECK(status == err->status && err->text[0] != '\0');
    FUZZ_CHECK(status == AUTH_STATUS_MALFORMED || status == AUTH_STATUS_INVALID);
}

static void check_is(auth_bytes text, const char *written)
{
    FUZZ_CHECK(auth_bytes_equal(text, auth_bytes_from_text(written)));
}

static void read_rfc3339(auth_bytes text)
{
    auth_time time = 0;
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = auth_time_parse(text, &time, &err);
    if (status != AUTH_STATUS_OK) {
        check_status(status, &err);
        return;
    }
    char written[AUTH_TIME_TEXT_SIZE];
    auth_time_format(time, written);
    check_is(text, written);
}

static void read_asn1(uint8_t tag, auth_bytes text)
{
    auth_time time = 0;
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = auth_time_parse_asn1(tag, text, &time, &err);
    if (status != AUTH_STATUS_OK) {
        check_status(status, &err);
        return;
    }
    char written[AUTH_TIME_TEXT_SIZE];
    uint8_t written_tag = auth_time_format_asn1(time, written);
    if (written_tag == tag) {
        check_is(text, written);
    } else {
        /* A GeneralizedTime before 2050 is read and written as what it should have been. */
        FUZZ_CHECK(tag == AUTH_ASN1_GENERALIZED_TIME && written_tag == AUTH_ASN1_UTC_TIME);
        check_is((auth_bytes){text.data + 2, text.len - 2}, written);
    }
}

static void read_date(auth_bytes text)
{
    auth_date date = {0, 0, 0};
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = auth_date_parse(text, &date, &err);
    if (status != AUTH_STATUS_OK) {
        check_status(status, &err);
        return;
    }
    FUZZ_CHECK(auth_date_exists(date));
    char written[AUTH_TIME_TEXT_SIZE];
    auth_date_format(date, written);
    check_is(text, written);
}

/* Eight octets of time, two of offset. */
static void write_time(auth_bytes octets)
{
    int64_t time = 0;
    int16_t offset = 0;
    if (octets.len < sizeof time + sizeof offset)
        return;
    memcpy(&time, octets.data, sizeof time);
    memcpy(&offset, octets.data + sizeof time, sizeof offset);
    char written[AUTH_TIME_TEXT_SIZE];
    auth_time back = 0;
    auth_error err;
    auth_time_format(time, written);
    FUZZ_CHECK(auth_time_parse(auth_bytes_from_text(written), &back, &err) == AUTH_STATUS_OK);
    FUZZ_CHECK(back == clamp(time));
    uint8_t tag = auth_time_format_asn1(time, written);
    FUZZ_CHECK(auth_time_parse_asn1(tag, auth_bytes_from_text(written), &back, &err) ==
               AUTH_STATUS_OK);
    FUZZ_CHECK(back == clamp(time));
    auth_date here = auth_date_from_time(time, offset);
    auth_date greenwich = auth_date_from_time(time, 0);
    FUZZ_CHECK(auth_date_exists(here));
    FUZZ_CHECK(offset < 0 || auth_date_compare(here, greenwich) >= 0);
    FUZZ_CHECK(offset > 0 || auth_date_compare(here, greenwich) <= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    auth_bytes rest = {data + 1, size - 1};
    switch (data[0] % 6) {
    case 0:
        read_rfc3339(rest);
        break;
    case 1:
        read_asn1(AUTH_ASN1_UTC_TIME, rest);
        break;
    case 2:
        read_asn1(AUTH_ASN1_GENERALIZED_TIME, rest);
        break;
    case 3:
        read_asn1(data[0], rest);
        break;
    case 4:
        read_date(rest);
        break;
    default:
        write_time(rest);
        break;
    }
    return 0;
}
