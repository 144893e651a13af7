SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.retire_signing_key(
    p_kid text, p_reason text, p_not_after timestamptz DEFAULT clock_timestamp())
RETURNS auth.signing_keys
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_row auth.signing_keys;
BEGIN
    PERFORM core.require_reason(p_reason);
    SELECT * INTO v_row FROM auth.signing_keys AS k WHERE k.kid = p_kid FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no key %', quote_nullable(p_kid)
            USING ERRCODE = 'P0002', HINT = 'SELECT kid, state FROM admin.signing_keys() lists them.';
    END IF;
    IF p_not_after IS NULL OR p_not_after > v_row.not_after THEN
        RAISE EXCEPTION 'the key % ends at % already', p_kid, coalesce(v_row.not_after::text, 'no time')
            USING ERRCODE = '55000', HINT = 'An end can come sooner, not later. Add another key.';
    END IF;
    UPDATE auth.signing_keys AS k
    SET not_after = greatest(p_not_after, k.not_before), retired_by = core.actor(), retire_reason = p_reason
    WHERE k.kid = p_kid
    RETURNING * INTO v_row;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION admin.retire_signing_key(text, text, timestamptz) IS
    'Ends a key: from p_not_after on (now, if not said) it is not in the key set, and every access token of it is refused, whenever it was issued. An end can be brought forward, never put off. P0002: no such key. 55000: it ends sooner already. 22023: no reason. AR422: the reason holds what looks like a secret. Example: SELECT not_after FROM admin.retire_signing_key(''2026-11'', ''rotation'', now() + interval ''2 hours'');';
REVOKE EXECUTE ON FUNCTION admin.retire_signing_key(text, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.retire_signing_key(text, text, timestamptz) TO ark_dba;
