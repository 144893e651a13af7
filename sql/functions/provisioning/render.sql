SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.render(p_org_id bigint, p_fence bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_name  text;
    v_value text;
    v_steps text;
BEGIN
    SELECT jsonb_agg(
               jsonb_build_object(
                   'step', b.step, 'wave', b.wave, 'after', b.after, 'verb', b.verb,
                   'path', b.path, 'body', b.body, 'on_exists', b.on_exists, 'unless', b.unless)
               ORDER BY b.wave, b.after NULLS FIRST, b.step)::text
    INTO v_steps
    FROM provisioning.blueprint AS b
    JOIN core.organizations AS o USING (plan)
    WHERE o.id = p_org_id;

    FOR v_name, v_value IN
        SELECT f.key, f.value
        FROM core.organizations AS o
        CROSS JOIN LATERAL (
            SELECT q.cpu, q.memory, q.storage
            FROM finops.quota_changes AS q
            WHERE q.org_id = o.id AND q.effective_at <= clock_timestamp()
            ORDER BY q.effective_at DESC, q.change_id DESC
            LIMIT 1
        ) AS q
        CROSS JOIN LATERAL jsonb_each_text(jsonb_build_object(
            'org_id', o.id, 'namespace', o.namespace, 'slug', o.slug,
            'operation_id', o.operation_id, 'owner_email', o.owner_email,
            'fence', p_fence, 'cpu', q.cpu, 'memory', q.memory, 'storage', q.storage)) AS f
        WHERE o.id = p_org_id
    LOOP
        -- As the inside of a JSON string, so that no value can end the string it stands in.
        v_value := to_json(v_value)::text;
        v_steps := replace(v_steps, '{{' || v_name || '}}', substr(v_value, 2, length(v_value) - 2));
    END LOOP;
    IF v_steps ~ '\{\{' THEN
        RAISE EXCEPTION 'the blueprint of organisation % has an unknown variable', p_org_id
            USING ERRCODE = '55000', DETAIL = (regexp_match(v_steps, '\{\{[^}]*\}\}'))[1];
    END IF;
    RETURN v_steps::jsonb;
END
$$;

COMMENT ON FUNCTION provisioning.render(bigint, bigint) IS
    'The objects of an organisation, computed from the blueprint of its plan, for the attempt with this fence.';
REVOKE EXECUTE ON FUNCTION provisioning.render(bigint, bigint) FROM PUBLIC;
