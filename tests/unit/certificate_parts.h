/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates assembled from parts that a test may each replace, good or bad, without a signature
 * that means anything. What is left empty becomes what a plain good certificate has.
 */
#ifndef UNIT_CERTIFICATE_PARTS_H
#define UNIT_CERTIFICATE_PARTS_H

#include "base/der.h"
#include "base/oid.h"
#include "harness/data.h"

#define PARTS_MAX 8192

typedef struct certificate_parts {
    auth_bytes version;   /* whole; "\x05\x00" leaves it out */
    auth_bytes serial;    /* INTEGER, whole */
    auth_bytes algorithm; /* AlgorithmIdentifiers, whole */
    auth_bytes outer_algorithm;
    auth_bytes issuer; /* Names, whole */
    auth_bytes subject;
    auth_bytes validity;   /* SEQUENCE, whole */
    auth_bytes spki;       /* whole */
    auth_bytes unique_id;  /* whole; absent when empty */
    auth_bytes extensions; /* content of Extensions; absent when empty */
} certificate_parts;

typedef struct parts_room {
    size_t len;
    uint8_t octets[PARTS_MAX];
} parts_room;

#define PARTS(room) ((auth_bytes){(room).octets, (room).len})

static inline auth_bytes parts_or(auth_bytes part, auth_bytes otherwise)
{
    return part.data == NULL ? otherwise : part;
}

/* ecdsa-with-SHA256; C=CN, O=Authority; 2025-01-01 to 2027-01-01 less a second. */
#define PARTS_ALGORITHM BYTES("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")
#define PARTS_ISSUER                                                                               \
    BYTES("\x30\x21\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02"                                   \
          "CN"                                                                                     \
          "\x31\x12\x30\x10\x06\x03\x55\x04\x0a\x0c\x09"                                           \
          "Authority")
#define PARTS_SUBJECT                                                                              \
    BYTES("\x30\x1e\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02"                                   \
          "CN"                                                                                     \
          "\x31\x0f\x30\x0d\x06\x03\x55\x04\x03\x0c\x06"                                           \
          "Holder")
#define PARTS_VALIDITY                                                                             \
    BYTES("\x30\x1e\x17\x0d"                                                                       \
          "250101000000Z"                                                                          \
          "\x17\x0d"                                                                               \
          "261231235959Z")
/* The base point of P-256: a key that is on its curve and nobody's. */
#define PARTS_SPKI                                                                                 \
    BYTES("\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03"   \
          "\x01\x07\x03\x42\x00\x04"                                                               \
          "\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2"                       \
          "\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96"                       \
          "\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16"                       \
          "\x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51\xf5")

static inline void parts_put_tbs(der_writer *writer, const certificate_parts *parts)
{
    size_t tbs = der_open(writer, DER_SEQUENCE);
    auth_bytes version = parts_or(parts->version, BYTES("\xa0\x03\x02\x01\x02"));
    if (version.data[0] != DER_NULL)
        der_put(writer, version);
    der_put(writer, parts_or(parts->serial, BYTES("\x02\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09")));
    der_put(writer, parts_or(parts->algorithm, PARTS_ALGORITHM));
    der_put(writer, parts_or(parts->issuer, PARTS_ISSUER));
    der_put(writer, parts_or(parts->validity, PARTS_VALIDITY));
    der_put(writer, parts_or(parts->subject, PARTS_SUBJECT));
    der_put(writer, parts_or(parts->spki, PARTS_SPKI));
    der_put(writer, parts->unique_id);
    if (parts->extensions.len > 0) {
        size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(3));
        der_put_item(writer, DER_SEQUENCE, parts->extensions);
        der_close(writer, tagged);
    }
    der_close(writer, tbs);
}

static inline void parts_make(const certificate_parts *parts, parts_room *out)
{
    der_writer writer = der_writer_on(out->octets, sizeof out->octets);
    size_t whole = der_open(&writer, DER_SEQUENCE);
    parts_put_tbs(&writer, parts);
    der_put(&writer, parts_or(parts->outer_algorithm, PARTS_ALGORITHM));
    der_put_bit_octets(&writer, BYTES("\x30\x06\x02\x01\x01\x02\x01\x01"));
    der_close(&writer, whole);
    if (writer.has_failed)
        harness_die("a test certificate passed %d octets", PARTS_MAX);
    out->len = writer.len;
}

/* Appends an Extension. */
static inline void parts_put_extension(parts_room *room, oid id, bool is_critical, auth_bytes value)
{
    der_writer writer = der_writer_on(room->octets, sizeof room->octets);
    writer.len = room->len;
    size_t extension = der_open(&writer, DER_SEQUENCE);
    der_put_oid(&writer, oid_bytes(id));
    if (is_critical)
        der_put_bool(&writer, true);
    der_put_item(&writer, DER_OCTET_STRING, value);
    der_close(&writer, extension);
    if (writer.has_failed)
        harness_die("test extensions passed %d octets", PARTS_MAX);
    room->len = writer.len;
}

#endif
