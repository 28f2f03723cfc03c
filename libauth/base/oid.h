/* SPDX-License-Identifier: Apache-2.0 */
/* The object identifiers that libauth knows, from oid.def, compared as DER and never as text. */
#ifndef BASE_OID_H
#define BASE_OID_H

#include <auth/bytes.h>

typedef enum oid {
    OID_UNKNOWN = 0,
#define OID_ROW(id, dotted, name, octets) OID_##id,
#include "base/oid.def"
    OID_COUNT,
} oid;

/* The content octets of an OID; static. */
auth_bytes oid_bytes(oid id);

/* Finds the OID with these content octets; OID_UNKNOWN when there is none. */
oid oid_find(auth_bytes content);

/* "CN", "basicConstraints"; "" for OID_UNKNOWN. */
const char *oid_name(oid id);

/* "2.5.4.3"; "" for OID_UNKNOWN. */
const char *oid_dotted(oid id);

/* Finds an OID by its name or its dotted form; OID_UNKNOWN when there is none. */
oid oid_named(const char *name);

#endif
