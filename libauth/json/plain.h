/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON that programs write, read quickly: jansson takes a string octet by octet, and what is
 * signed consists of long ones. Its one invariant: what is read here is what jansson reads of the
 * same text, and everything unusual is left to it, as is every fault, so that it alone says what is
 * wrong. Internal to json/.
 */
#ifndef JSON_PLAIN_H
#define JSON_PLAIN_H

#include "json/json.h"

#include <jansson.h>

/* Objects and arrays in each other; deeper is unusual. */
#define JSON_PLAIN_DEPTH_MAX 16

typedef enum json_plain {
    JSON_PLAIN_READ,
    JSON_PLAIN_UNUSUAL, /* escapes, fractions, signs, members twice, faults of any kind */
    JSON_PLAIN_MEMORY,
} json_plain;

/*
 * Reads a text that json_scan has taken.
 *
 * Ownership: with JSON_PLAIN_READ gives *out, to be freed with json_decref.
 */
json_plain json_plain_read(auth_bytes text, json_t **out) AUTH_MUST_CHECK;

#endif
