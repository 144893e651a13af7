SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.import_org(p_slug text, p_reason text)
RETURNS core.organizations
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_export  record;
    v_was     core.organizations;
    v_org     core.organizations;
    v_is_new  boolean;
    v_changed bigint;
BEGIN
    PERFORM core.require_reason(p_reason);
    SELECT * INTO v_export FROM core.export_about(p_slug);
    EXECUTE format('SELECT (jsonb_populate_record(NULL::core.organizations, to_jsonb(o))).* FROM %I.core_organizations AS o', v_export.schema)
        INTO STRICT v_was;
    v_is_new := v_export.org_id IS NULL;
    IF v_is_new THEN
        -- The way of every new organisation: its own id, a namespace, a bill that begins now.
        v_org := api.create_organization(gen_random_uuid(), v_was.name, v_was.owner_email, v_was.slug, v_was.plan);
        -- An export of an earlier version has no column for it.
        IF NOT v_export.about ? 'became' THEN
            EXECUTE format('ALTER TABLE %I.about ADD COLUMN became uuid', v_export.schema);
        END IF;
        EXECUTE format('UPDATE %I.about SET became = $1', v_export.schema) USING v_org.operation_id;
    ELSE
        SELECT * INTO STRICT v_org FROM core.organizations AS o WHERE o.id = v_export.org_id FOR UPDATE;
        IF v_org.status NOT IN ('PENDING', 'COMMITTED', 'SUSPENDED') THEN
            RAISE EXCEPTION 'organisation % is %', p_slug, v_org.status
                USING ERRCODE = '55000', HINT = 'When it is DELETED, an import makes it anew; admin.cancel_job takes back a deletion that nobody has begun.';
        END IF;
        UPDATE core.organizations AS o SET name = v_was.name, owner_email = v_was.owner_email
        WHERE o.id = v_org.id AND (o.name, o.owner_email) IS DISTINCT FROM (v_was.name, v_was.owner_email);
    END IF;
    PERFORM core.import_members(v_export.schema, v_org.id);
    PERFORM core.import_content(v_export.schema, v_org.id);
    v_changed := config.import_values(v_export.schema, v_org.id, p_reason);
    IF v_is_new THEN
        PERFORM finops.import_quota(v_export.schema, v_org.id, p_reason);
    ELSIF v_org.status <> 'PENDING' THEN
        PERFORM provisioning.enqueue(v_org.id, 'members');
    END IF;
    PERFORM core.record_event(
        v_org.id, 'import',
        jsonb_build_object('exported_at', v_export.about -> 'exported_at', 'from', v_export.about -> 'org_id', 'values', v_changed), p_reason);
    SELECT * INTO STRICT v_org FROM core.organizations AS o WHERE o.id = v_org.id;
    RETURN v_org;
END
$$;

COMMENT ON FUNCTION admin.import_org(text, text) IS
    'Makes an organisation what its export in the schema org_<slug> says: members, projects, notes, documents and every other content table under the same ids, configuration with versions above the live ones; what came since then goes. All of it or nothing. Quotas, bills, status and history of one that lives stay; the history gets a row for each value that changes. If it does not live here (any more), a new organisation is made of it, with a new id and namespace, under its plan and with the quota that it had. Returns the organisation. P0002: no export. 55000: it is being deleted, nobody in the export is an owner, or roles change under another level than READ COMMITTED. 23505: another organisation has the slug. 22023: no reason, or a value or quantity that is not valid any more. AR422: the reason or a value looks like a secret. Example: SELECT id, status FROM admin.import_org(''acme'', ''request 4711'');';
REVOKE EXECUTE ON FUNCTION admin.import_org(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.import_org(text, text) TO ark_dba;
