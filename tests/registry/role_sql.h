/* SPDX-License-Identifier: Apache-2.0 */
/* SQL that role_cases.def repeats. Arguments are SQL as text. */
#ifndef TEST_ROLE_SQL_H
#define TEST_ROLE_SQL_H

#define TEST_CERTIFICATE(serial, request, office)                                                  \
    "INSERT INTO certificate (serial, authority_id, shard, item, request_id, citizen_id, "         \
    "office_no,"                                                                                   \
    " profile, key_hash, not_before, not_after, issued_at, der) VALUES (" serial                   \
    ", 1, 0, 0, " request ", test_id(8), " office                                                  \
    ", 'citizen-signing', test_hash('key60'), '2025-01-01Z', '2035-01-01Z',"                       \
    " '2025-01-01Z', decode(repeat('00', 64), 'hex'))"

/* An act on certificate number, as item of request 30. */
#define TEST_ACT(number, action, reason, item)                                                     \
    "INSERT INTO revocation (serial, authority_id, shard, action, reason, at, not_after, "         \
    "request_id, "                                                                                 \
    "item) VALUES (test_serial(" number "), 1, 0, " action ", " reason                             \
    ", now(), '2035-01-01Z', test_id(30), " item ")"

#define TEST_CRL(number, at)                                                                       \
    "INSERT INTO crl (authority_id, shard, number, revision, this_update, next_update, "           \
    "entry_count, "                                                                                \
    "der) VALUES (1, 0, " number ", 2, " at ", " at " + interval '1 day', 1, '\\x00')"

#define TEST_REQUEST(office, state) TEST_REQUEST_OF("1", office, state)
#define TEST_CEREMONY(office) TEST_REQUEST_OF("11", office, "2")
#define TEST_REQUEST_OF(kind, office, state)                                                       \
    "INSERT INTO request (request_id, kind, office_no, state, item_count, payload_hash, "          \
    "document, "                                                                                   \
    "seal_key, created_at, expires_at) SELECT test_id(50), " kind ", office_no, " state            \
    ", 1, test_hash('x'), decode(repeat('00', 64), 'hex'), 1, now(), now() + interval '1 day' "    \
    "FROM office"                                                                                  \
    " WHERE office_id = " office

/* Tables of one's own that say: this login speaks for everything. */
#define TEST_SHADOW                                                                                \
    "CREATE TEMP TABLE office_login AS SELECT session_user AS login, 1 AS office_no;"              \
    "CREATE TEMP TABLE office AS SELECT n AS office_no, '/' AS path, NULL::timestamptz AS "        \
    "closed_at"                                                                                    \
    " FROM generate_series(1, 9) n;"                                                               \
    "SET search_path = pg_temp, registry;"

#endif
