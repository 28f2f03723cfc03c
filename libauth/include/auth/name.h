/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_name
 * @brief distinguished names, built from attributes and never from text
 *
 * A name is built attribute by attribute, oldest first, each a relative distinguished name of its
 * own. Text like "/CN=..." or "CN=...,O=..." is never parsed: what a person typed can then never
 * turn into a second attribute. A value is UTF-8 as it will be seen: control, bidirectional,
 * zero-width and noncharacter code points are refused, and so is what passes the upper bounds of
 * X.520.
 *
 * Elsewhere in libauth a name is the DER of a Name; the functions here take that.
 */
#ifndef AUTH_NAME_H
#define AUTH_NAME_H

#include <auth/bytes.h>

AUTH_BEGIN_DECLS

typedef struct auth_name auth_name;

/* The most octets of a name's DER that is built here. */
#define AUTH_NAME_MAX 8192

/**
 * Make an empty name.
 *
 * Ownership: gives *out, to be freed with auth_name_free.
 * Errors: AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_name_new(auth_name **out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a name. NULL is fine.
 */
AUTH_API void auth_name_free(auth_name *name);

/**
 * Append an attribute.
 *
 * type is a short name ("CN", "SN", "serialNumber", "C", "L", "ST", "street", "O", "OU", "title",
 * "GN", "initials", "dnQualifier", "pseudonym", "organizationIdentifier", "UID", "DC",
 * "emailAddress") or any OID, dotted. Country, serialNumber and dnQualifier are written as
 * PrintableString, DC and emailAddress as IA5String, all others as UTF8String. On failure the name
 * is as it was.
 *
 * Errors: AUTH_STATUS_INVALID naming attribute, position and rule, never the value;
 * AUTH_STATUS_NOT_FOUND for a type that is neither; AUTH_STATUS_LIMIT above AUTH_NAME_MAX octets.
 * Source: RFC 5280 section 4.1.2.4 and appendix A.1; X.520.
 */
AUTH_API auth_status auth_name_add(auth_name *name, const char *type, auth_bytes value,
                                   auth_error *err) AUTH_MUST_CHECK;

/**
 * View the DER of a name.
 *
 * Ownership: borrows; valid until the name changes or is freed.
 */
AUTH_API auth_bytes auth_name_der(const auth_name *name);

/* Whether what may be a person number is shown. */
typedef enum auth_reveal {
    AUTH_MASKED = 0,
    AUTH_REVEALED = 1,
} auth_reveal;

/**
 * Append a name (DER) as RFC 4514 text, newest attribute first.
 *
 * Masked, every row of letters and digits with twelve digits or more is shown as '*', in
 * serialNumber from five digits on, and values that are no text not at all. Attribute types that
 * libauth does not know are shown dotted with their values in hex.
 *
 * Errors: AUTH_STATUS_MALFORMED when it is no Name; AUTH_STATUS_UNSUPPORTED above 64 RDNs;
 * AUTH_STATUS_LIMIT when out is full; AUTH_STATUS_MEMORY.
 * Source: RFC 4514 section 2.
 */
AUTH_API auth_status auth_name_text(auth_bytes name, auth_reveal reveal, auth_buf *out,
                                    auth_error *err) AUTH_MUST_CHECK;

/**
 * Tell whether two names (DER) are the same by RFC 5280 section 7.1: ASCII case and the number of
 * spaces do not count, nor which string type holds a value; other letters count as they are.
 *
 * Malformed names are the same only when they are identical.
 */
AUTH_API bool auth_name_equal(auth_bytes a, auth_bytes b);

AUTH_DEFINE_CLEANUP(auth_name)

AUTH_END_DECLS

#endif
