SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.tg_compile() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Of two at a time, the second one sees what the first has written.
    LOCK TABLE provisioning.templates IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM provisioning.templates;
    INSERT INTO provisioning.templates (plan, kind, status, steps, variables)
    SELECT p.plan, k.kind, s.status, c.steps, c.variables
    FROM provisioning.plans AS p
    CROSS JOIN provisioning.kinds AS k
    CROSS JOIN (SELECT DISTINCT unnest(a.statuses) FROM provisioning.kinds AS a) AS s (status)
    CROSS JOIN LATERAL provisioning.compile(p.plan, k.kind, s.status) AS c
    WHERE k.steps_of IS NULL AND c.steps IS NOT NULL;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION provisioning.tg_compile() IS
    'Puts provisioning.templates together anew when the blueprint, or the kinds of jobs, have changed.';
REVOKE EXECUTE ON FUNCTION provisioning.tg_compile() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.tg_compile() TO ark_owner;

SET LOCAL ROLE ark_owner;
CREATE OR REPLACE TRIGGER compile AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON provisioning.blueprint
    FOR EACH STATEMENT EXECUTE FUNCTION provisioning.tg_compile();
CREATE OR REPLACE TRIGGER compile AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON provisioning.kinds
    FOR EACH STATEMENT EXECUTE FUNCTION provisioning.tg_compile();
ALTER TABLE provisioning.blueprint ENABLE ALWAYS TRIGGER compile;
ALTER TABLE provisioning.kinds ENABLE ALWAYS TRIGGER compile;
-- The first time, and when the way of doing it has changed: fires it, and changes nothing.
UPDATE provisioning.blueprint SET plan = plan WHERE false;
