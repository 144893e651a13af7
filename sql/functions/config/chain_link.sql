SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.chain_link(
    p_previous bytea, p_encoding smallint, p_org bigint, p_position bigint, p_sealed_at timestamptz, p_content bytea)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT sha256(record_send(ROW(p_previous, p_encoding, p_org, p_position, p_sealed_at, p_content)));
END;

COMMENT ON FUNCTION config.chain_link(bytea, smallint, bigint, bigint, timestamptz, bytea) IS
    'The hash of a place in the chain: SHA-256 of the previous hash, encoding, organisation, position, time of sealing and the content''s hash.';
REVOKE EXECUTE ON FUNCTION config.chain_link(bytea, smallint, bigint, bigint, timestamptz, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.chain_link(bytea, smallint, bigint, bigint, timestamptz, bytea) TO ark_system;
