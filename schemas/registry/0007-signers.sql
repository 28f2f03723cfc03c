-- SPDX-License-Identifier: Apache-2.0
--
-- An officer of an office above may sign for this one, and send documents for it: so the daemons of an office see the
-- officers of the offices above it and their certificates, without which they could believe none of them. Names stay
-- sealed under keys that they do not have; of citizens they see those of their own offices, as before.

SET LOCAL search_path = registry;

-- The office that this session speaks for and those above it.
CREATE FUNCTION scope_above() RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = registry, pg_temp
    AS $$ WITH RECURSIVE above AS (SELECT office_no, parent_no FROM office WHERE office_no = (SELECT scope_office())
          UNION ALL SELECT o.office_no, o.parent_no FROM office o JOIN above a ON o.office_no = a.parent_no)
          SELECT office_no FROM above $$;
GRANT EXECUTE ON FUNCTION scope_above() TO auth_ra, auth_lra;

CREATE POLICY officers_above ON officer FOR SELECT TO auth_ra, auth_lra
    USING (office_no IN (SELECT scope_above()));
CREATE POLICY officers_above ON certificate FOR SELECT TO auth_ra, auth_lra
    USING (officer_id IS NOT NULL AND office_no IN (SELECT scope_above()));
