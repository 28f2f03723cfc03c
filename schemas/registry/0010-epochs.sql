-- SPDX-License-Identifier: Apache-2.0
--
-- A realm that is made at the turn of a quarter, or whose authority's clock is behind that of the database, issues in the
-- epoch before too: its partition is there as well.

SET LOCAL search_path = registry;

CREATE OR REPLACE FUNCTION prepare_epochs() RETURNS integer LANGUAGE sql SECURITY DEFINER
    SET search_path = registry, pg_temp
    AS $$ SELECT make_partitions(epoch_of(now()) - 1, epoch_of(now()) + 4) $$;
SELECT prepare_epochs();
