-- SPDX-License-Identifier: Apache-2.0
--
-- Rules that hold whoever writes: what is appended stays, a request moves forward only, a certificate fits its outcome.

SET LOCAL search_path = registry;

-- Certificates, revocations, outcomes and the ledger are never changed or deleted.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation',
        HINT = 'Write a request that says what is to happen; what was stays on record.';
END $$;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['realm', 'request_item', 'activation', 'signature', 'outcome', 'certificate', 'key_holder',
        'blocked_key', 'revocation', 'crl', 'ledger_entry', 'ledger_leaf', 'ledger_node', 'ledger_head'] LOOP
        -- person_index changes when the master key does: reseal_item, below.
        IF name <> 'request_item' THEN
            EXECUTE format('CREATE TRIGGER is_never_changed BEFORE UPDATE OR DELETE ON %I
                FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
        ELSE
            EXECUTE format('CREATE TRIGGER is_never_deleted BEFORE DELETE ON %I
                FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
        END IF;
        EXECUTE format('CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['authority', 'office', 'officer', 'citizen', 'request', 'seal_key'] LOOP
        EXECUTE format('CREATE TRIGGER is_never_deleted BEFORE DELETE ON %I
            FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    END LOOP;
END $$;

-- A request: submitted (1) -> approved (2) -> waiting (3) for activation -> approved again; it ends once, as done (4),
-- refused (5) by the authority, rejected (6) by an officer or expired (7).
CREATE FUNCTION request_state_may_follow(old smallint, new smallint) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN CASE old
        WHEN 1 THEN new IN (2, 5, 6, 7)
        WHEN 2 THEN new IN (3, 4, 5, 7)
        WHEN 3 THEN new IN (2, 4, 7)
        ELSE false
    END;

CREATE FUNCTION check_request_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
BEGIN
    IF (NEW.request_id, NEW.kind, NEW.office_no, NEW.item_count, NEW.payload_hash, NEW.created_at, NEW.expires_at,
        NEW.submitted_at) IS DISTINCT FROM (OLD.request_id, OLD.kind, OLD.office_no, OLD.item_count, OLD.payload_hash,
        OLD.created_at, OLD.expires_at, OLD.submitted_at) THEN
        RAISE EXCEPTION 'request %: what was submitted does not change', OLD.request_id
            USING ERRCODE = 'restrict_violation', HINT = 'Submit a new document.';
    END IF;
    IF NEW.state <> OLD.state AND NOT request_state_may_follow(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'request %: state % does not follow state %', OLD.request_id, NEW.state, OLD.state
            USING ERRCODE = 'restrict_violation', HINT = 'Read the request again; somebody else decided it.';
    END IF;
    -- Signatures are added while it is open; sealing under another key keeps the revision.
    IF NEW.revision <> OLD.revision AND (NEW.revision <> OLD.revision + 1 OR OLD.state <> 1) THEN
        RAISE EXCEPTION 'request %: revision % does not follow revision % in state %', OLD.request_id, NEW.revision,
            OLD.revision, OLD.state USING ERRCODE = 'restrict_violation', HINT = 'Read the request again.';
    END IF;
    IF OLD.state >= 4 AND (NEW.decided_at, NEW.reason, NEW.detail) IS DISTINCT FROM
        (OLD.decided_at, OLD.reason, OLD.detail) THEN
        RAISE EXCEPTION 'request %: it was decided already', OLD.request_id
            USING ERRCODE = 'restrict_violation', HINT = 'Submit a new document.';
    END IF;
    IF NEW.state = 4 AND OLD.state <> 4 AND NEW.item_count <>
        (SELECT count(*) FROM outcome WHERE request_id = NEW.request_id) THEN
        RAISE EXCEPTION 'request %: not every item has its outcome', OLD.request_id
            USING ERRCODE = 'check_violation', HINT = 'Store the outcomes of all items before.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER request_moves_forward BEFORE UPDATE ON request
    FOR EACH ROW EXECUTE FUNCTION check_request_change();

-- What a row points to is there. In place of foreign keys, and a statement at a time: rows come by the hundred. Each
-- query looks for one row that has nothing to point to; the settings keep its plan right while the tables grow.
-- With the rights of the owner: the policies of the writer were asked before, and would be asked for each row again.
CREATE FUNCTION check_requests() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = registry, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE lone record;
BEGIN
    SELECT a.request_id INTO lone FROM added a
        LEFT JOIN office o ON o.office_no = a.office_no LEFT JOIN seal_key k ON k.seal_key = a.seal_key
        WHERE o.office_no IS NULL OR k.seal_key IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'request %: its office or the key that seals it is not there', lone.request_id
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER requests_have_office AFTER INSERT ON request REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_requests();

CREATE FUNCTION check_citizens() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = registry, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE lone record;
BEGIN
    SELECT a.citizen_id INTO lone FROM added a
        LEFT JOIN office o ON o.office_no = a.office_no LEFT JOIN seal_key k ON k.seal_key = a.seal_key
        WHERE o.office_no IS NULL OR k.seal_key IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'citizen %: the office or the key that seals is not there', lone.citizen_id
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER citizens_have_office AFTER INSERT ON citizen REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_citizens();

CREATE FUNCTION check_request_items() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = registry, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE lone record;
BEGIN
    SELECT a.request_id, a.item INTO lone FROM added a LEFT JOIN request r ON r.request_id = a.request_id
        WHERE r.request_id IS NULL OR a.item >= r.item_count LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'request %: it has no item %', lone.request_id, lone.item
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER items_have_request AFTER INSERT ON request_item REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_request_items();

CREATE FUNCTION check_signatures() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = registry, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE lone record;
BEGIN
    SELECT a.request_id, a.place INTO lone FROM added a LEFT JOIN request r ON r.request_id = a.request_id
        LEFT JOIN officer p ON p.officer_id = a.officer_id
        WHERE r.request_id IS NULL OR (a.officer_id IS NOT NULL AND p.officer_id IS NULL) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'request %: it or the officer of signature % is not there', lone.request_id, lone.place
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER signatures_have_request AFTER INSERT ON signature REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_signatures();

-- Outcomes come to items of what is approved, and to nothing that was decided otherwise.
CREATE FUNCTION check_outcomes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = registry, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE lone record;
BEGIN
    SELECT a.request_id, a.item INTO lone FROM added a
        LEFT JOIN request r ON r.request_id = a.request_id AND r.state = 2
        LEFT JOIN request_item i ON i.request_id = a.request_id AND i.item = a.item
        WHERE r.request_id IS NULL OR i.item IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'request %: it is not approved or has no item %, so there is no outcome', lone.request_id, lone.item
            USING ERRCODE = 'restrict_violation', HINT = 'Read the request again.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER outcomes_fit_request AFTER INSERT ON outcome REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_outcomes();

-- Who activates an item calls the authority back to a request that waits for it. With the rights of the owner, since an
-- LRA does not move requests. The lock comes first: the authority may be about to let the request wait.
CREATE FUNCTION wake_request() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = registry, pg_temp AS $$
BEGIN
    PERFORM FROM request WHERE request_id = NEW.request_id FOR NO KEY UPDATE;
    UPDATE request SET state = 2 WHERE request_id = NEW.request_id AND state = 3;
    PERFORM pg_notify('auth_request', '');
    RETURN NULL;
END $$;
CREATE TRIGGER activation_wakes AFTER INSERT ON activation FOR EACH ROW EXECUTE FUNCTION wake_request();

CREATE FUNCTION check_request_item_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
BEGIN
    IF (NEW.request_id, NEW.item, NEW.serial) IS DISTINCT FROM (OLD.request_id, OLD.item, OLD.serial)
        OR (NEW.person_index IS NULL) <> (OLD.person_index IS NULL) THEN
        RAISE EXCEPTION 'request %: what was submitted does not change', OLD.request_id
            USING ERRCODE = 'restrict_violation', HINT = 'Submit a new document.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER request_item_stays BEFORE UPDATE ON request_item
    FOR EACH ROW EXECUTE FUNCTION check_request_item_change();

-- Of a citizen only the sealing changes; of an officer also the dismissal, once.
CREATE FUNCTION check_citizen_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
BEGIN
    IF (NEW.citizen_id, NEW.created_at) IS DISTINCT FROM (OLD.citizen_id, OLD.created_at) THEN
        RAISE EXCEPTION 'citizen %: identity and time of entry do not change', OLD.citizen_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER citizen_stays BEFORE UPDATE ON citizen FOR EACH ROW EXECUTE FUNCTION check_citizen_change();

CREATE FUNCTION check_officer_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
BEGIN
    IF (NEW.officer_id, NEW.office_no, NEW.role, NEW.appointed_at, NEW.appointed_by) IS DISTINCT FROM
        (OLD.officer_id, OLD.office_no, OLD.role, OLD.appointed_at, OLD.appointed_by)
        OR (OLD.dismissed_at IS NOT NULL AND (NEW.dismissed_at, NEW.dismissed_by) IS DISTINCT FROM
            (OLD.dismissed_at, OLD.dismissed_by)) THEN
        RAISE EXCEPTION 'officer %: an appointment does not change', OLD.officer_id
            USING ERRCODE = 'restrict_violation', HINT = 'Dismiss the officer and appoint anew under another identifier.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER officer_stays BEFORE UPDATE ON officer FOR EACH ROW EXECUTE FUNCTION check_officer_change();

CREATE FUNCTION check_office_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
BEGIN
    IF (NEW.office_no, NEW.office_id, NEW.parent_no, NEW.path, NEW.region, NEW.opened_at, NEW.opened_by) IS DISTINCT FROM
        (OLD.office_no, OLD.office_id, OLD.parent_no, OLD.path, OLD.region, OLD.opened_at, OLD.opened_by)
        OR (OLD.closed_at IS NOT NULL AND (NEW.closed_at, NEW.closed_by) IS DISTINCT FROM
            (OLD.closed_at, OLD.closed_by)) THEN
        RAISE EXCEPTION 'office %: its place in the tree does not change', OLD.office_id
            USING ERRCODE = 'restrict_violation', HINT = 'Close the office and open another.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER office_stays BEFORE UPDATE ON office FOR EACH ROW EXECUTE FUNCTION check_office_change();

-- An office's path is its parent's with its own name behind it.
CREATE FUNCTION check_office_path() RETURNS trigger LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
DECLARE parent text;
BEGIN
    SELECT path INTO parent FROM office WHERE office_no = NEW.parent_no AND closed_at IS NULL;
    IF NEW.parent_no IS NOT NULL AND parent IS NULL THEN
        RAISE EXCEPTION 'office %: there is no such parent, or it is closed', NEW.office_id
            USING ERRCODE = 'foreign_key_violation', HINT = 'Name an open office as parent.';
    END IF;
    IF NEW.path IS DISTINCT FROM coalesce(parent, '/') || NEW.office_id || '/' THEN
        RAISE EXCEPTION 'office %: the path must be that of the parent and its own name', NEW.office_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER office_path BEFORE INSERT ON office FOR EACH ROW EXECUTE FUNCTION check_office_path();
-- There is one root.
CREATE UNIQUE INDEX office_root ON office ((true)) WHERE parent_no IS NULL;

-- One certificate an item: its serial number is the one of the item's only outcome.
CREATE FUNCTION check_certificates() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = registry, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE lone record;
BEGIN
    SELECT a.serial, a.request_id, a.item INTO lone FROM added a
        LEFT JOIN outcome o ON o.request_id = a.request_id AND o.item = a.item
        WHERE o.status IS DISTINCT FROM 0 OR o.serial IS DISTINCT FROM a.serial LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'certificate %: the outcome of request % item % names another serial number',
            encode(lone.serial, 'hex'), lone.request_id, lone.item USING ERRCODE = 'check_violation';
    END IF;
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
CREATE TRIGGER certificates_fit_outcomes AFTER INSERT ON certificate REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_certificates();

-- A revocation follows what is: revoked is for ever, only what is suspended resumes.
CREATE FUNCTION check_revocation() RETURNS trigger LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
DECLARE
    last_action smallint;
    last_step smallint;
BEGIN
    PERFORM FROM certificate WHERE serial = NEW.serial AND authority_id = NEW.authority_id
        AND shard = NEW.shard AND not_after = NEW.not_after;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'revocation of %: there is no such certificate', encode(NEW.serial, 'hex')
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    PERFORM FROM outcome WHERE request_id = NEW.request_id AND item = NEW.item AND status = 0;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'revocation of %: request % item % has no outcome that says so', encode(NEW.serial, 'hex'),
            NEW.request_id, NEW.item USING ERRCODE = 'foreign_key_violation';
    END IF;
    SELECT action, step INTO last_action, last_step FROM revocation
        WHERE serial = NEW.serial ORDER BY step DESC LIMIT 1;
    IF last_action = 1 OR (NEW.action = 2 AND last_action = 2) OR (NEW.action = 3 AND last_action IS DISTINCT FROM 2) THEN
        RAISE EXCEPTION 'revocation of %: action % does not follow action %', encode(NEW.serial, 'hex'), NEW.action,
            coalesce(last_action, 0) USING ERRCODE = 'restrict_violation',
            HINT = 'Look at the certificate''s status: a revocation is final, and only what is suspended can resume.';
    END IF;
    NEW.step := coalesce(last_step, 0) + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER revocation_follows BEFORE INSERT ON revocation FOR EACH ROW EXECUTE FUNCTION check_revocation();

CREATE FUNCTION notify_revocation() RETURNS trigger LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
BEGIN
    PERFORM pg_notify('auth_revocation', '');
    RETURN NULL;
END $$;
CREATE TRIGGER revocation_is_told AFTER INSERT ON revocation
    FOR EACH STATEMENT EXECUTE FUNCTION notify_revocation();

-- CRLs of a scope are numbered upwards, and a number is never taken back.
CREATE FUNCTION check_crl_scope() RETURNS trigger LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
BEGIN
    IF NEW.authority_id <> OLD.authority_id OR NEW.shard <> OLD.shard OR NEW.last_number <= OLD.last_number THEN
        RAISE EXCEPTION 'CRL number % of authority %, shard % does not rise', NEW.last_number, OLD.authority_id, OLD.shard
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER crl_number_rises BEFORE UPDATE ON crl_scope FOR EACH ROW EXECUTE FUNCTION check_crl_scope();

-- A CRL bears the number that its scope has come to, a full one and its delta the same; none is older than the one before.
CREATE FUNCTION check_crl() RETURNS trigger LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
BEGIN
    PERFORM FROM crl_scope WHERE authority_id = NEW.authority_id AND shard = NEW.shard AND last_number = NEW.number;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'CRL number % of authority %, shard % is not the one that was given out last', NEW.number,
            NEW.authority_id, NEW.shard USING ERRCODE = 'restrict_violation', HINT = 'Take a new number.';
    END IF;
    PERFORM FROM crl WHERE authority_id = NEW.authority_id AND shard = NEW.shard AND this_update > NEW.this_update
        AND number = (SELECT max(number) FROM crl WHERE authority_id = NEW.authority_id AND shard = NEW.shard
            AND NOT is_delta) AND NOT is_delta;
    IF FOUND THEN
        RAISE EXCEPTION 'CRL number % of authority %, shard % is older than the one before', NEW.number,
            NEW.authority_id, NEW.shard USING ERRCODE = 'restrict_violation', HINT = 'Look at the clock of this machine.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER crl_fits_scope BEFORE INSERT ON crl FOR EACH ROW EXECUTE FUNCTION check_crl();

-- The issue epoch of a time: 0x0100 and the quarters since 1970, the first two octets of serial numbers.
CREATE FUNCTION epoch_of(at timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN 256 + (extract(year FROM at AT TIME ZONE 'UTC')::integer - 1970) * 4
        + extract(quarter FROM at AT TIME ZONE 'UTC')::integer - 1;

-- Makes the partitions of the epochs from first to last that are not there yet. Attaching a table holds up nobody who
-- reads or issues.
CREATE FUNCTION make_partitions(first_epoch integer, last_epoch integer) RETURNS integer LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
DECLARE
    epoch integer;
    partition text;
    made integer := 0;
BEGIN
    IF first_epoch < 256 OR last_epoch > 32766 OR last_epoch - first_epoch > 64 THEN
        RAISE EXCEPTION 'issue epochs % to % are out of range', first_epoch, last_epoch
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Look at the clock of this machine.';
    END IF;
    PERFORM pg_advisory_xact_lock(2, 0);
    FOR epoch IN first_epoch .. last_epoch LOOP
        partition := format('certificate_%s', lpad(to_hex(epoch), 4, '0'));
        IF to_regclass('registry.' || partition) IS NULL THEN
            EXECUTE format('CREATE TABLE registry.%I (LIKE registry.certificate INCLUDING ALL)', partition);
            -- Who may read the partitions is asked by the whole table, so nobody reaches into one of them.
            EXECUTE format('ALTER TABLE registry.%I ENABLE ROW LEVEL SECURITY', partition);
            EXECUTE format('CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON registry.%I
                FOR EACH STATEMENT EXECUTE FUNCTION registry.refuse_change()', partition);
            EXECUTE format('ALTER TABLE registry.certificate ATTACH PARTITION registry.%I
                FOR VALUES FROM (%L) TO (%L)', partition,
                decode(lpad(to_hex(epoch), 4, '0'), 'hex'), decode(lpad(to_hex(epoch + 1), 4, '0'), 'hex'));
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;

-- This quarter and the next four. For auth-ca, which does not own the tables.
CREATE FUNCTION prepare_epochs() RETURNS integer LANGUAGE sql SECURITY DEFINER
    SET search_path = registry, pg_temp
    AS $$ SELECT make_partitions(epoch_of(now()), epoch_of(now()) + 4) $$;
SELECT prepare_epochs();

-- The status of certificates, and nothing about whom they name: for responders.
CREATE VIEW certificate_status AS
    SELECT c.serial, c.authority_id, c.shard, c.not_before, c.not_after, r.revision, r.action, r.reason, r.at
    FROM certificate c
    LEFT JOIN LATERAL (
        SELECT revision, action, reason, at FROM revocation WHERE revocation.serial = c.serial
        ORDER BY step DESC LIMIT 1) r ON true;

-- What a dump brought back carries the transaction numbers of the cluster that it came from. Where these lie ahead of
-- this cluster's, rows would look as if they were still to come: who follows by number would wait for them for years. They
-- get the lowest number instead, which says "long ago". Run by 'auth registry migrate', as the owner. Returns how many
-- rows there were.
CREATE FUNCTION rebase_transactions() RETURNS bigint LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
DECLARE
    reached CONSTANT xid8 := pg_snapshot_xmax(pg_current_snapshot());
    long_ago CONSTANT xid8 := '3'; -- the first number that a cluster gives out
    total bigint := 0;
    changed bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_entry WHERE xact >= reached)
        AND NOT EXISTS (SELECT FROM revocation WHERE xact >= reached)
        AND NOT EXISTS (SELECT FROM (SELECT next_xact FROM ledger_head ORDER BY tree_size DESC LIMIT 1) h
            WHERE h.next_xact > reached) THEN
        RETURN 0;
    END IF;
    ALTER TABLE ledger_entry DISABLE TRIGGER is_never_changed;
    ALTER TABLE revocation DISABLE TRIGGER is_never_changed;
    ALTER TABLE ledger_head DISABLE TRIGGER is_never_changed;
    UPDATE ledger_entry SET xact = long_ago WHERE xact >= reached;
    GET DIAGNOSTICS changed = ROW_COUNT;
    total := total + changed;
    UPDATE revocation SET xact = long_ago WHERE xact >= reached;
    GET DIAGNOSTICS changed = ROW_COUNT;
    total := total + changed;
    UPDATE ledger_head SET next_xact = long_ago WHERE next_xact > reached;
    GET DIAGNOSTICS changed = ROW_COUNT;
    total := total + changed;
    ALTER TABLE ledger_entry ENABLE TRIGGER is_never_changed;
    ALTER TABLE revocation ENABLE TRIGGER is_never_changed;
    ALTER TABLE ledger_head ENABLE TRIGGER is_never_changed;
    RETURN total;
END $$;
