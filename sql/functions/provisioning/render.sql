SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.render(p_org_id bigint, p_kind text, p_fence bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_kind      text := (SELECT coalesce(k.steps_of, k.kind) FROM provisioning.kinds AS k WHERE k.kind = p_kind);
    v_template  text;
    v_variables jsonb;
    -- What stands for each placeholder.
    v_values    jsonb;
    v_unknown   text;
    v_steps     text;
BEGIN
    SELECT jsonb_agg(
               jsonb_build_object(
                   'step', b.step, 'answer', coalesce(b.answer, b.step),
                   -- A write of a quota names the version of it that was read, so it need not wait until
                   -- the namespace is taken over.
                   'wave', CASE WHEN v_kind = 'quota' THEN 1 ELSE b.wave END,
                   'after', CASE WHEN b.after = ANY (b.all_steps) THEN b.after END,
                   -- What is there already may have been changed: only what says other things is written.
                   'verb', CASE WHEN v_kind = 'compare' AND b.verb <> 'vacant' THEN 'compare'
                                WHEN b.verb = 'create' AND v_kind <> 'create' THEN 'apply' ELSE b.verb END,
                   'path', CASE WHEN b.verb = 'create' AND v_kind <> 'create'
                                THEN concat_ws('/', b.path, b.body #>> '{metadata,name}') ELSE b.path END,
                   'body', b.body, 'on_exists', b.on_exists, 'unless', b.unless)
               ORDER BY b.wave, b.after NULLS FIRST, b.step)::text
    INTO v_template
    FROM (
        SELECT b.*, array_agg(b.step) OVER () AS all_steps
        FROM provisioning.blueprint AS b
        JOIN core.organizations AS o USING (plan)
        WHERE o.id = p_org_id AND v_kind = ANY (b.kinds) AND (b.statuses IS NULL OR o.status = ANY (b.statuses))
    ) AS b;
    IF v_kind = 'compare' THEN
        v_template := provisioning.standing(v_template::jsonb);
    ELSIF v_kind = 'quota' THEN
        -- Without the answer of which it is known, as the namespace was made long ago.
        v_template := replace(v_template, '${namespace.metadata.uid}', '{{namespace_uid}}');
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

    v_values := (
        SELECT jsonb_object_agg(v.key, provisioning.escaped(v_variables ->> v.key))
            || jsonb_object_agg('"json:' || v.key, v.value::text)
        FROM jsonb_each(v_variables) AS v);
    -- One pass: what a value contains is never looked at again. Piece by piece: a regular expression over
    -- the whole takes ten times as long.
    SELECT string_agg(
               CASE WHEN p.n = 1 THEN p.piece
                    WHEN p.name IS NULL THEN replace('{{' || p.piece, '{{"json:', '"{{json:')
                    ELSE coalesce(v_values ->> p.name, '') || substr(p.piece, length(p.name) + 3 + (p.name ^@ '"')::integer)
               END, '' ORDER BY p.n),
           min(ltrim(p.name, '"')) FILTER (WHERE p.n > 1 AND NOT v_values ? p.name)
    INTO v_steps, v_unknown
    FROM (
        SELECT e.n, e.piece, CASE WHEN c.name ~ '^("json:)?[a-z_]+$' THEN c.name END AS name
        FROM unnest(string_to_array(replace(v_template, '"{{json:', '{{"json:'), '{{')) WITH ORDINALITY AS e (piece, n)
        CROSS JOIN LATERAL (
            SELECT split_part(e.piece, CASE WHEN e.piece ^@ '"json:' THEN '}}"' ELSE '}}' END, 1)
        ) AS c (name)
        -- Else each use of the name would compute it.
        OFFSET 0
    ) AS p;
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
