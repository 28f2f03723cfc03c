/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading JSON that has one spelling: what was written member by member in a fixed order is read by
 * going past the same words again. Internal to registry/.
 */
#ifndef REGISTRY_LINE_H
#define REGISTRY_LINE_H

#include <auth/bytes.h>
#include <stdbool.h>

typedef struct line_reader {
    auth_bytes left;
    const char *member; /* that is being read, for an error */
} line_reader;

/* Goes past a word if it comes next. */
bool line_skip(line_reader *in, const char *word);

/* Begins a member: the word is its name with what stands before its value. */
bool line_begins(line_reader *in, const char *member, const char *word);

/* Takes a string without escapes up to its quotation mark, and goes past that. */
bool line_take(line_reader *in, auth_bytes *out);

/* The same for a string of a form, as text. */
bool line_take_text(line_reader *in, char *out, size_t size, bool (*fits)(auth_bytes));

/* The same for lower-case hex of exactly len octets. */
bool line_take_hex(line_reader *in, uint8_t *out, size_t len);

/* Takes a number without leading zeros, up to max. */
bool line_take_number(line_reader *in, uint64_t max, uint64_t *out);

/* Decodes lower-case hex of len octets. */
bool line_hex(const uint8_t *text, uint8_t *out, size_t len);

#endif
