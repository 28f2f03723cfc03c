/* SPDX-License-Identifier: Apache-2.0 */
/* Distinguished names: built from attribute pairs, never from text like "/CN="; shown by RFC 4514.
 */
#ifndef X509_NAME_H
#define X509_NAME_H

#include "base/der.h"
#include "base/oid.h"

/* Tells whether a type is one of those in attribute.def. */
bool x509_is_attribute(oid type);

/* The string type that an attribute is written in: DER_UTF8_STRING unless attribute.def differs. */
uint8_t x509_attribute_tag(oid type);

/* The most characters an attribute may have by attribute.def; 256 when it is not there. */
size_t x509_attribute_max(oid type);

/*
 * Appends one RDN with one attribute: PrintableString for country, serialNumber and dnQualifier,
 * IA5String for DC and emailAddress, UTF8String otherwise (RFC 5280 4.1.2.4, appendix A).
 * value is UTF-8 and has been checked with x509_check_text. The caller opens and closes the Name.
 */
void x509_put_attribute(der_writer *writer, oid type, auth_bytes value);

/* The same for any type, given by the content octets of its OID, and any string type. */
void x509_put_attribute_type(der_writer *writer, auth_bytes type, uint8_t tag, auth_bytes value);

/*
 * Checks text for a name: UTF-8 without overlong forms or surrogates; no control, NUL,
 * bidirectional, zero-width or noncharacter code points; min to max characters; the alphabet of its
 * string type; a country of two capital letters. Errors: AUTH_STATUS_INVALID naming attribute,
 * position and rule, never the text.
 */
auth_status x509_check_text(oid type, auth_bytes value, size_t min_characters,
                            size_t max_characters, auth_error *err) AUTH_MUST_CHECK;

typedef struct x509_attribute {
    oid id;
    auth_bytes type; /* content octets of the OID */
    uint8_t tag;
    auth_bytes value; /* content octets */
    auth_bytes whole; /* the value with tag and length */
    bool starts_rdn;  /* false: a further attribute of the same RDN */
} x509_attribute;

typedef struct x509_name_cursor {
    auth_bytes rdns;
    auth_bytes set;
    bool is_malformed;
} x509_name_cursor;

/*
 * Walk over a whole Name, oldest RDN first. x509_name_next is false at the end and when what comes
 * is malformed, which cursor->is_malformed tells apart.
 */
x509_name_cursor x509_name_start(auth_bytes name);
bool x509_name_next(x509_name_cursor *cursor, x509_attribute *out);

/*
 * Tells whether two whole Names are the same by RFC 5280 section 7.1: RDN by RDN, the attributes of
 * an RDN in any order, string types not told apart, spaces at the ends dropped and runs of them
 * taken for one, ASCII letters of either case the same. Other letters are compared as they are, so
 * that two names may be told apart that Unicode would fold, and never the other way round. A
 * malformed Name, or an RDN of more than 16 attributes, is the same as an identical one only.
 */
bool x509_name_equal(auth_bytes a, auth_bytes b);

/* SHA-256 of a Name in one spelling of all that are the same. */
typedef struct x509_digest_of_name {
    uint8_t octets[32];
} x509_digest_of_name;

/*
 * Hashes a whole Name: two digests are equal when x509_name_equal is true, and then only. For names
 * that are compared each with each, which takes long when somebody chose them for that. Errors:
 * AUTH_STATUS_MEMORY, AUTH_STATUS_CRYPTO.
 */
auth_status x509_name_digest(auth_bytes name, x509_digest_of_name *out,
                             auth_error *err) AUTH_MUST_CHECK;
bool x509_name_digest_equal(const x509_digest_of_name *a, const x509_digest_of_name *b);

/* A Name with more RDNs is not written as text. */
#define X509_NAME_RDNS_MAX 64

/*
 * Writes a whole Name as RFC 4514 text, newest RDN first; unknown types dotted with #hex values.
 * Characters that are not seen are written as \hex too. Errors: AUTH_STATUS_MALFORMED;
 * AUTH_STATUS_UNSUPPORTED above X509_NAME_RDNS_MAX; AUTH_STATUS_LIMIT when out is full;
 * AUTH_STATUS_MEMORY.
 */
auth_status x509_name_text(auth_bytes name, auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * The same, with what may be a person number masked by '*': what follows the hyphen of a semantics
 * identifier (PNOCN-, EN 319 412-1 5.1.3) in serialNumber, digits in rows of 12 and more, and
 * #hex values whole.
 */
auth_status x509_name_text_masked(auth_bytes name, auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

#endif
