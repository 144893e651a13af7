SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.create_organization(
    p_operation_id uuid, p_name text, p_owner_email text,
    p_slug text DEFAULT NULL, p_plan text DEFAULT 'standard')
RETURNS core.organizations
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_name text := btrim(p_name);
    v_slug text := coalesce(p_slug, btrim(regexp_replace(lower(btrim(p_name)), '[^a-z0-9]+', '-', 'g'), '-'));
    v_hash bytea := sha256(convert_to(
        jsonb_build_array(v_name, p_owner_email, v_slug, p_plan)::text, 'UTF8'));
    v_plan provisioning.plans;
    v_org  core.organizations;
BEGIN
    IF p_operation_id IS NULL OR p_name IS NULL OR p_owner_email IS NULL THEN
        RAISE EXCEPTION 'an organisation needs an operation id, a name and an owner''s address'
            USING ERRCODE = '22004';
    END IF;
    SELECT * INTO v_plan FROM provisioning.plans AS p WHERE p.plan = p_plan;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown plan %', quote_nullable(p_plan) USING ERRCODE = '22023',
            HINT = 'Known plans: ' || (SELECT string_agg(p.plan, ', ') FROM provisioning.plans AS p);
    END IF;
    IF v_slug !~ '^[a-z0-9]([a-z0-9-]{0,57}[a-z0-9])?$' THEN
        RAISE EXCEPTION '% makes no valid namespace', quote_literal(v_slug)
            USING ERRCODE = '22023',
                  DETAIL = 'A slug is 1 to 59 lower-case letters, digits and hyphens, with no hyphen at either end.',
                  HINT = 'Choose a slug with p_slug.';
    END IF;

    BEGIN
        INSERT INTO core.organizations (name, slug, owner_email, plan, operation_id, request_hash)
        VALUES (v_name, v_slug, p_owner_email, p_plan, p_operation_id, v_hash)
        ON CONFLICT ((operation_id::text)) DO NOTHING
        RETURNING * INTO v_org;
    EXCEPTION
        WHEN unique_violation THEN
            -- The same request, just committed by another session, may show as a conflict of the slug,
            -- too: ON CONFLICT looks at the operation id alone.
            IF NOT EXISTS (SELECT FROM core.organizations AS o WHERE o.operation_id::text = p_operation_id::text) THEN
                RAISE EXCEPTION 'the slug % is taken', quote_literal(v_slug)
                    USING ERRCODE = '23505', HINT = 'Choose another one with p_slug.';
            END IF;
        WHEN check_violation THEN
            RAISE EXCEPTION '%', CASE
                WHEN v_name = '' OR length(v_name) > 200 OR v_name ~ '[[:cntrl:]]'
                    THEN 'a name is 1 to 200 characters on one line'
                ELSE format('%s is no address', quote_literal(left(p_owner_email, 80))) END
                USING ERRCODE = '22023';
    END;

    IF v_org.id IS NULL THEN
        SELECT * INTO STRICT v_org FROM core.organizations AS o WHERE o.operation_id::text = p_operation_id::text;
        IF v_org.request_hash <> v_hash THEN
            RAISE EXCEPTION 'operation % was another request', p_operation_id
                USING ERRCODE = 'AR409', HINT = 'A new request needs a new operation id.';
        END IF;
        RETURN v_org;
    END IF;

    PERFORM core.add_member(
        v_org.id, v_org.owner_email, left(split_part(v_org.owner_email, '@', 1), 200), 'owner');
    INSERT INTO finops.quota_changes (org_id, cpu, memory, storage, effective_at, reason, actor)
    VALUES (v_org.id, v_plan.cpu, v_plan.memory, v_plan.storage, v_org.created_at,
            format('plan %s', p_plan), session_user);
    PERFORM provisioning.enqueue(v_org.id, 'create');
    RETURN v_org;
END
$$;

COMMENT ON FUNCTION api.create_organization(uuid, text, text, text, text) IS
    'Creates an organisation, PENDING, with its first quota and its owner as a member, and queues its namespace; returns the whole row. The same operation id with the same request returns the same row, with another request AR409. Without p_slug the name makes it. 22023: no valid namespace, name, address or plan. 23505: slug taken. 22004: no operation id, name or address. Example: SELECT * FROM api.create_organization(gen_random_uuid(), ''ACME Corp'', ''admin@acme.com'', ''acme'');';
REVOKE EXECUTE ON FUNCTION api.create_organization(uuid, text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.create_organization(uuid, text, text, text, text) TO ark_app, ark_gateway, ark_dba;
