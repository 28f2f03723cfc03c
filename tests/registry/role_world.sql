-- SPDX-License-Identifier: Apache-2.0
--
-- The world of test_roles.c: two provinces and a city, a request in each state, certificates as they are after
-- issuance, revocation and suspension. Run by the superuser in a database with the schema. Requests and certificates
-- are numbered: request 00...0N, certificate 012c...0N (of issue epoch 300, which is 1981, so that no clock matters).

CREATE ROLE test_ra_guangdong LOGIN PASSWORD 'test' IN ROLE auth_ra;
CREATE ROLE test_lra_shenzhen LOGIN PASSWORD 'test' IN ROLE auth_lra;
CREATE ROLE test_ra_nowhere LOGIN PASSWORD 'test' IN ROLE auth_ra;
CREATE ROLE test_ra_closed LOGIN PASSWORD 'test' IN ROLE auth_ra;

SET search_path = registry;
SET ROLE auth_owner;
BEGIN;

CREATE FUNCTION test_hash(what text) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN sha256(what::bytea);
CREATE FUNCTION test_id(number integer) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN ('00000000-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid;
CREATE FUNCTION test_serial(number integer) RETURNS bytea LANGUAGE sql IMMUTABLE
    RETURN decode('012c' || lpad(number::text, 32, '0'), 'hex');
GRANT EXECUTE ON FUNCTION test_hash(text), test_id(integer), test_serial(integer)
    TO auth_ca, auth_ra, auth_lra, auth_ocsp, auth_auditor;

SELECT make_partitions(300, 300);
INSERT INTO realm (realm_id) VALUES ('test');
INSERT INTO seal_key (seal_key, check_value) VALUES (1, test_hash('seal key'));
INSERT INTO authority (authority_id, name, certificate, key_hash, not_after)
    VALUES (1, 'citizens', decode(repeat('00', 64), 'hex'), test_hash('authority'), '2040-01-01Z');
INSERT INTO office (office_id, parent_no, path, region, name, opened_at) VALUES
    ('centre', NULL, '/centre/', '000000', 'Centre', '2025-01-01Z');
INSERT INTO office (office_id, parent_no, path, region, name, opened_at) VALUES
    ('guangdong', 1, '/centre/guangdong/', '440000', 'Guangdong', '2025-01-01Z'),
    ('beijing', 1, '/centre/beijing/', '110000', 'Beijing', '2025-01-01Z'),
    -- Begins as another one's name does, and is not below it.
    ('guangdong-2', 1, '/centre/guangdong-2/', '440000', 'Guangdong 2', '2025-01-01Z');
INSERT INTO office (office_id, parent_no, path, region, name, opened_at) VALUES
    ('shenzhen', 2, '/centre/guangdong/shenzhen/', '440300', 'Shenzhen', '2025-01-01Z'),
    ('closed', 1, '/centre/closed/', '440000', 'Closed', '2025-01-01Z');
UPDATE office SET closed_at = '2025-06-01Z', closed_by = test_id(99) WHERE office_id = 'closed';
INSERT INTO office_login (login, office_no)
    SELECT login, office_no FROM office JOIN (VALUES ('guangdong', 'test_ra_guangdong'),
        ('shenzhen', 'test_lra_shenzhen'), ('closed', 'test_ra_closed')) l (office_id, login) USING (office_id);

INSERT INTO officer (officer_id, office_no, role, person_index, sealed_name, seal_key, appointed_at)
    SELECT office_id || '-' || role, office_no, role, test_hash(office_id || role), decode(repeat('00', 64), 'hex'), 1,
        '2025-01-01Z'
    FROM office, generate_series(1, 2) role WHERE closed_at IS NULL;

-- Request N is of office OFFICE and comes to state STATE; it has one item, and certificate N comes of it when it is done.
CREATE FUNCTION test_request(number integer, kind integer, of_office text, come_to integer) RETURNS void LANGUAGE plpgsql
    SET search_path = registry AS $$
DECLARE
    home integer := (SELECT office_no FROM office WHERE office_id = of_office);
BEGIN
    INSERT INTO request (request_id, kind, office_no, item_count, payload_hash, document, seal_key, created_at,
        expires_at, submitted_at)
        VALUES (test_id(number), kind, home, 1, test_hash('payload' || number), decode(repeat('00', 64), 'hex'), 1,
            '2025-01-01Z', '2040-01-01Z', '2025-01-01Z'::timestamptz + number * interval '1 s');
    INSERT INTO request_item (request_id, item, person_index) VALUES (test_id(number), 0, test_hash('person' || number));
    INSERT INTO signature (request_id, place, signer_serial, officer_id, signed_at)
        VALUES (test_id(number), 0, test_serial(90), of_office || '-1', '2025-01-01Z');
    INSERT INTO ledger_entry (event, request_id, office_no, body) VALUES (1, test_id(number), home, '{}');
    IF come_to IN (2, 3, 4, 5) THEN
        UPDATE request SET state = 2 WHERE request_id = test_id(number);
    END IF;
    IF come_to = 4 THEN
        INSERT INTO citizen (citizen_id, office_no, person_index, sealed_number, sealed_name, seal_key, created_at)
            VALUES (test_id(number), home, test_hash('person' || number), decode(repeat('00', 64), 'hex'),
                decode(repeat('00', 64), 'hex'), 1, '2025-01-01Z');
        INSERT INTO outcome (request_id, item, status, serial, at)
            VALUES (test_id(number), 0, 0, test_serial(number), '2025-01-01Z');
        INSERT INTO certificate (serial, authority_id, shard, item, request_id, citizen_id, office_no, profile,
            key_hash, not_before, not_after, issued_at, der)
            VALUES (test_serial(number), 1, 0, 0, test_id(number), test_id(number), home, 'citizen-signing',
                test_hash('key' || number), '2025-01-01Z', '2035-01-01Z', '2025-01-01Z', decode(repeat('00', 64), 'hex'));
        INSERT INTO live_certificate VALUES (test_id(number), 'signing', test_serial(number), '2035-01-01Z');
        INSERT INTO key_holder VALUES (test_hash('key' || number), test_id(number), NULL);
    END IF;
    IF come_to = 3 THEN
        INSERT INTO outcome (request_id, item, status, at) VALUES (test_id(number), 0, 0, '2025-01-01Z');
    END IF;
    IF come_to > 2 THEN
        UPDATE request SET state = come_to, decided_at = CASE WHEN come_to > 3 THEN now() END
            WHERE request_id = test_id(number);
    END IF;
END $$;

SELECT test_request(1, 1, 'shenzhen', 1), test_request(2, 1, 'shenzhen', 2), test_request(3, 1, 'shenzhen', 3),
    test_request(4, 1, 'shenzhen', 4), test_request(5, 1, 'shenzhen', 5), test_request(6, 1, 'shenzhen', 6),
    test_request(7, 1, 'guangdong', 1), test_request(8, 1, 'guangdong', 4),
    test_request(11, 1, 'beijing', 1), test_request(12, 1, 'beijing', 2), test_request(14, 1, 'beijing', 4),
    test_request(17, 1, 'guangdong-2', 1),
    -- Of shenzhen: revoked, suspended, and an approved request that is to revoke.
    test_request(21, 1, 'shenzhen', 4), test_request(22, 1, 'shenzhen', 4), test_request(23, 4, 'shenzhen', 2);

-- A request of several items that all have their outcome; each allows one act.
INSERT INTO request (request_id, kind, office_no, state, item_count, payload_hash, document, seal_key, created_at, expires_at)
    VALUES (test_id(30), 4, 2, 2, 9, test_hash('acts'), decode(repeat('00', 64), 'hex'), 1, '2025-01-01Z', '2040-01-01Z');
INSERT INTO request_item (request_id, item, serial) SELECT test_id(30), i, test_serial(21) FROM generate_series(0, 8) i;
INSERT INTO outcome (request_id, item, status, at) SELECT test_id(30), i, 0, now() FROM generate_series(0, 8) i;
INSERT INTO revocation (serial, authority_id, shard, action, reason, at, not_after, request_id, item) VALUES
    (test_serial(21), 1, 0, 1, 1, now(), '2035-01-01Z', test_id(30), 0),
    (test_serial(22), 1, 0, 2, 6, now(), '2035-01-01Z', test_id(30), 1);
INSERT INTO crl_scope VALUES (1, 0, 5);
INSERT INTO crl (authority_id, shard, number, revision, this_update, next_update, entry_count, der)
    VALUES (1, 0, 5, 2, '2026-01-01Z', '2026-01-02Z', 1, '\x00');
UPDATE crl_scope SET last_number = 6 WHERE authority_id = 1 AND shard = 0;
INSERT INTO ledger_leaf VALUES (0, 1, test_hash('leaf'));
INSERT INTO ledger_node VALUES (1, 0, test_hash('node'));
INSERT INTO ledger_head VALUES (1, test_hash('root'), now(), '3', decode(repeat('00', 64), 'hex'));
INSERT INTO blocked_key VALUES (test_hash('blocked'), 'Debian 2008');
COMMIT;
