/* SPDX-License-Identifier: Apache-2.0 */
/* Characters of the ASN.1 string types, one by one. Internal to x509. */
#ifndef X509_TEXT_H
#define X509_TEXT_H

#include "base/der.h"

/* Tells whether a tag is that of a string type that x509_next_character reads. */
bool x509_is_text(uint8_t tag);

/*
 * Takes the next character of a string's content and tells its code point. False at the end and,
 * with octets left, for what is no character of this type: UTF-8 that is overlong, cut or a
 * surrogate; PrintableString and IA5String above 0x7f. TeletexString is read as Latin-1, as
 * everybody who still wrote it meant it.
 */
bool x509_next_character(uint8_t tag, auth_bytes *text, uint32_t *code);

/* Writes a code point as UTF-8 into out[4]; returns how many octets that took. */
size_t x509_put_utf8(uint32_t code, uint8_t out[4]);

/*
 * Tells whether a code point has no place in a name, since it is not seen or changes how others are
 * seen: control, formatting, bidirectional, zero-width and tag characters, line separators,
 * fillers, noncharacters.
 */
bool x509_is_unseen(uint32_t code);

/* Tells whether a character stands in PrintableString's alphabet (X.680 41.4). */
bool x509_is_printable(uint32_t code);

#endif
