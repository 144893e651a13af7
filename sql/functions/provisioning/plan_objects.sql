SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.plan_objects(p_org text)
RETURNS TABLE (org_id bigint, slug text, namespace text, status text, plan text, step text, object jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_org     core.organizations := core.find_organization(p_org);
    v_stands  boolean := v_org.namespace_uid IS NOT NULL;
    v_objects jsonb;
    v_gate    jsonb;
    v_open    text;
BEGIN
    IF v_org.status NOT IN ('PENDING', 'COMMITTED', 'SUSPENDED') THEN
        RAISE EXCEPTION 'organisation % is %: nothing is applied for it', quote_literal(v_org.slug), v_org.status
            USING ERRCODE = '55000', HINT = 'SELECT * FROM admin.jobs(slug) shows what is done for it.';
    END IF;
    WITH object AS (
        SELECT e.n, e.s ->> 'step' AS step, substring(e.s ->> 'path' FROM '/namespaces/([^/]+)/') AS namespace,
               -- A namespace that is not made yet has no uid to be owned by.
               -- null says that nothing may be there, which kubectl does not take.
               jsonb_strip_nulls(
                   CASE WHEN v_stands THEN e.s -> 'body' ELSE e.s -> 'body' #- '{metadata,ownerReferences}' END
                   #- '{metadata,uid}') AS body
        FROM jsonb_array_elements(provisioning.render(v_org.id, 'compare', 0)) WITH ORDINALITY AS e (s, n)
        WHERE e.s -> 'body' ?& ARRAY['apiVersion', 'kind']
          -- A binding of nobody is none, unless one is there that binds somebody.
          AND (v_stands OR e.s #> '{body,subjects}' IS DISTINCT FROM '[]')
    )
    SELECT jsonb_agg(jsonb_build_object('step', o.step, 'object', CASE
        -- The fence of a new one lets nobody in: whoever makes the tenant takes it over. That of one that
        -- stands is left as it is.
        WHEN o.body ->> 'kind' = 'Namespace' AND NOT v_stands
            THEN jsonb_set(o.body, '{metadata,annotations,agent-ready-k8s/fence}', '"0"')
        WHEN o.namespace IS NOT NULL THEN jsonb_set(o.body, '{metadata,namespace}', to_jsonb(o.namespace))
        ELSE o.body END) ORDER BY o.n)
    INTO v_objects
    FROM object AS o;

    v_open := substring(v_objects::text FROM '(?<!\\)"(\$\{[^"]*\})"');
    IF v_open IS NOT NULL THEN
        RAISE EXCEPTION 'the blueprint of plan % has an object that cannot be planned', v_org.plan
            USING ERRCODE = '55000', DETAIL = format('%s is known only when another object is made.', v_open);
    END IF;
    -- What stands for itself, and is no reference, was marked with a second $.
    v_objects := regexp_replace(v_objects::text, '(?<!\\)"\$(\$+\{)', '"\1', 'g')::jsonb;

    -- Open, if it is to be: a new one last of all, when it is isolated.
    IF v_org.status <> 'SUSPENDED' THEN
        v_gate := jsonb_set(
            (SELECT e -> 'object' FROM jsonb_array_elements(v_objects) AS e WHERE e #>> '{object,kind}' = 'Namespace' LIMIT 1),
            '{metadata,labels,isolation-ready}', '"true"');
        IF v_stands THEN
            v_objects := (
                SELECT jsonb_agg(CASE WHEN e #>> '{object,kind}' = 'Namespace' THEN jsonb_set(e, '{object}', v_gate) ELSE e END ORDER BY n)
                FROM jsonb_array_elements(v_objects) WITH ORDINALITY AS x (e, n));
        ELSE
            v_objects := v_objects || jsonb_build_object('step', 'gate', 'object', v_gate);
        END IF;
    END IF;
    RETURN QUERY
        SELECT v_org.id, v_org.slug, v_org.namespace, v_org.status, v_org.plan, e ->> 'step', e -> 'object'
        FROM jsonb_array_elements(v_objects) WITH ORDINALITY AS x (e, n)
        ORDER BY n;
END
$$;

COMMENT ON FUNCTION provisioning.plan_objects(text) IS
    'The objects of an organisation, named by slug, id or namespace, as they would be applied now, in order; also of one whose namespace is not made yet: then without the references to its uid, and opened by a last one. What the provisioner writes besides, the first status of the quota, is none. P0002: no such organisation. 22023: the name is ambiguous. 55000: nothing is applied for it any more, or its blueprint cannot be computed. Example: SELECT step, jsonb_pretty(object) FROM provisioning.plan_objects(''acme'');';
REVOKE EXECUTE ON FUNCTION provisioning.plan_objects(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.plan_objects(text) TO ark_provisioner;
