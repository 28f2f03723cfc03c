-- SPDX-License-Identifier: Apache-2.0
--
-- The last tables that grow with every enrolment and had foreign keys: a key is checked row by row, and each check locks and
-- writes the row it points to. A statement at a time suffices here too, as in 0002: citizens, officers and entries are never
-- deleted and never get another key.

SET LOCAL search_path = registry;

CREATE FUNCTION check_live_certificates() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = registry, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE lone record;
BEGIN
    SELECT a.citizen_id INTO lone FROM added a LEFT JOIN citizen c ON c.citizen_id = a.citizen_id
        WHERE c.citizen_id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'live certificate: citizen % is not there', lone.citizen_id
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER live_certificates_have_citizen AFTER INSERT ON live_certificate REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_live_certificates();
CREATE TRIGGER live_certificates_keep_citizen AFTER UPDATE ON live_certificate REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_live_certificates();
ALTER TABLE live_certificate DROP CONSTRAINT live_certificate_citizen_id_fkey;

CREATE FUNCTION check_key_holders() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = registry, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE lone record;
BEGIN
    SELECT a.key_hash INTO lone FROM added a
        LEFT JOIN citizen c ON c.citizen_id = a.citizen_id LEFT JOIN officer p ON p.officer_id = a.officer_id
        WHERE (a.citizen_id IS NOT NULL AND c.citizen_id IS NULL)
            OR (a.officer_id IS NOT NULL AND p.officer_id IS NULL) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'key %: its holder is not there', encode(lone.key_hash, 'hex')
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keys_have_holder AFTER INSERT ON key_holder REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_key_holders();
ALTER TABLE key_holder DROP CONSTRAINT key_holder_citizen_id_fkey, DROP CONSTRAINT key_holder_officer_id_fkey;

CREATE FUNCTION check_ledger_leaves() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = registry, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE lone record;
BEGIN
    SELECT a.leaf_index, a.entry_id INTO lone FROM added a LEFT JOIN ledger_entry e ON e.entry_id = a.entry_id
        WHERE e.entry_id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'leaf %: there is no entry %', lone.leaf_index, lone.entry_id
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER leaves_have_entry AFTER INSERT ON ledger_leaf REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_ledger_leaves();
ALTER TABLE ledger_leaf DROP CONSTRAINT ledger_leaf_entry_id_fkey;
