/* SPDX-License-Identifier: Apache-2.0 */
#include <auth/time.h>

#define SECONDS_PER_DAY 86400

typedef struct civil_time {
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;
} civil_time;

static bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

bool auth_date_exists(auth_date date)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12)
        return false;
    int last = days[date.month - 1] + (date.month == 2 && is_leap(date.year) ? 1 : 0);
    return date.day >= 1 && date.day <= last;
}

/* Days from 1970-01-01 to a date. A year is counted from March, so that the leap day ends it. */
static int64_t days_from_date(auth_date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t month = date.month <= 2 ? date.month + 9 : date.month - 3;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
}

/* The inverse of days_from_date, for days of the years 1 to 9999. */
static auth_date date_from_days(int64_t days)
{
    int64_t since_year_0 = days + 719468; /* day 0 is 0000-03-01 */
    int64_t era = since_year_0 / 146097;  /* of 400 years */
    int64_t day = since_year_0 % 146097;
    int64_t year_of_era = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    return (auth_date){
        .year = (int16_t)(year_of_era + era * 400 + (month >= 10 ? 1 : 0)),
        .month = (uint8_t)(month < 10 ? month + 3 : month - 9),
        .day = (uint8_t)(day_of_year - (153 * month + 2) / 5 + 1),
    };
}

/* Reads width digits at *at and moves on. */
static bool read_digits(auth_bytes text, size_t *at, int width, int *out)
{
    int value = 0;
    for (int i = 0; i < width; i++) {
        if (*at >= text.len || text.data[*at] < '0' || text.data[*at] > '9')
            return false;
        value = value * 10 + (text.data[(*at)++] - '0');
    }
    *out = value;
    return true;
}

static bool read_char(auth_bytes text, size_t *at, uint8_t c)
{
    if (*at >= text.len || text.data[*at] != c)
        return false;
    (*at)++;
    return true;
}

static auth_status time_from_civil(const civil_time *civil, auth_time *out, auth_error *err)
{
    auth_date date = {(int16_t)civil->year, (uint8_t)civil->month, (uint8_t)civil->day};
    if (!auth_date_exists(date) || civil->hour > 23 || civil->minute > 59 || civil->second > 59)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "time: there is no %04d-%02d-%02dT%02d:%02d:%02dZ in the calendar "
                              "(leap seconds cannot be written)",
                              civil->year, civil->month, civil->day, civil->hour, civil->minute,
                              civil->second);
    int second_of_day = civil->hour * 3600 + civil->minute * 60 + civil->second;
    auth_time time = days_from_date(date) * SECONDS_PER_DAY + second_of_day;
    if (time < AUTH_TIME_MIN || time > AUTH_TIME_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "time: year %d is outside 1950 to 9999 (RFC 5280 4.1.2.5)",
                              civil->year);
    *out = time;
    return AUTH_STATUS_OK;
}

/* Whole days, rounded down: the second before 1970 lies in day -1. */
static int64_t days_since_1970(auth_time time)
{
    return time / SECONDS_PER_DAY - (time % SECONDS_PER_DAY < 0 ? 1 : 0);
}

static civil_time civil_from_time(auth_time time)
{
    if (time < AUTH_TIME_MIN)
        time = AUTH_TIME_MIN;
    if (time > AUTH_TIME_MAX)
        time = AUTH_TIME_MAX;
    int64_t days = days_since_1970(time);
    int64_t second = time - days * SECONDS_PER_DAY;
    auth_date date = date_from_days(days);
    return (civil_time){
        .year = date.year,
        .month = date.month,
        .day = date.day,
        .hour = (int)(second / 3600),
        .minute = (int)(second / 60 % 60),
        .second = (int)(second % 60),
    };
}

auth_status auth_time_parse(auth_bytes text, auth_time *out, auth_error *err)
{
    civil_time civil = {0};
    size_t at = 0;
    bool is_read = read_digits(text, &at, 4, &civil.year) && read_char(text, &at, '-') &&
                   read_digits(text, &at, 2, &civil.month) && read_char(text, &at, '-') &&
                   read_digits(text, &at, 2, &civil.day) && read_char(text, &at, 'T') &&
                   read_digits(text, &at, 2, &civil.hour) && read_char(text, &at, ':') &&
                   read_digits(text, &at, 2, &civil.minute) && read_char(text, &at, ':') &&
                   read_digits(text, &at, 2, &civil.second) && read_char(text, &at, 'Z');
    if (!is_read || at != text.len)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "time: character %zu: not as RFC 3339 writes UTC; "
                              "write it like 2026-01-31T23:59:59Z",
                              at + 1);
    return time_from_civil(&civil, out, err);
}

/* Writes value with width digits. A CRL has times by the million, so this is not left to printf. */
static char *put_digits(char *at, int value, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + width;
}

static char *put_char(char *at, char c)
{
    *at = c;
    return at + 1;
}

void auth_time_format(auth_time time, char out[AUTH_TIME_TEXT_SIZE])
{
    civil_time civil = civil_from_time(time);
    char *at = put_char(put_digits(out, civil.year, 4), '-');
    at = put_char(put_digits(at, civil.month, 2), '-');
    at = put_char(put_digits(at, civil.day, 2), 'T');
    at = put_char(put_digits(at, civil.hour, 2), ':');
    at = put_char(put_digits(at, civil.minute, 2), ':');
    at = put_char(put_digits(at, civil.second, 2), 'Z');
    *at = '\0';
}

auth_status auth_time_parse_asn1(uint8_t tag, auth_bytes content, auth_time *out, auth_error *err)
{
    civil_time civil = {0};
    size_t at = 0;
    bool is_read = false;
    if (tag == AUTH_ASN1_UTC_TIME) {
        is_read = read_digits(content, &at, 2, &civil.year);
        civil.year += civil.year < 50 ? 2000 : 1900;
    } else if (tag == AUTH_ASN1_GENERALIZED_TIME) {
        is_read = read_digits(content, &at, 4, &civil.year);
    } else {
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "time: tag 0x%02x is neither UTCTime nor GeneralizedTime "
                              "(RFC 5280 4.1.2.5)",
                              tag);
    }
    is_read = is_read && read_digits(content, &at, 2, &civil.month) &&
              read_digits(content, &at, 2, &civil.day) &&
              read_digits(content, &at, 2, &civil.hour) &&
              read_digits(content, &at, 2, &civil.minute) &&
              read_digits(content, &at, 2, &civil.second) && read_char(content, &at, 'Z');
    if (!is_read || at != content.len)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "time: octet %zu: not as RFC 5280 4.1.2.5 writes it (seconds "
                              "present, no fraction, ending in Z)",
                              at + 1);
    return time_from_civil(&civil, out, err);
}

uint8_t auth_time_format_asn1(auth_time time, char out[AUTH_TIME_TEXT_SIZE])
{
    civil_time civil = civil_from_time(time);
    bool is_utc_time = civil.year < 2050;
    char *at = is_utc_time ? put_digits(out, civil.year % 100, 2) : put_digits(out, civil.year, 4);
    at = put_digits(at, civil.month, 2);
    at = put_digits(at, civil.day, 2);
    at = put_digits(at, civil.hour, 2);
    at = put_digits(at, civil.minute, 2);
    at = put_digits(at, civil.second, 2);
    at[0] = 'Z';
    at[1] = '\0';
    return is_utc_time ? AUTH_ASN1_UTC_TIME : AUTH_ASN1_GENERALIZED_TIME;
}

auth_status auth_date_parse(auth_bytes text, auth_date *out, auth_error *err)
{
    int year = 0;
    int month = 0;
    int day = 0;
    size_t at = 0;
    bool is_read = read_digits(text, &at, 4, &year) && read_char(text, &at, '-') &&
                   read_digits(text, &at, 2, &month) && read_char(text, &at, '-') &&
                   read_digits(text, &at, 2, &day);
    if (!is_read || at != text.len)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "date: character %zu: not as RFC 3339 writes it; "
                              "write it like 2026-01-31",
                              at + 1);
    auth_date date = {(int16_t)year, (uint8_t)month, (uint8_t)day};
    if (!auth_date_exists(date))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "date: there is no %04d-%02d-%02d in the calendar", year, month, day);
    *out = date;
    return AUTH_STATUS_OK;
}

void auth_date_format(auth_date date, char out[AUTH_TIME_TEXT_SIZE])
{
    if (!auth_date_exists(date))
        date = (auth_date){0, 0, 0};
    char *at = put_char(put_digits(out, date.year, 4), '-');
    at = put_char(put_digits(at, date.month, 2), '-');
    at = put_digits(at, date.day, 2);
    *at = '\0';
}

int auth_date_compare(auth_date a, auth_date b)
{
    if (a.year != b.year)
        return a.year < b.year ? -1 : 1;
    if (a.month != b.month)
        return a.month < b.month ? -1 : 1;
    return (a.day > b.day) - (a.day < b.day);
}

auth_date auth_date_from_time(auth_time time, int utc_offset_minutes)
{
    if (utc_offset_minutes < -1440)
        utc_offset_minutes = -1440;
    if (utc_offset_minutes > 1440)
        utc_offset_minutes = 1440;
    if (time < AUTH_TIME_MIN)
        time = AUTH_TIME_MIN;
    if (time > AUTH_TIME_MAX)
        time = AUTH_TIME_MAX;
    time += (int64_t)utc_offset_minutes * 60;
    /* There is no year 10000; the day before 1950 is a day like any other. */
    if (time > AUTH_TIME_MAX)
        time = AUTH_TIME_MAX;
    return date_from_days(days_since_1970(time));
}
