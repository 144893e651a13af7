SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.check_database()
RETURNS TABLE (item text, outcome text, detail text, hint text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_found text;
BEGIN
    item := 'login';
    v_found := (
        SELECT string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM pg_roles AS r
        WHERE r.rolname LIKE 'ark\_%' AND r.rolname <> 'ark_provisioner' AND pg_has_role(session_user, r.oid, 'MEMBER'));
    IF (SELECT r.rolsuper OR r.rolbypassrls FROM pg_roles AS r WHERE r.rolname = session_user) THEN
        outcome := 'warning';
        detail := format('%s passes row-level security', session_user);
    ELSIF v_found IS NOT NULL THEN
        outcome := 'warning';
        detail := format('%s is a member of %s, too', session_user, v_found);
    ELSE
        outcome := 'ok';
        detail := format('%s, a member of ark_provisioner and of nothing else', session_user);
    END IF;
    hint := CASE WHEN outcome <> 'ok' THEN 'give the provisioner a login of its own: CREATE ROLE provisioner LOGIN; GRANT ark_provisioner TO provisioner;' END;
    RETURN NEXT;

    item := 'blueprint';
    v_found := nullif(concat_ws('; ', (
        SELECT string_agg(format('plan %s has no steps for %s', p.plan, m.kinds), '; ' ORDER BY p.plan)
        FROM provisioning.plans AS p
        CROSS JOIN LATERAL (
            SELECT string_agg(k.kind, ', ' ORDER BY k.kind) AS kinds
            FROM provisioning.kinds AS k
            WHERE k.served AND NOT EXISTS (
                SELECT FROM provisioning.blueprint AS b
                WHERE b.plan = p.plan AND coalesce(k.steps_of, k.kind) = ANY (b.kinds))
        ) AS m
        WHERE m.kinds IS NOT NULL), (
        SELECT string_agg(format('plan %s, %s: %s', e.plan, e.kinds, e.error), '; ' ORDER BY e.plan, e.error)
        FROM (
            SELECT b.plan, b.error, string_agg(b.kind, ', ' ORDER BY b.kind) AS kinds
            FROM provisioning.blueprint_errors() AS b
            WHERE NOT EXISTS (SELECT FROM provisioning.kinds AS k WHERE k.undone_by = b.kind)
            GROUP BY b.plan, b.error) AS e)), '');
    outcome := CASE WHEN v_found IS NULL THEN 'ok' ELSE 'failed' END;
    detail := coalesce(v_found, (
        SELECT format('%s steps, of the plans %s', count(*), string_agg(DISTINCT b.plan, ', ')) FROM provisioning.blueprint AS b));
    hint := CASE WHEN outcome <> 'ok' THEN 'a migration mends provisioning.blueprint; until then such jobs are given up' END;
    RETURN NEXT;

    -- No job is given up for it, so that nobody would hear of it before it is too late.
    item := 'undo';
    v_found := (
        SELECT string_agg(format('plan %s: %s', b.plan, b.error), '; ' ORDER BY b.plan, b.error)
        FROM provisioning.blueprint_errors() AS b
        WHERE EXISTS (SELECT FROM provisioning.kinds AS k WHERE k.undone_by = b.kind));
    outcome := CASE WHEN v_found IS NULL THEN 'ok' ELSE 'failed' END;
    detail := coalesce(v_found, 'what is taken back is closed, emptied and deleted');
    hint := CASE WHEN outcome <> 'ok' THEN 'a migration mends provisioning.blueprint; until then a namespace that is taken back is deleted without that, or not at all' END;
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION provisioning.check_database() IS
    'Whether the database is fit for the provisioner that asks: its login''s rights, and the blueprints. A row each; outcome is ok, warning or failed. Example: SELECT * FROM provisioning.check_database();';
REVOKE EXECUTE ON FUNCTION provisioning.check_database() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.check_database() TO ark_provisioner;
