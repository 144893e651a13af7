SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION core.require_reason(p_reason text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- What nobody sees is no reason: blanks of every kind.
    IF coalesce(btrim(p_reason, E' \t\n\r\f\u000b\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff'), '') = '' THEN
        RAISE EXCEPTION 'this needs a reason'
            USING ERRCODE = '22023', HINT = 'It is what the history says of it later.';
    END IF;
    IF length(p_reason) > 1000 THEN
        RAISE EXCEPTION 'a reason has at most 1000 characters, not %', length(p_reason) USING ERRCODE = '22023';
    END IF;
    IF p_reason = '[erased]' THEN
        RAISE EXCEPTION '[erased] marks what was erased, and is no reason' USING ERRCODE = '22023';
    END IF;
    -- It stays in the history for good.
    IF config.secret_shape(p_reason) IS NOT NULL THEN
        RAISE EXCEPTION 'the reason holds what looks like a secret: %', config.secret_shape(p_reason)
            USING ERRCODE = 'AR422', HINT = 'The history keeps it. Name the ticket instead.';
    END IF;
END
$$;

COMMENT ON FUNCTION core.require_reason(text) IS
    'Why somebody changes something: 1 to 1000 characters. 22023: none, or too long. AR422: looks like a secret.';
GRANT EXECUTE ON FUNCTION core.require_reason(text) TO PUBLIC;
