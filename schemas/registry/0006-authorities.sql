-- SPDX-License-Identifier: Apache-2.0
--
-- What several authorities at one registry know of each other, and each of itself after a restart (docs/ca.md).

SET LOCAL search_path = registry;

-- How many certificates of a profile an office was given in an hour: a row, which whoever issues locks to his commit. It is
-- a brake on an office that was stolen, and no account: that is the ledger.
CREATE TABLE issue_count (
    office_no integer NOT NULL,
    profile identifier NOT NULL,
    hour timestamptz NOT NULL,
    issued integer NOT NULL CHECK (issued >= 0),
    PRIMARY KEY (office_no, profile)
);

-- The last record of each signing journal that was on its disk before a commit, by its sequence number and chain hash. A
-- journal from which this record is missing was cut.
CREATE TABLE journal_head (
    journal_no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    journal_id bytea NOT NULL CHECK (octet_length(journal_id) = 16),
    sequence bigint NOT NULL CHECK (sequence > 0),
    hash hash32 NOT NULL,
    at timestamptz NOT NULL
);

-- Neither goes back.
CREATE FUNCTION check_issue_count() RETURNS trigger LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
BEGIN
    IF NEW.hour < OLD.hour OR (NEW.hour = OLD.hour AND NEW.issued < OLD.issued) THEN
        RAISE EXCEPTION 'issue_count of office %: it does not go back', OLD.office_no
            USING ERRCODE = 'restrict_violation', HINT = 'Wait for the next hour.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER issue_count_rises BEFORE UPDATE ON issue_count FOR EACH ROW EXECUTE FUNCTION check_issue_count();

CREATE FUNCTION check_journal_head() RETURNS trigger LANGUAGE plpgsql
    SET search_path = registry, pg_temp AS $$
BEGIN
    IF NEW.journal_id <> OLD.journal_id OR NEW.sequence < OLD.sequence THEN
        RAISE EXCEPTION 'journal_head %: it does not go back', OLD.journal_no
            USING ERRCODE = 'restrict_violation',
            HINT = 'Two processes may be at work with copies of one journal; end one of them.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER journal_head_rises BEFORE UPDATE ON journal_head FOR EACH ROW EXECUTE FUNCTION check_journal_head();

GRANT SELECT, INSERT, UPDATE (hour, issued) ON issue_count TO auth_ca;
GRANT SELECT, INSERT (journal_id, sequence, hash, at), UPDATE (sequence, hash, at) ON journal_head TO auth_ca;
GRANT SELECT ON issue_count, journal_head TO auth_auditor;
