SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.render(p_org_id bigint, p_kind text, p_fence bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_template  provisioning.templates;
    v_variables jsonb;
    -- What stands for each variable, in the template's order.
    v_values    text[];
    v_unknown   text;
BEGIN
    SELECT t.* INTO v_template
    FROM core.organizations AS o
    JOIN provisioning.kinds AS k ON k.kind = p_kind
    JOIN provisioning.templates AS t ON t.plan = o.plan AND t.kind = coalesce(k.steps_of, k.kind) AND t.status = o.status
    WHERE o.id = p_org_id;

    SELECT jsonb_build_object(
               'org_id', o.id, 'namespace', o.namespace, 'namespace_uid', o.namespace_uid, 'slug', o.slug,
               'gate', CASE o.status WHEN 'COMMITTED' THEN 'true' END,
               'operation_id', o.operation_id, 'owner_email', o.owner_email,
               'fence', p_fence, 'cpu', q.cpu, 'memory', q.memory, 'storage', q.storage)
        -- Not read for a change of a quota.
        || CASE WHEN v_template.variables && '{json:owners,json:admins,json:members,json:viewers}'
                THEN provisioning.subjects(o.id) ELSE '{}' END
    INTO v_variables
    FROM core.organizations AS o
    LEFT JOIN LATERAL (
        SELECT e.cpu, e.memory, e.storage FROM finops.effective_quota(o.id, clock_timestamp()) AS e
    ) AS q ON true
    WHERE o.id = p_org_id;

    IF v_template.steps IS NULL OR (v_template.variables && '{cpu,memory,storage}' AND v_variables ->> 'cpu' IS NULL) THEN
        RAISE EXCEPTION 'organisation % has %', p_org_id,
            CASE WHEN v_template.steps IS NULL THEN format('a plan without a blueprint for %s', p_kind)
                 ELSE 'no quota in effect' END
            USING ERRCODE = '55000';
    END IF;

    SELECT array_agg(
               CASE WHEN v.name ^@ 'json:' THEN (v_variables -> substr(v.name, 6))::text
                    ELSE provisioning.escaped(v_variables ->> v.name) END ORDER BY v.n),
           min(v.name) FILTER (WHERE NOT v_variables ? CASE WHEN v.name ^@ 'json:' THEN substr(v.name, 6) ELSE v.name END)
    INTO v_values, v_unknown
    FROM unnest(v_template.variables) WITH ORDINALITY AS v (name, n);
    IF v_unknown IS NOT NULL THEN
        RAISE EXCEPTION 'the blueprint of organisation % has an unknown variable', p_org_id
            USING ERRCODE = '55000', DETAIL = format('{{%s}}', v_unknown);
    END IF;
    -- One pass: what a value contains is never looked at again.
    RETURN format(v_template.steps, VARIADIC v_values)::jsonb;
END
$$;

COMMENT ON FUNCTION provisioning.render(bigint, text, bigint) IS
    'The steps of a job of this kind, computed from the blueprint of the organisation''s plan, for the attempt with this fence. 55000 if there is none, if it has an unknown variable, or if it names the quota and none is in effect.';
REVOKE EXECUTE ON FUNCTION provisioning.render(bigint, text, bigint) FROM PUBLIC;
