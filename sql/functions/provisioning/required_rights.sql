SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION provisioning.required_rights()
RETURNS TABLE (verb text, api_group text, resource text, name text, needed_for text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    WITH step AS (
        SELECT b.step, b.verb, b.kinds, b.body, b.on_exists, p.api_group,
               -- /api/v1/namespaces/org-acme/resourcequotas/tenant/status: what is below a namespace names the
               -- resource, unless it is a part of the namespace itself.
               CASE WHEN p.parts[1] = 'namespaces' AND cardinality(p.parts) >= 3 AND p.parts[3] NOT IN ('status', 'finalize')
                    THEN p.parts[3:] ELSE p.parts END AS parts
        FROM provisioning.blueprint AS b
        CROSS JOIN LATERAL (
            SELECT coalesce(substring(b.path FROM '^/apis/([^/]+)/'), '') AS api_group,
                   string_to_array(regexp_replace(b.path, '^/(?:api|apis/[^/]+)/[^/]+/', ''), '/') AS parts
        ) AS p
    ), call AS (
        -- What a step may come to: the call itself, the look at what an unclear answer has left, the
        -- replacement of what is there, the take-over of the namespace, and the undo.
        SELECT s.step, s.api_group, s.parts, s.body, unnest(CASE s.verb
            WHEN 'create' THEN
                CASE WHEN 'create' = ANY (s.kinds) THEN ARRAY['create', 'get'] || CASE
                    WHEN s.body ->> 'kind' = 'Namespace' THEN ARRAY['patch', 'delete']
                    WHEN s.on_exists = 'compare' THEN ARRAY['update'] END END
                -- Where the tenant stands it is a server-side apply, which makes what is missing, and anew
                -- what cannot be changed.
                || CASE WHEN s.kinds && ARRAY(SELECT k.kind FROM provisioning.kinds AS k WHERE k.kind NOT IN ('create', 'compare'))
                        THEN ARRAY['create', 'get', 'patch']
                             || CASE WHEN s.on_exists = 'compare' THEN ARRAY['update'] END
                             || CASE WHEN s.body ? 'roleRef' THEN ARRAY['delete'] END END
            WHEN 'replace' THEN ARRAY['update']
            WHEN 'merge' THEN CASE WHEN s.kinds <> '{compare}' THEN ARRAY['patch'] END
            WHEN 'patch' THEN ARRAY['get', 'patch']
            WHEN 'hold' THEN ARRAY['get', 'patch']
            WHEN 'clear' THEN ARRAY['list', 'delete']
            WHEN 'vacant' THEN ARRAY['list']
            WHEN 'delete' THEN ARRAY['get', 'patch', 'delete']
        END) AS verb
        FROM step AS s
        UNION ALL
        SELECT s.step, s.api_group, s.parts, s.body, 'get' FROM step AS s WHERE 'compare' = ANY (s.kinds) AND s.verb <> 'vacant'
    ), needed AS (
        SELECT c.verb, c.api_group,
               -- Whoever reads an object reads its status with it.
               concat_ws('/', c.parts[1], CASE WHEN c.verb <> 'get' THEN c.parts[3] END) AS resource,
               -- Whoever makes one, or lists them, names none to the API server.
               CASE WHEN c.verb NOT IN ('create', 'list') AND c.parts[1] <> 'namespaces'
                    THEN coalesce(nullif(c.parts[2], ''), c.body #>> '{metadata,name}') END AS name,
               c.step
        FROM call AS c
        UNION
        -- Whoever binds a role must hold its rights, or this one.
        SELECT 'bind', split_part(s.body #>> '{roleRef,apiGroup}', '/', 1), lower(s.body #>> '{roleRef,kind}') || 's',
               s.body #>> '{roleRef,name}', s.step
        FROM step AS s
        WHERE s.body ? 'roleRef'
        UNION
        SELECT 'list', '', 'namespaces', NULL, m.task FROM provisioning.maintenance AS m WHERE m.task = 'survey-namespaces'
    )
    SELECT n.verb, n.api_group, n.resource, n.name, string_agg(DISTINCT n.step, ', ' ORDER BY n.step)
    FROM needed AS n
    GROUP BY n.verb, n.api_group, n.resource, n.name
    ORDER BY n.api_group, n.resource, n.name NULLS FIRST, n.verb
$$;

COMMENT ON FUNCTION provisioning.required_rights() IS
    'What the provisioner must be allowed in Kubernetes, in every namespace: verbs, API group, resource (with its subresource) and, where the API server is told it, the name; computed from the blueprints of all plans. Example: SELECT verb, resource FROM provisioning.required_rights();';
REVOKE EXECUTE ON FUNCTION provisioning.required_rights() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.required_rights() TO ark_provisioner;
