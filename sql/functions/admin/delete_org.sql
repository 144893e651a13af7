SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.delete_org(p_slug text, p_confirm text, p_reason text)
RETURNS core.organizations
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org   core.organizations;
    v_table record;
    v_gone  bigint;
    v_rows  jsonb := '{}';
    v_users bigint[];
BEGIN
    -- Tombstones, sessions, the namespace's job; refuses what is not confirmed.
    v_org := admin.delete_organization(p_slug, p_confirm, p_reason);
    FOR v_table IN SELECT t.* FROM core.content_tables(core.export_schema(p_slug)) AS t ORDER BY t.rank DESC, t.exported LOOP
        EXECUTE format('DELETE FROM %s AS t WHERE t.org_id = $1', v_table.relation) USING v_org.id;
        GET DIAGNOSTICS v_gone = ROW_COUNT;
        v_rows := v_rows || jsonb_build_object(v_table.relation::text, v_gone);
    END LOOP;
    WITH gone AS (DELETE FROM core.memberships AS m WHERE m.org_id = v_org.id RETURNING m.user_id)
    SELECT array_agg(g.user_id) INTO v_users FROM gone AS g;
    -- Whoever is nowhere else is forgotten.
    DELETE FROM core.users AS u
    WHERE u.id = ANY (v_users) AND NOT EXISTS (SELECT FROM core.memberships AS m WHERE m.user_id = u.id);
    PERFORM core.record_event(v_org.id, 'erasure', v_rows || jsonb_build_object('core.memberships', coalesce(cardinality(v_users), 0)), p_reason);
    RETURN v_org;
END
$$;

COMMENT ON FUNCTION admin.delete_org(text, text, text) IS
    'Ends an organisation as admin.delete_organization does (sessions end, configuration becomes tombstones that pods hear of, the namespace is deleted), and erases its content in the same transaction: every content table of admin.tenant_tables(), its members, and users who are nowhere else. History, quotas and bills stay. Safe to run again until the namespace is gone. Export it first: admin.import_org makes it anew. p_confirm: the slug again, else 22023. P0002: none of that slug. 55000: it is in another state, or not READ COMMITTED. 22023: no reason. AR422: the reason holds what looks like a secret. Example: SELECT status FROM admin.delete_org(''acme'', ''acme'', ''contract ended'');';
REVOKE EXECUTE ON FUNCTION admin.delete_org(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.delete_org(text, text, text) TO ark_dba;
