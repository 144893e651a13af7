SET LOCAL ROLE ark_owner;

-- Every policy reads the organisation through this function, wrapped as (SELECT core.current_org()):
-- the planner then evaluates it once per statement instead of once per row. Every statement pays for it
-- (Benchmarks/row_level_security): few expressions, the common case first. Not LANGUAGE sql: inlined it
-- costs less to carry out, but more to plan than it saves. No pinned search_path, which costs as much
-- as all the rest: every name, type and operator bears its schema instead (Tests/SQL/strict.sql puts
-- others of those names first; the audit knows of this one).
CREATE OR REPLACE FUNCTION core.current_org() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    v_setting pg_catalog.text := pg_catalog.current_setting('app.current_org', true);
BEGIN
    -- The first half is a part of is_strict, and false for everybody else.
    IF pg_catalog.pg_has_role(session_user, 'ark_app_strict', 'MEMBER') AND core.is_strict() THEN
        RETURN (SELECT s.org_id FROM core.session() AS s);
    END IF;
    -- Not 0: the platform's own values are changed by admin.set_default only.
    IF v_setting OPERATOR(pg_catalog.~) '^[1-9][0-9]{0,17}$' THEN
        RETURN v_setting::pg_catalog.int8;
    END IF;
    -- A custom setting that was set and RESET is empty, not NULL.
    IF v_setting IS NULL OR v_setting OPERATOR(pg_catalog.=) '' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'app.current_org is no organisation: %', pg_catalog.quote_literal(pg_catalog.left(v_setting, 40))
        USING ERRCODE = '22023', HINT = 'SET app.current_org = 123, with the id of an organisation.';
END
$$;

COMMENT ON FUNCTION core.current_org() IS
    'The organisation of this session: from SET app.current_org, for strict logins from the handle that api.begin_request has verified. NULL if there is none: then no row is visible. 22023 if the setting is no number.';
GRANT EXECUTE ON FUNCTION core.current_org() TO PUBLIC;
