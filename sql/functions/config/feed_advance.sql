SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.feed_advance(
    p_incarnation bigint, p_since pg_snapshot, p_snapshot pg_snapshot, p_seqs jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A cursor that a crash takes back announces once more what subscribers have already.
    PERFORM set_config('synchronous_commit', 'off', true);
    UPDATE config.feed AS f
    SET snapshot = p_snapshot, advanced_at = clock_timestamp()
    WHERE f.incarnation = p_incarnation AND f.snapshot::text = p_since::text;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the cursor of the feed is no longer incarnation %''s to move', p_incarnation
            USING ERRCODE = 'AR410', HINT = 'Take the lead again and read again.';
    END IF;
    UPDATE config.feed_services AS s
    SET seq = p.value::bigint
    FROM jsonb_each_text(p_seqs) AS p
    WHERE s.service = p.key;
END
$$;

COMMENT ON FUNCTION config.feed_advance(bigint, pg_snapshot, pg_snapshot, jsonb) IS
    'Moves the durable cursor after everything was published: from the snapshot that feed_read started at to the one it returned, with the last seq of each service. AR410 if another incarnation leads or the cursor has moved. Example: SELECT config.feed_advance(7, ''100:100:'', ''120:120:'', ''{"ai": 42}'');';
REVOKE EXECUTE ON FUNCTION config.feed_advance(bigint, pg_snapshot, pg_snapshot, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.feed_advance(bigint, pg_snapshot, pg_snapshot, jsonb) TO ark_bridge;
