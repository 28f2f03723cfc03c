-- SPDX-License-Identifier: Apache-2.0
--
-- A million issued certificates with all that belongs to them, made behind the triggers' back; for
-- test_registry_plans.c, after the realm of harness/registry_rows.c. Keys rise, so that indexes are
-- made quickly; how many there are decides a plan, not how they look.

SET search_path = registry;
SET session_replication_role = replica;
SET synchronous_commit = off;

-- One in a hundred is open, one in five thousand approved, so that the queue is short.
INSERT INTO request (request_id, kind, office_no, state, item_count, payload_hash, document, seal_key, created_at,
    expires_at, submitted_at, decided_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 1, 1 + n % 3, state, 1, '\x0000000000000000000000000000000000000000000000000000000000000000',
        '\x00000000000000000000000000000000000000000000000000000000', 1, '2025-01-01Z', '2025-01-02Z',
        '2025-01-01Z'::timestamptz + n * interval '1 s', CASE WHEN state > 3 THEN '2025-01-01Z'::timestamptz END
    FROM generate_series(1, 1000000) n,
        LATERAL (SELECT CASE WHEN n % 5000 = 0 THEN 2 WHEN n % 100 = 0 THEN 1 ELSE 4 END AS state) s;
INSERT INTO request_item SELECT lpad(to_hex(n), 32, '0')::uuid, 0, decode(lpad(to_hex(n), 64, '0'), 'hex'), NULL
    FROM generate_series(1, 1000000) n;
INSERT INTO outcome SELECT lpad(to_hex(n), 32, '0')::uuid, 0, 0, NULL, NULL, decode('012c' || lpad(to_hex(n), 32, '0'), 'hex'),
    '2025-01-01Z' FROM generate_series(1, 1000000) n;
INSERT INTO certificate SELECT decode('012' || substr('cdef', 1 + n / 250001, 1) || lpad(to_hex(n), 32, '0'), 'hex'), 1,
    n % 100, 0, lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid, NULL, 1 + n % 3, 'citizen-signing',
    decode(lpad(to_hex(n), 64, '0'), 'hex'), '2025-01-01Z', '2035-01-01Z', '2025-01-01Z',
    decode(repeat('00', 64), 'hex')
    FROM generate_series(1, 1000000) n;
INSERT INTO ledger_entry (event, item, request_id, serial, office_no, body)
    SELECT 33, 0, lpad(to_hex(n), 32, '0')::uuid, decode('012c' || lpad(to_hex(n), 32, '0'), 'hex'), 1, '{}'
    FROM generate_series(1, 1000000) n;

-- Of these fewer tell as much.
INSERT INTO signature (request_id, place, signer_serial, officer_id, signed_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 0, decode('012c' || lpad(to_hex(n % 100), 32, '0'), 'hex'), 'officer-1',
        '2025-01-01Z' FROM generate_series(1, 200000) n;
INSERT INTO citizen SELECT lpad(to_hex(n), 32, '0')::uuid, 1 + n % 3, decode(lpad(to_hex(n), 64, '0'), 'hex'),
    decode(repeat('00', 28), 'hex'), decode(repeat('00', 28), 'hex'), 1, '2025-01-01Z'
    FROM generate_series(1, 200000) n;
INSERT INTO live_certificate SELECT lpad(to_hex(n), 32, '0')::uuid, 'signing',
    decode('012c' || lpad(to_hex(n), 32, '0'), 'hex'), '2035-01-01Z' FROM generate_series(1, 200000) n;
INSERT INTO key_holder SELECT decode(lpad(to_hex(n), 64, '0'), 'hex'), lpad(to_hex(n), 32, '0')::uuid, NULL
    FROM generate_series(1, 200000) n;
INSERT INTO revocation (serial, step, authority_id, shard, action, reason, at, not_after, request_id, item)
    SELECT decode('012c' || lpad(to_hex(n), 32, '0'), 'hex'), 1, 1, n % 100, 1, 1, '2025-01-01Z', '2035-01-01Z',
        lpad(to_hex(n), 32, '0')::uuid, 0 FROM generate_series(1, 200000) n;
RESET session_replication_role;
ANALYZE;
