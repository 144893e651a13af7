SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.render(p_org_id bigint, p_kind text, p_fence bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_kind      text := (SELECT coalesce(k.steps_of, k.kind) FROM provisioning.kinds AS k WHERE k.kind = p_kind);
    v_template  text;
    v_variables jsonb;
    v_unknown   text;
    v_steps     text;
BEGIN
    SELECT jsonb_agg(
               jsonb_build_object(
                   'step', b.step, 'wave', b.wave, 'answer', coalesce(b.answer, b.step),
                   'after', CASE WHEN EXISTS (
                       SELECT FROM provisioning.blueprint AS a
                       WHERE a.plan = b.plan AND a.step = b.after AND v_kind = ANY (a.kinds)) THEN b.after END,
                   -- What is there already may have been changed: only what says other things is written.
                   'verb', CASE WHEN v_kind = 'compare' AND b.verb <> 'vacant' THEN 'compare'
                                WHEN b.verb = 'create' AND v_kind <> 'create' THEN 'apply' ELSE b.verb END,
                   'path', CASE WHEN b.verb = 'create' AND v_kind <> 'create'
                                THEN concat_ws('/', b.path, b.body #>> '{metadata,name}') ELSE b.path END,
                   'body', b.body, 'on_exists', b.on_exists, 'unless', b.unless)
               ORDER BY b.wave, b.after NULLS FIRST, b.step)::text
    INTO v_template
    FROM provisioning.blueprint AS b
    JOIN core.organizations AS o USING (plan)
    WHERE o.id = p_org_id AND v_kind = ANY (b.kinds) AND (b.statuses IS NULL OR o.status = ANY (b.statuses));
    IF v_kind = 'compare' THEN
        v_template := provisioning.standing(v_template::jsonb);
    END IF;

    SELECT jsonb_build_object(
               'org_id', o.id, 'namespace', o.namespace, 'namespace_uid', o.namespace_uid, 'slug', o.slug,
               'gate', CASE o.status WHEN 'COMMITTED' THEN 'true' END,
               'operation_id', o.operation_id, 'owner_email', o.owner_email,
               'fence', p_fence, 'cpu', q.cpu, 'memory', q.memory, 'storage', q.storage)
        || provisioning.subjects(o.id)
    INTO v_variables
    FROM core.organizations AS o
    CROSS JOIN LATERAL (
        SELECT e.cpu, e.memory, e.storage FROM finops.effective_quota(o.id, clock_timestamp()) AS e
    ) AS q
    WHERE o.id = p_org_id;

    IF v_template IS NULL OR v_variables IS NULL THEN
        RAISE EXCEPTION 'organisation % has %', p_org_id,
            CASE WHEN v_template IS NULL THEN format('a plan without a blueprint for %s', p_kind)
                 ELSE 'no quota in effect' END
            USING ERRCODE = '55000';
    END IF;

    -- One pass: what a value contains is never looked at again. The empty name ends the last piece.
    SELECT string_agg(
               p.piece[1] || coalesce((v_variables -> p.piece[2])::text, provisioning.escaped(v_variables ->> p.piece[3]), ''),
               '' ORDER BY p.n),
           min(coalesce(p.piece[2], p.piece[3])) FILTER (
               WHERE coalesce(p.piece[2], p.piece[3]) <> '' AND NOT v_variables ? coalesce(p.piece[2], p.piece[3]))
    INTO v_steps, v_unknown
    FROM regexp_matches(v_template || '{{}}', '(.*?)(?:"\{\{json:([a-z_]+)\}\}"|\{\{([a-z_]*)\}\})', 'g')
        WITH ORDINALITY AS p (piece, n);
    IF v_unknown IS NOT NULL THEN
        RAISE EXCEPTION 'the blueprint of organisation % has an unknown variable', p_org_id
            USING ERRCODE = '55000', DETAIL = format('{{%s}}', v_unknown);
    END IF;
    RETURN v_steps::jsonb;
END
$$;

COMMENT ON FUNCTION provisioning.render(bigint, text, bigint) IS
    'The steps of a job of this kind, computed from the blueprint of the organisation''s plan, for the attempt with this fence. 55000 if there is none, if it has an unknown variable, or if no quota is in effect.';
REVOKE EXECUTE ON FUNCTION provisioning.render(bigint, text, bigint) FROM PUBLIC;
