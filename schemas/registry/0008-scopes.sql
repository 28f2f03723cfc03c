-- SPDX-License-Identifier: Apache-2.0
--
-- Whose rows a session sees, as before and for less. A function in SQL is planned whenever it is called, and a policy calls
-- at every statement; one in PL/pgSQL keeps its plan for the session. And nobody lists the offices of a subtree any more to
-- tell whether one of them is among them: the path of a row's own office says it.

SET LOCAL search_path = registry;

CREATE OR REPLACE FUNCTION scope_path() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = registry, pg_temp AS $$
BEGIN
    RETURN (SELECT o.path FROM office_login l JOIN office o USING (office_no)
        WHERE l.login = session_user AND o.closed_at IS NULL);
END $$;
CREATE OR REPLACE FUNCTION scope_office() RETURNS integer LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = registry, pg_temp AS $$
BEGIN
    RETURN (SELECT l.office_no FROM office_login l JOIN office o USING (office_no)
        WHERE l.login = session_user AND o.closed_at IS NULL);
END $$;

-- Below or at an office, and above or at it: a path ends with '/', so that no name is taken for the beginning of another. Of
-- NULL, the path of a session that speaks for nobody, nothing is below and nothing above.
DO $$
DECLARE
    name text;
    below CONSTANT text := 'starts_with((SELECT o.path FROM office o WHERE o.office_no = %1$I.office_no), (SELECT scope_path()))';
    above CONSTANT text := 'starts_with((SELECT scope_path()), (SELECT o.path FROM office o WHERE o.office_no = %1$I.office_no))';
BEGIN
    FOREACH name IN ARRAY ARRAY['request', 'certificate', 'citizen', 'officer'] LOOP
        EXECUTE format('ALTER POLICY ra_subtree ON %1$I USING (' || below || ')', name);
    END LOOP;
    EXECUTE format('ALTER POLICY ra_submits ON %1$I WITH CHECK (' || below || ' AND state IN (1, 2))', 'request');
    EXECUTE format('ALTER POLICY ra_moves ON %1$I USING (' || below || ' AND state IN (1, 3))
        WITH CHECK (' || below || ' AND state IN (1, 2, 6))', 'request');
    EXECUTE format('ALTER POLICY ra_tells ON %1$I WITH CHECK (' || below || ' AND event < 32)', 'ledger_entry');
    EXECUTE format('ALTER POLICY officers_above ON %1$I USING (' || above || ')', 'officer');
    EXECUTE format('ALTER POLICY officers_above ON %1$I USING (officer_id IS NOT NULL AND ' || above || ')', 'certificate');
END $$;
DROP FUNCTION scope_offices(), scope_above();
