/* SPDX-License-Identifier: Apache-2.0 */
/* Distinguished names: built from attribute pairs, never from text like "/CN="; shown by RFC 4514.
 */
#ifndef X509_NAME_H
#define X509_NAME_H

#include "base/der.h"
#include "base/oid.h"

/*
 * Appends one RDN with one attribute: PrintableString for country, serialNumber and dnQualifier,
 * IA5String for DC and emailAddress, UTF8String otherwise (RFC 5280 4.1.2.4, appendix A).
 * value is UTF-8 and has been checked with x509_check_text. The caller opens and closes the Name.
 */
void x509_put_attribute(der_writer *writer, oid type, auth_bytes value);

/*
 * Checks text for a name: UTF-8 without overlong forms or surrogates; no control, NUL,
 * bidirectional, zero-width or noncharacter code points; min to max characters; for PrintableString
 * types, its alphabet. Errors: AUTH_STATUS_INVALID naming attribute, position and rule.
 */
auth_status x509_check_text(oid type, auth_bytes value, size_t min_characters,
                            size_t max_characters, auth_error *err) AUTH_MUST_CHECK;

typedef struct x509_attribute {
    oid id;
    auth_bytes type; /* content octets of the OID */
    uint8_t tag;
    auth_bytes value; /* content octets */
    bool starts_rdn;  /* false: a further attribute of the same RDN */
} x509_attribute;

/* Walks over a whole Name; *cursor starts as its content. False at the end or when malformed. */
typedef struct x509_name_cursor {
    auth_bytes rdns;
    auth_bytes set;
    bool is_malformed;
} x509_name_cursor;

x509_name_cursor x509_name_start(auth_bytes name);
bool x509_name_next(x509_name_cursor *cursor, x509_attribute *out);

/* Tells whether two whole Names are the same by RFC 5280 section 7.1 (case, inner spaces folded).
 */
bool x509_name_equal(auth_bytes a, auth_bytes b);

/* Writes a whole Name as RFC 4514 text, newest RDN first; unknown types dotted with #hex values. */
auth_status x509_name_text(auth_bytes name, auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

#endif
