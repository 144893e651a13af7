SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.blueprint_errors()
RETURNS TABLE (plan text, kind text, error text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        -- What provisioning.render fills in, and provisioning.subjects.
        SELECT DISTINCT t.plan, t.kind, format('{{%s}} is no variable', v.name)
        FROM provisioning.templates AS t CROSS JOIN unnest(t.variables) AS v (name)
        WHERE regexp_replace(v.name, '^json:', '') <> ALL (
                '{org_id,namespace,namespace_uid,slug,gate,operation_id,owner_email,fence,cpu,memory,storage}')
          AND v.name <> ALL ('{json:owners,json:admins,json:members,json:viewers}')
        UNION ALL
        -- What the provisioner fills in, from the answers to other steps of the job.
        SELECT DISTINCT t.plan, t.kind, format('${%s} is the answer to no step', r.reference[1])
        FROM provisioning.templates AS t
        CROSS JOIN LATERAL regexp_matches(t.steps, '(?<!\\)"\$\{([^".}]+)\.[^"]*\}"', 'g') AS r (reference)
        WHERE r.reference[1] <> ALL (ARRAY(
            SELECT a.answer[1] FROM regexp_matches(t.steps, '"answer": "([^"]+)"', 'g') AS a (answer)));
END
$$;

COMMENT ON FUNCTION provisioning.blueprint_errors() IS
    'Steps of the blueprints that cannot be computed, by plan and kind of job: an unknown variable, or a reference to a step that such a job has not.';
REVOKE EXECUTE ON FUNCTION provisioning.blueprint_errors() FROM PUBLIC;
