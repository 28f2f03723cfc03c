-- SPDX-License-Identifier: Apache-2.0
--
-- One role a kind of daemon, each with the least that it needs. The roles themselves are made before the schema, since
-- they belong to the whole cluster. Whoever may log in is a member of one of them; office_login says for which office.

SET LOCAL search_path = registry;

REVOKE ALL ON SCHEMA registry FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA registry FROM PUBLIC;
-- Not IN SCHEMA: that form adds to what PUBLIC has everywhere and takes nothing away.
ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;
-- Nobody makes tables or schemas of his own beside the registry's, not even for a session.
DO $$ BEGIN
    EXECUTE format('REVOKE TEMPORARY, CREATE ON DATABASE %I FROM PUBLIC', current_database());
END $$;
GRANT USAGE ON SCHEMA registry TO auth_ca, auth_ra, auth_lra, auth_ocsp, auth_auditor;
GRANT SELECT ON realm, schema_migration TO auth_ca, auth_ra, auth_lra, auth_ocsp, auth_auditor;

-- The path of the office that this session speaks for; NULL, which is nothing, for a login that has none.
CREATE FUNCTION scope_path() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = registry, pg_temp
    RETURN (SELECT o.path FROM office_login l JOIN office o USING (office_no)
            WHERE l.login = session_user AND o.closed_at IS NULL);
-- The offices of its subtree. '~' is behind every character of a path.
CREATE FUNCTION scope_offices() RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = registry, pg_temp
    AS $$ SELECT o.office_no FROM (SELECT scope_path() AS path OFFSET 0) s, office o
          WHERE o.path >= s.path AND o.path < s.path || '~' $$;
-- Its own number.
CREATE FUNCTION scope_office() RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = registry, pg_temp
    RETURN (SELECT l.office_no FROM office_login l JOIN office o USING (office_no)
            WHERE l.login = session_user AND o.closed_at IS NULL);
GRANT EXECUTE ON FUNCTION scope_path(), scope_offices(), scope_office() TO auth_ra, auth_lra;
GRANT EXECUTE ON FUNCTION request_state_may_follow(smallint, smallint), check_request_change() TO auth_ca, auth_ra, auth_lra;
GRANT EXECUTE ON FUNCTION epoch_of(timestamptz), prepare_epochs() TO auth_ca;
GRANT EXECUTE ON FUNCTION epoch_of(timestamptz) TO auth_auditor;

-- auth-ca: it decides, so it writes what was decided. Never a DELETE but of what is no longer live.
GRANT SELECT ON ALL TABLES IN SCHEMA registry TO auth_ca;
REVOKE SELECT ON office_login FROM auth_ca;
GRANT INSERT ON office, officer, citizen, outcome, certificate, live_certificate, key_holder, blocked_key,
    crl_scope, crl, ledger_leaf, ledger_node, ledger_head TO auth_ca;
-- The database itself says in which transaction a row came, and which step of its certificate an act is.
GRANT INSERT (serial, authority_id, shard, action, reason, at, not_after, request_id, item) ON revocation TO auth_ca;
GRANT INSERT (event, item, request_id, serial, office_no, body) ON ledger_entry TO auth_ca;
GRANT UPDATE (closed_at, closed_by, name) ON office TO auth_ca;
GRANT UPDATE (dismissed_at, dismissed_by, sealed_name, seal_key, person_index) ON officer TO auth_ca;
GRANT UPDATE (office_no, person_index, sealed_number, sealed_name, seal_key) ON citizen TO auth_ca;
GRANT UPDATE (state, decided_at, reason, detail, document, seal_key) ON request TO auth_ca;
GRANT UPDATE (person_index) ON request_item TO auth_ca;
-- Generations of the master key come and go with auth registry reseal.
GRANT INSERT (seal_key, check_value), UPDATE (retired_at) ON seal_key TO auth_ca;
GRANT UPDATE (serial, not_after), DELETE ON live_certificate TO auth_ca;
GRANT UPDATE (last_number) ON crl_scope TO auth_ca;

-- auth-ra and auth-lra: documents in, what became of them out, within their offices.
GRANT SELECT ON authority, office, officer, citizen, request, request_item, activation, signature, outcome,
    certificate, live_certificate, revocation, seal_key TO auth_ra, auth_lra;
-- Whoever signed may be of another office, so the status of every certificate is there for all.
GRANT SELECT ON certificate_status TO auth_ra, auth_lra;
-- Of the ledger only hashes, with which a proof is held against a signed head.
GRANT SELECT ON blocked_key, crl, ledger_head, ledger_leaf, ledger_node TO auth_ra;
GRANT INSERT (request_id, kind, office_no, state, item_count, payload_hash, document, seal_key, created_at, expires_at)
    ON request TO auth_ra, auth_lra;
GRANT INSERT (request_id, item, person_index, serial) ON request_item TO auth_ra, auth_lra;
GRANT INSERT (request_id, item, csr, code) ON activation TO auth_ra, auth_lra;
GRANT INSERT (request_id, place, signer_serial, officer_id, signed_at) ON signature TO auth_ra, auth_lra;
GRANT INSERT (event, item, request_id, serial, office_no, body) ON ledger_entry TO auth_ra, auth_lra;
GRANT UPDATE (state, decided_at, reason, detail, document, seal_key, revision) ON request TO auth_ra;

-- auth-ocsp: status, CRLs and authorities' certificates. Not whom they name.
GRANT SELECT ON certificate_status, authority, crl, crl_scope TO auth_ocsp;
GRANT SELECT (revision, serial, authority_id, shard, action, reason, at, not_after, xact) ON revocation TO auth_ocsp;

-- Auditors read everything and write nothing.
GRANT SELECT ON ALL TABLES IN SCHEMA registry TO auth_auditor;

ALTER TABLE request ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE activation ENABLE ROW LEVEL SECURITY;
ALTER TABLE signature ENABLE ROW LEVEL SECURITY;
ALTER TABLE outcome ENABLE ROW LEVEL SECURITY;
ALTER TABLE certificate ENABLE ROW LEVEL SECURITY;
ALTER TABLE citizen ENABLE ROW LEVEL SECURITY;
ALTER TABLE live_certificate ENABLE ROW LEVEL SECURITY;
ALTER TABLE officer ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_entry ENABLE ROW LEVEL SECURITY;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['request', 'request_item', 'activation', 'signature', 'outcome', 'certificate', 'citizen',
        'live_certificate', 'officer', 'ledger_entry'] LOOP
        EXECUTE format('CREATE POLICY ca_all ON %I TO auth_ca USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY auditor_all ON %I FOR SELECT TO auth_auditor USING (true)', name);
    END LOOP;
    -- The office stands in the row.
    FOREACH name IN ARRAY ARRAY['request', 'certificate', 'citizen', 'officer'] LOOP
        EXECUTE format('CREATE POLICY ra_subtree ON %I FOR SELECT TO auth_ra
            USING (office_no IN (SELECT scope_offices()))', name);
        EXECUTE format('CREATE POLICY lra_own ON %I FOR SELECT TO auth_lra
            USING (office_no = (SELECT scope_office()))', name);
    END LOOP;
    -- The office is that of the request, whose own policy is applied here.
    FOREACH name IN ARRAY ARRAY['request_item', 'activation', 'signature', 'outcome'] LOOP
        EXECUTE format('CREATE POLICY office_of_request ON %I FOR SELECT TO auth_ra, auth_lra
            USING (EXISTS (SELECT FROM request r WHERE r.request_id = %I.request_id))', name, name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['request_item', 'activation', 'signature'] LOOP
        EXECUTE format('CREATE POLICY office_of_open_request ON %I FOR INSERT TO auth_ra, auth_lra
            WITH CHECK (EXISTS (SELECT FROM request r WHERE r.request_id = %I.request_id AND r.state < 4))', name, name);
    END LOOP;
END $$;
CREATE POLICY office_of_citizen ON live_certificate FOR SELECT TO auth_ra, auth_lra
    USING (EXISTS (SELECT FROM citizen c WHERE c.citizen_id = live_certificate.citizen_id));

-- What comes in is submitted, or approved when it has all its signatures; the authority looks for itself.
CREATE POLICY ra_submits ON request FOR INSERT TO auth_ra
    WITH CHECK (office_no IN (SELECT scope_offices()) AND state IN (1, 2));
CREATE POLICY lra_submits ON request FOR INSERT TO auth_lra
    WITH CHECK (office_no = (SELECT scope_office()) AND state IN (1, 2));
-- An RA moves a request on or ends it; it never says that it is done or refused by the authority.
CREATE POLICY ra_moves ON request FOR UPDATE TO auth_ra
    USING (office_no IN (SELECT scope_offices()) AND state IN (1, 3))
    WITH CHECK (office_no IN (SELECT scope_offices()) AND state IN (1, 2, 6));
-- Its own acts go into the ledger, and only those: registry/ledger_event.def, below 32.
CREATE POLICY ra_tells ON ledger_entry FOR INSERT TO auth_ra
    WITH CHECK (office_no IN (SELECT scope_offices()) AND event < 32);
CREATE POLICY lra_tells ON ledger_entry FOR INSERT TO auth_lra
    WITH CHECK (office_no = (SELECT scope_office()) AND event < 32);
