/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_time
 * @brief points in time and calendar dates, as certificates and documents write them
 *
 * A time is a count of seconds since 1970-01-01T00:00:00Z, leap seconds not counted, from 1950 to
 * the end of 9999: what RFC 5280 can write. Every time has one spelling; anything else (fractions,
 * offsets, lower case, leap seconds, missing seconds) is refused. libauth never reads a clock: now
 * is an argument.
 */
#ifndef AUTH_TIME_H
#define AUTH_TIME_H

#include <auth/bytes.h>

AUTH_BEGIN_DECLS

/* Seconds since 1970-01-01T00:00:00Z. */
typedef int64_t auth_time;

#define AUTH_TIME_MIN ((auth_time)-631152000)   /* 1950-01-01T00:00:00Z */
#define AUTH_TIME_MAX ((auth_time)253402300799) /* 9999-12-31T23:59:59Z */

/* Room for a formatted time or date with its NUL. */
#define AUTH_TIME_TEXT_SIZE 24

/* A day of the proleptic Gregorian calendar, year 1 to 9999. */
typedef struct auth_date {
    int16_t year;
    uint8_t month; /* 1 to 12 */
    uint8_t day;   /* 1 to 31 */
} auth_date;

/**
 * Read "2026-01-31T23:59:59Z".
 *
 * Errors: AUTH_STATUS_MALFORMED when it is spelled otherwise; AUTH_STATUS_INVALID when there is no
 * such day or time, or it lies outside AUTH_TIME_MIN to AUTH_TIME_MAX.
 * Source: RFC 3339 section 5.6, restricted to "T", "Z" and whole seconds.
 */
AUTH_API auth_status auth_time_parse(auth_bytes text, auth_time *out,
                                     auth_error *err) AUTH_MUST_CHECK;

/**
 * Write a time as "2026-01-31T23:59:59Z". A time outside the range is written as its nearest end.
 */
AUTH_API void auth_time_format(auth_time time, char out[AUTH_TIME_TEXT_SIZE]);

/* The universal tags of the two ASN.1 time types (X.680). */
#define AUTH_ASN1_UTC_TIME 0x17
#define AUTH_ASN1_GENERALIZED_TIME 0x18

/**
 * Read the content octets of a UTCTime ("260131235959Z", 1950 to 2049) or GeneralizedTime
 * ("20500131235959Z"), as DER and RFC 5280 restrict them.
 *
 * A GeneralizedTime before 2050 is read: whether it may stand there is the caller's rule.
 *
 * Errors: AUTH_STATUS_MALFORMED when tag or spelling is wrong; AUTH_STATUS_INVALID when there is no
 * such day or time, or it lies outside AUTH_TIME_MIN to AUTH_TIME_MAX.
 * Source: RFC 5280 section 4.1.2.5.
 */
AUTH_API auth_status auth_time_parse_asn1(uint8_t tag, auth_bytes content, auth_time *out,
                                          auth_error *err) AUTH_MUST_CHECK;

/**
 * Write a time as ASN.1 content octets: UTCTime through 2049, GeneralizedTime from 2050.
 *
 * Returns the tag; the text in out is terminated and 13 or 15 characters long. A time outside the
 * range is written as its nearest end.
 *
 * Source: RFC 5280 section 4.1.2.5.
 */
AUTH_API uint8_t auth_time_format_asn1(auth_time time, char out[AUTH_TIME_TEXT_SIZE]);

/**
 * Read "2026-01-31".
 *
 * Errors: AUTH_STATUS_MALFORMED when it is spelled otherwise; AUTH_STATUS_INVALID when there is no
 * such day.
 * Source: RFC 3339 section 5.6, full-date.
 */
AUTH_API auth_status auth_date_parse(auth_bytes text, auth_date *out,
                                     auth_error *err) AUTH_MUST_CHECK;

/**
 * Write a date as "2026-01-31". A date that does not exist is written as "0000-00-00".
 */
AUTH_API void auth_date_format(auth_date date, char out[AUTH_TIME_TEXT_SIZE]);

/**
 * Tell whether a day exists in the Gregorian calendar, year 1 to 9999.
 */
AUTH_API bool auth_date_exists(auth_date date);

/**
 * Order two dates: negative when a is earlier, zero when they are the same, positive otherwise.
 */
AUTH_API int auth_date_compare(auth_date a, auth_date b);

/**
 * Tell which day it is at a time in a zone utc_offset_minutes east of Greenwich (China: 480).
 *
 * A time outside AUTH_TIME_MIN to AUTH_TIME_MAX is taken as its nearest end, an offset outside
 * -1440 to 1440 likewise, and a day after 9999-12-31 as that day.
 */
AUTH_API auth_date auth_date_from_time(auth_time time, int utc_offset_minutes);

AUTH_END_DECLS

#endif
