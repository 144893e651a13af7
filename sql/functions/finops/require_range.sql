SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION finops.require_range(p_from timestamptz, p_to timestamptz) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_from IS NULL OR p_to IS NULL OR p_from > p_to THEN
        RAISE EXCEPTION '% to % is no period', coalesce(p_from::text, 'NULL'), coalesce(p_to::text, 'NULL')
            USING ERRCODE = '22023',
                  HINT = 'From, inclusive, to, exclusive: ''2025-10-01'', ''2025-11-01'' is October in the session''s TimeZone.';
    END IF;
END
$$;

COMMENT ON FUNCTION finops.require_range(timestamptz, timestamptz) IS 'Refuses (22023) what is no period.';
REVOKE EXECUTE ON FUNCTION finops.require_range(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION finops.require_range(timestamptz, timestamptz) TO ark_system;
