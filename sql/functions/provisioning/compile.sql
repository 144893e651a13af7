SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.compile(
    p_plan text, p_kind text, p_status text, OUT steps text, OUT variables text[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_template text;
    v_pieces   text[];
BEGIN
    SELECT jsonb_agg(
               jsonb_build_object(
                   'step', b.step, 'answer', coalesce(b.answer, b.step),
                   -- A write of a quota names the version of it that was read, so it need not wait until
                   -- the namespace is taken over.
                   'wave', CASE WHEN p_kind = 'quota' THEN 1 ELSE b.wave END,
                   'after', CASE WHEN b.after = ANY (b.all_steps) THEN b.after END,
                   -- What is there already may have been changed: only what says other things is written.
                   'verb', CASE WHEN p_kind = 'compare' AND b.verb <> 'vacant' THEN 'compare'
                                WHEN b.verb = 'create' AND p_kind <> 'create' THEN 'apply' ELSE b.verb END,
                   'path', CASE WHEN b.verb = 'create' AND p_kind <> 'create'
                                THEN concat_ws('/', b.path, b.body #>> '{metadata,name}') ELSE b.path END,
                   'body', b.body, 'on_exists', b.on_exists, 'unless', b.unless, 'only_if', b.only_if)
               ORDER BY b.wave, b.after NULLS FIRST, b.step)::text
    INTO v_template
    FROM (
        SELECT b.*, array_agg(b.step) OVER () AS all_steps
        FROM provisioning.blueprint AS b
        WHERE b.plan = p_plan AND p_kind = ANY (b.kinds) AND (b.statuses IS NULL OR p_status = ANY (b.statuses))
    ) AS b;
    IF p_kind = 'compare' THEN
        v_template := provisioning.standing(v_template::jsonb);
    ELSIF p_kind = 'quota' THEN
        -- Without the answer of which it is known, as the namespace was made long ago.
        v_template := replace(v_template, '${namespace.metadata.uid}', '{{namespace_uid}}');
    END IF;

    -- Each piece but the first begins with a name and }}, or with what is none.
    v_pieces := string_to_array(
        replace(replace(v_template, '%', '%%'), '"{{json:', '{{"json:'), '{{');
    variables := ARRAY(
        SELECT DISTINCT ltrim(substring(e.piece FROM '^("json:[a-z_]+(?=}}")|[a-z_]+(?=}}))'), '"')
        FROM unnest(v_pieces[2:]) AS e (piece)
        WHERE e.piece ~ '^("json:[a-z_]+}}"|[a-z_]+}})'
        ORDER BY 1);
    steps := v_pieces[1] || coalesce((
        SELECT string_agg(
                   CASE WHEN v.n IS NULL THEN replace('{{' || e.piece, '{{"json:', '"{{json:')
                        ELSE format('%%%s$s', v.n) || regexp_replace(e.piece, '^("json:[a-z_]+}}"|[a-z_]+}})', '') END,
                   '' ORDER BY e.n)
        FROM unnest(v_pieces[2:]) WITH ORDINALITY AS e (piece, n)
        LEFT JOIN unnest(variables) WITH ORDINALITY AS v (name, n)
            ON e.piece ^@ CASE WHEN v.name ^@ 'json:' THEN format('"%s}}"', v.name) ELSE v.name || '}}' END), '');
END
$$;

COMMENT ON FUNCTION provisioning.compile(text, text, text) IS
    'The steps of a job of this kind, of an organisation of this plan and in this state, as provisioning.templates holds them; NULL if the blueprint has none.';
REVOKE EXECUTE ON FUNCTION provisioning.compile(text, text, text) FROM PUBLIC;

SET LOCAL ROLE ark_owner;
-- Fires provisioning.tg_compile, whose outcome depends on this.
UPDATE provisioning.blueprint SET plan = plan WHERE false;
