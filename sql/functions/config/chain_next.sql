SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.chain_next(
    p_state bytea, p_head bytea, p_encoding smallint, p_org bigint, p_position bigint, p_sealed_at timestamptz,
    p_content bytea)
RETURNS bytea
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN config.chain_link(coalesce(p_state, p_head), p_encoding, p_org, p_position, p_sealed_at, p_content);
END
$$;

COMMENT ON FUNCTION config.chain_next(bytea, bytea, smallint, bigint, bigint, timestamptz, bytea) IS
    'A step of config.chain_hash: the first row follows the head, every other the one before.';
REVOKE EXECUTE ON FUNCTION config.chain_next(bytea, bytea, smallint, bigint, bigint, timestamptz, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.chain_next(bytea, bytea, smallint, bigint, bigint, timestamptz, bytea) TO ark_system;

CREATE OR REPLACE AGGREGATE config.chain_hash(bytea, smallint, bigint, bigint, timestamptz, bytea) (
    SFUNC = config.chain_next,
    STYPE = bytea
);
COMMENT ON AGGREGATE config.chain_hash(bytea, smallint, bigint, bigint, timestamptz, bytea) IS
    'As a window function: the hashes of the rows in their order, from the head that the chain has.';
REVOKE EXECUTE ON FUNCTION config.chain_hash(bytea, smallint, bigint, bigint, timestamptz, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.chain_hash(bytea, smallint, bigint, bigint, timestamptz, bytea) TO ark_system;
