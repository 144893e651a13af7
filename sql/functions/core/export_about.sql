SET LOCAL ROLE ark_system;

-- The organisation that an export belongs to in this database: the one that it became, or the one that it
-- came from. By their operation ids, which are the same wherever a dump carries them: the number of one
-- database is somebody else in another.
CREATE OR REPLACE FUNCTION core.export_about(
    p_slug text, OUT schema name, OUT about jsonb, OUT org_id bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    schema := core.export_schema(p_slug);
    IF schema IS NULL OR to_regclass(format('%I.about', schema)) IS NULL THEN
        RAISE EXCEPTION 'there is no export of %', quote_nullable(p_slug)
            USING ERRCODE = 'P0002', HINT = 'admin.export_org makes one; pg_restore brings one from elsewhere.';
    END IF;
    EXECUTE format('SELECT to_jsonb(a) FROM %I.about AS a', schema) INTO STRICT about;
    IF about ->> 'format' <> '1' THEN
        RAISE EXCEPTION 'the export of % has the format %, which this version does not know', p_slug, about ->> 'format' USING ERRCODE = '55000';
    END IF;
    SELECT o.id INTO org_id FROM core.organizations AS o
    WHERE o.operation_id::text IN (about ->> 'operation_id', about ->> 'became')
      AND o.status NOT IN ('FAILED', 'DELETED')
    ORDER BY o.id DESC
    LIMIT 1;
END
$$;

COMMENT ON FUNCTION core.export_about(text) IS
    'What an export says of itself, and which organisation it belongs to here; NULL: none. P0002: there is no export.';
REVOKE EXECUTE ON FUNCTION core.export_about(text) FROM PUBLIC;
