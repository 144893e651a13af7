SET LOCAL ROLE ark_owner;

CREATE TABLE config.history_erasures (
    org_id     bigint NOT NULL REFERENCES core.organizations,
    erasure_id bigint GENERATED ALWAYS AS IDENTITY,
    history_id bigint NOT NULL,
    fields     text[] NOT NULL,
    erased_by  text NOT NULL,
    login      name NOT NULL,
    erased_at  timestamptz NOT NULL,
    reason     text NOT NULL,
    xid        xid8 NOT NULL,
    PRIMARY KEY (org_id, erasure_id),
    CONSTRAINT fields_can_be_erased CHECK (
        cardinality(fields) > 0 AND fields <@ ARRAY['old_value', 'new_value', 'changed_by', 'login', 'reason'])
);
CREATE INDEX history_erasures_row ON config.history_erasures (org_id, history_id);
CREATE INDEX history_erasures_feed ON config.history_erasures (xid);
COMMENT ON INDEX config.history_erasures_row IS 'What was erased in a row of config_history.';
COMMENT ON INDEX config.history_erasures_feed IS 'Sealing: erasures by the transaction that wrote them.';
COMMENT ON TABLE config.history_erasures IS 'Personal data that was erased from config_history: where, by whom, when and why. Append-only; sealed in the chain like the history itself.';
COMMENT ON COLUMN config.history_erasures.org_id IS 'The organisation.';
COMMENT ON COLUMN config.history_erasures.erasure_id IS 'Order of recording.';
COMMENT ON COLUMN config.history_erasures.history_id IS 'The row of config_history.';
COMMENT ON COLUMN config.history_erasures.fields IS 'The columns whose text is now [erased].';
COMMENT ON COLUMN config.history_erasures.erased_by IS 'Who: as the application claims, else the login.';
COMMENT ON COLUMN config.history_erasures.login IS 'The database login that did it.';
COMMENT ON COLUMN config.history_erasures.erased_at IS 'When.';
COMMENT ON COLUMN config.history_erasures.reason IS 'Why, for example the number of the request. Never the data itself.';
COMMENT ON COLUMN config.history_erasures.xid IS 'The transaction.';

-- No foreign keys: the chain is the evidence, and must be able to name what is gone.
CREATE TABLE config.history_chain (
    org_id     bigint NOT NULL,
    position   bigint NOT NULL,
    encoding   smallint NOT NULL,
    history_id bigint,
    erasure_id bigint,
    salts      uuid[],
    digests    bytea[],
    content    bytea NOT NULL,
    hash       bytea NOT NULL,
    sealed_at  timestamptz NOT NULL,
    PRIMARY KEY (org_id, position),
    CONSTRAINT position_is_positive CHECK (position > 0),
    CONSTRAINT encoding_is_known CHECK (encoding = 1),
    CONSTRAINT seals_one_row CHECK (num_nonnulls(history_id, erasure_id) = 1),
    CONSTRAINT changes_have_salts CHECK ((history_id IS NULL) = (salts IS NULL)),
    CONSTRAINT hashes_are_sha256 CHECK (length(content) = 32 AND length(hash) = 32)
);
CREATE UNIQUE INDEX history_chain_history ON config.history_chain (org_id, history_id) WHERE history_id IS NOT NULL;
CREATE UNIQUE INDEX history_chain_erasure ON config.history_chain (org_id, erasure_id) WHERE erasure_id IS NOT NULL;
COMMENT ON INDEX config.history_chain_history IS 'A row of config_history is sealed once.';
COMMENT ON INDEX config.history_chain_erasure IS 'An erasure is sealed once.';
COMMENT ON TABLE config.history_chain IS 'The hash chain over config_history, one per organisation. Append-only. config.seal_history() writes it, admin.verify_chain() reads it, admin.anchor() prints its ends.';
COMMENT ON COLUMN config.history_chain.org_id IS 'The organisation.';
COMMENT ON COLUMN config.history_chain.position IS 'Place in the chain: 1, 2, 3 and so on, without gaps.';
COMMENT ON COLUMN config.history_chain.encoding IS 'How the row was written as bytes: 1 is config.history_content, erasure_content and chain_link.';
COMMENT ON COLUMN config.history_chain.history_id IS 'The row of config_history that is sealed here, or NULL.';
COMMENT ON COLUMN config.history_chain.erasure_id IS 'The row of history_erasures that is sealed here, or NULL.';
COMMENT ON COLUMN config.history_chain.salts IS 'Random, one each for old_value, new_value, changed_by, login, reason: content contains not these but their salted digests. NULL in a place: erased.';
COMMENT ON COLUMN config.history_chain.digests IS 'Salted digests of the columns that were erased, in the order of salts; NULL: none was.';
COMMENT ON COLUMN config.history_chain.content IS 'SHA-256 of the sealed row.';
COMMENT ON COLUMN config.history_chain.hash IS 'SHA-256 of the previous hash, the place, the time and content.';
COMMENT ON COLUMN config.history_chain.sealed_at IS 'When it was sealed; the same for a batch.';

CREATE TABLE config.history_heads (
    org_id   bigint PRIMARY KEY REFERENCES core.organizations,
    position bigint NOT NULL DEFAULT 0,
    hash     bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex')
);
COMMENT ON TABLE config.history_heads IS 'Where each chain ends. Whoever seals or erases in an organisation locks its row.';
COMMENT ON COLUMN config.history_heads.org_id IS 'The organisation.';
COMMENT ON COLUMN config.history_heads.position IS 'Last position; 0: nothing is sealed.';
COMMENT ON COLUMN config.history_heads.hash IS 'Hash at that position; 32 zero bytes before the first.';

CREATE TABLE config.history_cursor (
    only_row      boolean PRIMARY KEY DEFAULT true,
    sealed_before xid8 NOT NULL DEFAULT '3',
    system        bigint,
    CONSTRAINT one_row CHECK (only_row)
);
INSERT INTO config.history_cursor DEFAULT VALUES;
COMMENT ON TABLE config.history_cursor IS 'How far sealing has come. One row.';
COMMENT ON COLUMN config.history_cursor.only_row IS 'Keeps it at one row.';
COMMENT ON COLUMN config.history_cursor.sealed_before IS 'Everything that transactions with smaller ids wrote is sealed.';
COMMENT ON COLUMN config.history_cursor.system IS 'system_identifier of the cluster whose transaction ids these are. Another one (after a restore): sealing looks at everything again.';

ALTER TABLE config.history_erasures ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE config.history_chain ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE config.history_heads ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- The UPDATE rights are for erasure only; triggers see to that.
GRANT UPDATE (old_value, new_value, changed_by, login, reason) ON config.config_history TO ark_system;
GRANT SELECT, INSERT ON config.history_erasures TO ark_system;
GRANT SELECT, INSERT, UPDATE (salts, digests) ON config.history_chain TO ark_system;
GRANT SELECT, INSERT, UPDATE ON config.history_heads TO ark_system;
GRANT SELECT, UPDATE ON config.history_cursor TO ark_system;
