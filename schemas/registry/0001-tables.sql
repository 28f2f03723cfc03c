-- SPDX-License-Identifier: Apache-2.0
--
-- The tables of the registry. Who may do what with them stands in 0002 (rules that hold for everybody) and 0003
-- (roles). Times are timestamptz, hashes are SHA-256, identifiers that people choose are text of a narrow form.
-- A person number or name never stands here in clear: look-up is by a keyed index, values are sealed.
--
-- Tables that grow with every request have no foreign keys to authority, seal_key, office and officer: each check of
-- one locks the row it points to, and a few rows that all transactions lock are where a busy registry would queue
-- up. 0002 checks them a statement at a time; that suffices, since what they point to is never deleted.

CREATE SCHEMA IF NOT EXISTS registry;
SET LOCAL search_path = registry;

CREATE DOMAIN hash32 AS bytea CHECK (octet_length(VALUE) = 32);
-- 2 octets of issue epoch and 128 random bits, positive (RFC 5280 4.1.2.2).
CREATE DOMAIN serial_number AS bytea
    CHECK (octet_length(VALUE) BETWEEN 16 AND 20 AND get_byte(VALUE, 0) BETWEEN 1 AND 127);
CREATE DOMAIN identifier AS text CHECK (VALUE ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$');

-- The realm itself: one row.
CREATE TABLE realm (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    realm_id identifier NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Generations of the master key. check_value tells a wrong key before it seals anything.
CREATE TABLE seal_key (
    seal_key integer PRIMARY KEY CHECK (seal_key > 0),
    check_value hash32 NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz
);

CREATE TABLE authority (
    authority_id smallint PRIMARY KEY CHECK (authority_id > 0),
    name identifier NOT NULL UNIQUE,
    certificate bytea NOT NULL CHECK (octet_length(certificate) BETWEEN 64 AND 65536),
    key_hash hash32 NOT NULL UNIQUE,
    not_after timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz
);

-- The tree of offices. A path is "/centre/province/city/": it never changes, so a subtree is a prefix.
CREATE TABLE office (
    office_no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    office_id identifier NOT NULL UNIQUE,
    parent_no integer REFERENCES office,
    path text COLLATE "C" NOT NULL UNIQUE CHECK (path ~ '^(/[a-z0-9-]{1,64}){1,8}/$'),
    region text NOT NULL CHECK (region ~ '^[0-9]{6}$'), -- GB/T 2260; 000000: the whole country
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
    opened_at timestamptz NOT NULL,
    opened_by uuid,
    closed_at timestamptz,
    closed_by uuid,
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
);
CREATE INDEX office_parent ON office (parent_no);

-- Which office a login role of the database speaks for.
CREATE TABLE office_login (
    login name PRIMARY KEY,
    office_no integer NOT NULL REFERENCES office
);

-- One person, one role. What names the person is sealed under the key of the office.
CREATE TABLE officer (
    officer_id identifier PRIMARY KEY,
    office_no integer NOT NULL REFERENCES office,
    role smallint NOT NULL CHECK (role BETWEEN 1 AND 4), -- auth/officer_role.def
    person_index hash32 NOT NULL,
    sealed_name bytea NOT NULL CHECK (octet_length(sealed_name) BETWEEN 28 AND 4096),
    seal_key integer NOT NULL REFERENCES seal_key,
    appointed_at timestamptz NOT NULL,
    appointed_by uuid,
    dismissed_at timestamptz,
    dismissed_by uuid,
    CHECK ((dismissed_at IS NULL) = (dismissed_by IS NULL))
);
CREATE UNIQUE INDEX officer_one_role ON officer (person_index) WHERE dismissed_at IS NULL;
CREATE INDEX officer_office ON officer (office_no);

CREATE TABLE citizen (
    citizen_id uuid PRIMARY KEY,
    office_no integer NOT NULL, -- whose key seals
    person_index hash32 NOT NULL UNIQUE,
    sealed_number bytea NOT NULL CHECK (octet_length(sealed_number) BETWEEN 28 AND 256),
    sealed_name bytea NOT NULL CHECK (octet_length(sealed_name) BETWEEN 28 AND 4096),
    seal_key integer NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX citizen_seal_key ON citizen (seal_key, citizen_id);

-- A signed document and where it stands. The document holds persons, so it is sealed as a whole.
CREATE TABLE request (
    request_id uuid PRIMARY KEY,
    kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 10), -- auth/request_kind.def
    office_no integer NOT NULL,
    state smallint NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 7), -- registry/request_state.def
    item_count smallint NOT NULL CHECK (item_count BETWEEN 1 AND 1000),
    revision integer NOT NULL DEFAULT 1 CHECK (revision BETWEEN 1 AND 16), -- of the document: signatures add to it
    payload_hash hash32 NOT NULL,
    document bytea NOT NULL CHECK (octet_length(document) BETWEEN 28 AND 8388608),
    seal_key integer NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    submitted_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    reason smallint, -- auth/request_reason.def, of a refusal
    detail text CHECK (length(detail) <= 512),
    CHECK (expires_at > created_at),
    CHECK ((state >= 4) = (decided_at IS NOT NULL))
);
ALTER TABLE request ALTER COLUMN document SET STORAGE EXTERNAL; -- sealed octets do not compress
CREATE INDEX request_queue ON request (submitted_at, request_id) WHERE state = 2;
CREATE INDEX request_open ON request (expires_at) WHERE state < 4;
CREATE INDEX request_office ON request (office_no, state, request_id);
CREATE INDEX request_seal_key ON request (seal_key, request_id);

-- What a document asks for, item by item; the persons only by their index.
CREATE TABLE request_item (
    request_id uuid NOT NULL,
    item smallint NOT NULL CHECK (item BETWEEN 0 AND 999),
    person_index hash32,
    serial serial_number, -- that the item speaks of
    PRIMARY KEY (request_id, item)
);
CREATE INDEX request_item_person ON request_item (person_index) WHERE person_index IS NOT NULL;
CREATE INDEX request_item_serial ON request_item (serial) WHERE serial IS NOT NULL;

-- A certification request that came later, with the two codes whose hash the document holds.
CREATE TABLE activation (
    request_id uuid NOT NULL,
    item smallint NOT NULL,
    csr bytea NOT NULL CHECK (octet_length(csr) BETWEEN 64 AND 16384),
    code bytea NOT NULL CHECK (octet_length(code) BETWEEN 16 AND 64),
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (request_id, item),
    FOREIGN KEY (request_id, item) REFERENCES request_item
);

-- Who signed a document. The signatures themselves are in the document.
CREATE TABLE signature (
    request_id uuid NOT NULL,
    place smallint NOT NULL CHECK (place BETWEEN 0 AND 7),
    signer_serial serial_number NOT NULL,
    officer_id identifier, -- NULL: the citizen's own live key
    signed_at timestamptz NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (request_id, place),
    UNIQUE (request_id, signer_serial)
);
CREATE UNIQUE INDEX signature_officer ON signature (request_id, officer_id) WHERE officer_id IS NOT NULL;
CREATE INDEX signature_signer ON signature (signer_serial);

-- What became of each item: once, and with the serial number if a certificate came of it.
CREATE TABLE outcome (
    request_id uuid NOT NULL,
    item smallint NOT NULL,
    status smallint NOT NULL CHECK (status BETWEEN 0 AND 127), -- 0: done; else an auth_status
    reason smallint, -- auth/request_reason.def
    detail text CHECK (length(detail) <= 512),
    serial serial_number,
    at timestamptz NOT NULL,
    PRIMARY KEY (request_id, item),
    CHECK (status = 0 OR serial IS NULL)
);

-- Every certificate in existence. The serial number alone finds the partition, one a quarter of a year.
CREATE TABLE certificate (
    -- Not of the type serial_number: the bounds of partitions are shorter than a number.
    serial bytea NOT NULL CHECK (octet_length(serial) BETWEEN 16 AND 20 AND get_byte(serial, 0) BETWEEN 1 AND 127),
    authority_id smallint NOT NULL,
    shard smallint NOT NULL CHECK (shard >= 0), -- of the CRL, as the certificate names it
    item smallint NOT NULL,
    request_id uuid NOT NULL,
    citizen_id uuid,
    officer_id identifier,
    office_no integer NOT NULL,
    profile identifier NOT NULL,
    key_hash hash32 NOT NULL,
    not_before timestamptz NOT NULL,
    not_after timestamptz NOT NULL,
    issued_at timestamptz NOT NULL,
    der bytea NOT NULL CHECK (octet_length(der) BETWEEN 64 AND 65536),
    -- With what a status tells, so that responders read the index and not the certificates.
    PRIMARY KEY (serial) INCLUDE (authority_id, shard, not_before, not_after),
    CHECK (not_after > not_before),
    CHECK (citizen_id IS NULL OR officer_id IS NULL)
) PARTITION BY RANGE (serial);
CREATE INDEX certificate_citizen ON certificate (citizen_id) WHERE citizen_id IS NOT NULL;
CREATE INDEX certificate_officer ON certificate (officer_id) WHERE officer_id IS NOT NULL;
CREATE INDEX certificate_request ON certificate (request_id, item);
CREATE INDEX certificate_key ON certificate (key_hash);

-- A citizen has at most one live certificate a purpose: this primary key says so.
CREATE TABLE live_certificate (
    citizen_id uuid NOT NULL REFERENCES citizen,
    purpose identifier NOT NULL,
    serial serial_number NOT NULL UNIQUE,
    not_after timestamptz NOT NULL,
    PRIMARY KEY (citizen_id, purpose)
);

-- A key belongs to one holder for ever (the same key on several cards: Estonia, Taiwan).
CREATE TABLE key_holder (
    key_hash hash32 PRIMARY KEY,
    citizen_id uuid REFERENCES citizen,
    officer_id identifier REFERENCES officer,
    CHECK (citizen_id IS NULL OR officer_id IS NULL)
);

-- Keys that nobody may have certified.
CREATE TABLE blocked_key (
    key_hash hash32 PRIMARY KEY,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 128),
    blocked_at timestamptz NOT NULL DEFAULT now(),
    request_id uuid
);

-- Every revocation, suspension and resumption; the last one of a serial number counts. The order of revisions is
-- not the order of commits: who follows this table goes by xact (registry/revocation.h).
CREATE TABLE revocation (
    revision bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    serial serial_number NOT NULL,
    step smallint NOT NULL DEFAULT 0 CHECK (step > 0), -- of this serial number, counted by a trigger
    authority_id smallint NOT NULL,
    shard smallint NOT NULL,
    action smallint NOT NULL CHECK (action BETWEEN 1 AND 3), -- 1 revoke, 2 suspend, 3 resume
    reason smallint NOT NULL CHECK (reason BETWEEN 0 AND 10 AND reason <> 7), -- RFC 5280 5.3.1
    at timestamptz NOT NULL,
    not_after timestamptz NOT NULL, -- of the certificate
    request_id uuid NOT NULL,
    item smallint NOT NULL,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CHECK ((reason = 6) = (action <> 1)) -- certificateHold is what is suspended and resumed
);
-- Two acts at once on one certificate cannot both be the next step.
CREATE UNIQUE INDEX revocation_step ON revocation (serial, step);
CREATE INDEX revocation_xact ON revocation (xact, revision);
CREATE INDEX revocation_scope ON revocation (authority_id, shard, serial);

-- Numbers rise within a scope; full and delta CRLs share them (RFC 5280 5.2.3).
CREATE TABLE crl_scope (
    authority_id smallint NOT NULL REFERENCES authority,
    shard smallint NOT NULL, -- -1: all certificates of the authority
    last_number bigint NOT NULL CHECK (last_number > 0),
    PRIMARY KEY (authority_id, shard)
);

CREATE TABLE crl (
    authority_id smallint NOT NULL,
    shard smallint NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    base_number bigint CHECK (base_number < number), -- of a delta
    revision bigint NOT NULL, -- every revocation up to here is in it
    this_update timestamptz NOT NULL,
    next_update timestamptz NOT NULL,
    entry_count integer NOT NULL CHECK (entry_count >= 0),
    der bytea NOT NULL,
    is_delta boolean GENERATED ALWAYS AS (base_number IS NOT NULL) STORED,
    PRIMARY KEY (authority_id, shard, is_delta, number),
    FOREIGN KEY (authority_id, shard) REFERENCES crl_scope,
    CHECK (next_update > this_update)
);
ALTER TABLE crl ALTER COLUMN der SET STORAGE EXTERNAL;

-- The ledger: what happened, written in the transaction in which it happened.
CREATE TABLE ledger_entry (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    event smallint NOT NULL CHECK (event > 0), -- registry/ledger_event.def
    item smallint,
    request_id uuid,
    serial serial_number,
    office_no integer,
    body bytea NOT NULL CHECK (octet_length(body) BETWEEN 2 AND 4096) -- what is hashed
);
CREATE INDEX ledger_entry_xact ON ledger_entry (xact, entry_id);
CREATE INDEX ledger_entry_request ON ledger_entry (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX ledger_entry_serial ON ledger_entry (serial) WHERE serial IS NOT NULL;
-- Entries of CRLs by the CRL: event 43 of registry/ledger_event.def.
CREATE INDEX ledger_entry_crl ON ledger_entry
    (substring(encode(body, 'escape') FROM '"detail":"crl ([^"]*)"')) WHERE event = 43;

-- Its place in the tree (RFC 9162 2.1), given later and in batches.
CREATE TABLE ledger_leaf (
    leaf_index bigint PRIMARY KEY CHECK (leaf_index >= 0),
    entry_id bigint NOT NULL UNIQUE REFERENCES ledger_entry,
    leaf_hash hash32 NOT NULL
);

-- Hashes of complete subtrees of 2^level leaves.
CREATE TABLE ledger_node (
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 62),
    node_index bigint NOT NULL CHECK (node_index >= 0),
    hash hash32 NOT NULL,
    PRIMARY KEY (level, node_index)
);

CREATE TABLE ledger_head (
    tree_size bigint PRIMARY KEY CHECK (tree_size > 0),
    root_hash hash32 NOT NULL,
    at timestamptz NOT NULL,
    next_xact xid8 NOT NULL, -- all entries of transactions before it are in the tree
    document bytea NOT NULL CHECK (octet_length(document) BETWEEN 64 AND 65536) -- the signed head, a compact JWS
);
