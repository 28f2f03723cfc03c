-- SPDX-License-Identifier: Apache-2.0
--
-- Requests of kind 11: ceremonies. A ceremony makes keys of authorities, daemons and first officers, when nobody is there yet
-- whose signature could ask for them; its document is signed by the root (docs/realm.md). Only the owner writes one:
-- an office that could would have certificates on record that no quorum asked for.

ALTER TABLE request DROP CONSTRAINT request_kind_check;
ALTER TABLE request ADD CONSTRAINT request_kind_check CHECK (kind BETWEEN 1 AND 11);

CREATE POLICY offices_hold_no_ceremony ON request AS RESTRICTIVE FOR INSERT TO auth_ra, auth_lra WITH CHECK (kind <= 10);
