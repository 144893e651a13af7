SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.standing(p_steps jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Nothing waits for an answer: the namespace's uid is known. Its fence is that of whoever wrote last.
    RETURN (
        SELECT replace(
            jsonb_agg(
                s || jsonb_build_object(
                    -- What is written to a subresource is read with the object.
                    'path', regexp_replace(s ->> 'path', '/status$', ''),
                    'wave', 1, 'after', NULL, 'unless', NULL, 'only_if', NULL,
                    'body', CASE WHEN s #>> '{body,kind}' = 'Namespace'
                                 THEN jsonb_set(s -> 'body', '{metadata,uid}', '"{{namespace_uid}}"')
                                      #- '{metadata,annotations,agent-ready-k8s/fence}'
                                 WHEN jsonb_typeof(s -> 'body') = 'object'
                                 -- What is read is that which is there.
                                 THEN provisioning.single_ports(s -> 'body' #- '{metadata,uid}')
                                 ELSE s -> 'body' END)
                ORDER BY n)::text,
            '${namespace.metadata.uid}', '{{namespace_uid}}')
        FROM jsonb_array_elements(p_steps) WITH ORDINALITY AS e (s, n));
END
$$;

COMMENT ON FUNCTION provisioning.standing(jsonb) IS
    'The objects of steps as a tenant that stands has them: all side by side, with the recorded uid.';
REVOKE EXECUTE ON FUNCTION provisioning.standing(jsonb) FROM PUBLIC;

SET LOCAL ROLE ark_owner;
-- Fires provisioning.tg_compile, whose outcome depends on this.
UPDATE provisioning.blueprint SET plan = plan WHERE false;
