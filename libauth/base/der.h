/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing DER (X.690 section 10 and 11). Internal to libauth.
 *
 * The reader walks over borrowed octets and accepts DER only: definite lengths, minimally encoded,
 * one-octet tags. It never allocates and never recurses. A cursor is a view of what is not read
 * yet; a take that fails leaves it where it was. The writer appends to room that the caller owns,
 * keeps the first failure, and is asked once at the end.
 */
#ifndef BASE_DER_H
#define BASE_DER_H

#include <auth/bytes.h>
#include <auth/time.h>

#define DER_BOOLEAN 0x01
#define DER_INTEGER 0x02
#define DER_BIT_STRING 0x03
#define DER_OCTET_STRING 0x04
#define DER_NULL 0x05
#define DER_OID 0x06
#define DER_ENUMERATED 0x0a
#define DER_UTF8_STRING 0x0c
#define DER_PRINTABLE_STRING 0x13
#define DER_TELETEX_STRING 0x14
#define DER_IA5_STRING 0x16
#define DER_UNIVERSAL_STRING 0x1c
#define DER_BMP_STRING 0x1e
#define DER_SEQUENCE 0x30
#define DER_SET 0x31
/* Context-specific tags: DER_CONTEXT(0) is [0] primitive, DER_CONTEXT_CONSTRUCTED(0) constructed.
 */
#define DER_CONTEXT(number) ((uint8_t)(0x80U | (number)))
#define DER_CONTEXT_CONSTRUCTED(number) ((uint8_t)(0xa0U | (number)))

typedef struct der_item {
    uint8_t tag;
    auth_bytes content; /* without tag and length */
    auth_bytes whole;   /* with them */
} der_item;

/* Takes the next item, whatever it is. False at the end and for anything that is not DER. */
bool der_next(auth_bytes *cursor, der_item *out);

/* Takes the next item if it has this tag. */
bool der_take(auth_bytes *cursor, uint8_t tag, auth_bytes *content);

/* The same, giving the item with tag and length as well. */
bool der_take_item(auth_bytes *cursor, uint8_t tag, der_item *out);

/*
 * Takes the next item if it has this tag; otherwise takes nothing and gives an empty *content with
 * data NULL. False only when there is an item of this tag that is not DER.
 */
bool der_take_optional(auth_bytes *cursor, uint8_t tag, auth_bytes *content);

/* Tells whether the next item has this tag. */
bool der_peek(auth_bytes cursor, uint8_t tag);

/* Takes an INTEGER, giving its content octets, minimal by X.690 8.3.2 and possibly negative. */
bool der_take_integer(auth_bytes *cursor, auth_bytes *content);

/* Takes an INTEGER from 0 to max. */
bool der_take_uint(auth_bytes *cursor, uint64_t max, uint64_t *out);

/* Takes a BOOLEAN, 0x00 or 0xff (X.690 11.1). */
bool der_take_bool(auth_bytes *cursor, bool *out);

/* Takes an ENUMERATED from 0 to 127. */
bool der_take_enumerated(auth_bytes *cursor, uint8_t *out);

/* Takes an OBJECT IDENTIFIER, giving its content octets, well formed by X.690 8.19. */
bool der_take_oid(auth_bytes *cursor, auth_bytes *content);

/* Takes a BIT STRING whose unused bits are zero (X.690 11.2.1). */
bool der_take_bits(auth_bytes *cursor, auth_bytes *octets, uint8_t *unused_bits);

/* Takes a BIT STRING of whole octets: a signature, a key. */
bool der_take_bit_octets(auth_bytes *cursor, auth_bytes *octets);

/* Takes a UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 restricts them. */
bool der_take_time(auth_bytes *cursor, auth_time *out, auth_error *err);

/* Tell whether content octets are those of an INTEGER or an OBJECT IDENTIFIER. */
bool der_is_integer(auth_bytes content);
bool der_is_oid(auth_bytes content);

/* Reads exactly one item of this tag that fills der; trailing octets are refused. */
bool der_only(auth_bytes der, uint8_t tag, auth_bytes *content);

/* Writes the content octets of an OID as "1.2.156": false when they do not fit or are none. */
bool der_oid_text(auth_bytes content, char *out, size_t size);

/* Reads "1.2.156" into content octets; false when it is no OID or does not fit into size octets. */
bool der_oid_parse(const char *text, uint8_t *out, size_t size, size_t *len);

typedef struct der_writer {
    uint8_t *room;
    size_t size;
    size_t len;
    bool has_failed;
} der_writer;

der_writer der_writer_on(uint8_t *room, size_t size);

/* What was written; empty with data NULL when it did not fit. */
auth_bytes der_written(const der_writer *writer);

/* Appends octets that are DER already. */
void der_put(der_writer *writer, auth_bytes der);

/* Appends one item. */
void der_put_item(der_writer *writer, uint8_t tag, auth_bytes content);

/* Begins a constructed item; what is written until der_close(writer, mark) is its content. */
size_t der_open(der_writer *writer, uint8_t tag);
void der_close(der_writer *writer, size_t mark);

void der_put_bool(der_writer *writer, bool value);
void der_put_uint(der_writer *writer, uint64_t value);
/* An unsigned big-endian number as INTEGER: leading zeros are dropped, a sign octet is added. */
void der_put_unsigned(der_writer *writer, auth_bytes big_endian);
void der_put_enumerated(der_writer *writer, uint8_t value);
void der_put_null(der_writer *writer);
/* content: the content octets of an OID. */
void der_put_oid(der_writer *writer, auth_bytes content);
void der_put_bit_octets(der_writer *writer, auth_bytes octets);
/* A named bit list (key usage, reasons): bit 0 is the first; trailing zeros dropped (X.690 11.2.2).
 */
void der_put_named_bits(der_writer *writer, uint8_t tag, uint32_t bits);
/* UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5). */
void der_put_time(der_writer *writer, auth_time time);
/* GeneralizedTime always (RFC 6960 4.2.2.1). */
void der_put_generalized_time(der_writer *writer, auth_time time);

/* How many octets tag and length of an item with this many content octets take. */
size_t der_header_len(size_t content_len);

/* Writes tag and length alone, for an item whose content follows. */
void der_put_header(der_writer *writer, uint8_t tag, size_t content_len);

#endif
