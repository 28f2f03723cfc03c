/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of parameters and results. The letters are how statements.def writes parameters; the
 * numbers are PostgreSQL's, which never change (src/include/catalog/pg_type.dat). Internal to
 * registry/.
 */
#ifndef REGISTRY_TYPE_H
#define REGISTRY_TYPE_H

/* TYPE_ROW(identifier, letter, number, name) */
#define TYPE_TABLE(TYPE_ROW)                                                                       \
    TYPE_ROW(BOOL, 'o', 16, "bool")                                                                \
    TYPE_ROW(BYTES, 'b', 17, "bytea")                                                              \
    TYPE_ROW(INT64, 'i', 20, "int8")                                                               \
    TYPE_ROW(TEXT, 't', 25, "text")                                                                \
    TYPE_ROW(TIME, 'z', 1184, "timestamptz")                                                       \
    TYPE_ROW(UUID, 'u', 2950, "uuid")                                                              \
    TYPE_ROW(BYTES_ARRAY, 'B', 1001, "bytea[]")                                                    \
    TYPE_ROW(INT64_ARRAY, 'I', 1016, "int8[]")                                                     \
    TYPE_ROW(TEXT_ARRAY, 'T', 1009, "text[]")                                                      \
    TYPE_ROW(TIME_ARRAY, 'Z', 1185, "timestamptz[]")                                               \
    TYPE_ROW(UUID_ARRAY, 'U', 2951, "uuid[]")

enum {
#define TYPE_ENUM_ROW(id, letter, oid, name) TYPE_OID_##id = (oid),
    TYPE_TABLE(TYPE_ENUM_ROW)
    /* Only in results. */
    TYPE_OID_NAME = 19,
    TYPE_OID_INT16 = 21,
    TYPE_OID_INT32 = 23,
    TYPE_OID_VARCHAR = 1043,
};

#endif
