-- SPDX-License-Identifier: Apache-2.0
--
-- Certificates of daemons and responders are made anew before they end (docs/realm.md). What a ceremony certified for
-- one of them is the mandate: a certificate with its request and item may follow for the same key, of the same
-- authority, profile and office, as long as nothing of that key was revoked and the key is not blocked.

CREATE INDEX request_ceremony ON request (state) WHERE kind = 11;

-- Whether a certificate that its item's outcome does not name is such a one. With the rights of the owner, as the
-- triggers that call it.
CREATE FUNCTION is_renewal(request uuid, place smallint, authority smallint, key bytea, named text, office integer)
    RETURNS boolean LANGUAGE sql STABLE
    SET search_path = registry, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
    SELECT EXISTS (SELECT FROM request r
        JOIN outcome o ON o.request_id = r.request_id
        JOIN certificate m ON m.serial = o.serial
        WHERE r.request_id = request AND r.kind = 11 AND r.state = 4 AND o.item = place AND o.status = 0
            AND m.request_id = request AND m.item = place AND m.authority_id = authority AND m.key_hash = key
            AND m.profile = named AND m.office_no = office AND m.citizen_id IS NULL AND m.officer_id IS NULL)
    AND NOT EXISTS (SELECT FROM authority WHERE key_hash = key)
    AND NOT EXISTS (SELECT FROM blocked_key WHERE key_hash = key)
    AND NOT EXISTS (SELECT FROM certificate c CROSS JOIN LATERAL (SELECT action FROM revocation v
        WHERE v.serial = c.serial ORDER BY step DESC LIMIT 1) v WHERE c.key_hash = key AND v.action <> 3)
$$;

-- As in 0002, but for those.
CREATE OR REPLACE FUNCTION check_certificates() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = registry, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE lone record;
BEGIN
    FOR lone IN SELECT a.*, o.status FROM added a
        LEFT JOIN outcome o ON o.request_id = a.request_id AND o.item = a.item
        WHERE o.status IS DISTINCT FROM 0 OR o.serial IS DISTINCT FROM a.serial LOOP
        IF lone.citizen_id IS NOT NULL OR lone.officer_id IS NOT NULL OR NOT is_renewal(lone.request_id, lone.item,
            lone.authority_id, lone.key_hash, lone.profile, lone.office_no) THEN
            RAISE EXCEPTION 'certificate %: the outcome of request % item % names another serial number',
                encode(lone.serial, 'hex'), lone.request_id, lone.item USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    SELECT a.serial INTO lone FROM added a
        LEFT JOIN authority u ON u.authority_id = a.authority_id LEFT JOIN office f ON f.office_no = a.office_no
        LEFT JOIN citizen c ON c.citizen_id = a.citizen_id LEFT JOIN officer p ON p.officer_id = a.officer_id
        WHERE u.authority_id IS NULL OR f.office_no IS NULL OR (a.citizen_id IS NOT NULL AND c.citizen_id IS NULL)
            OR (a.officer_id IS NOT NULL AND p.officer_id IS NULL) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'certificate %: its authority, office or holder is not there', encode(lone.serial, 'hex')
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

-- What is nobody's: certificates of daemons, responders and authorities. Each daemon finds its own by its key. A barrier,
-- so that no condition of who asks is tried on the certificates of persons.
CREATE VIEW daemon_certificate WITH (security_barrier) AS
    SELECT serial, key_hash, profile, not_before, not_after, der FROM certificate
    WHERE citizen_id IS NULL AND officer_id IS NULL;
GRANT SELECT ON daemon_certificate TO auth_ca, auth_ra, auth_lra, auth_ocsp, auth_auditor;
