SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.changes(p_slug text DEFAULT NULL, p_since interval DEFAULT '1 day')
RETURNS TABLE (
    changed_at timestamptz, slug text, what text, old text, new text, changed_by text, login name, reason text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM core.require_slug(p_slug);
    RETURN QUERY
        SELECT c.changed_at, o.slug, c.what, c.old, c.new, c.changed_by, c.login, c.reason
        FROM (
            SELECT h.org_id, h.changed_at, h.service || '.' || h.key || ' v' || h.version AS what,
                   h.old_value AS old, h.new_value AS new, h.changed_by, h.login, h.reason
            FROM config.config_history AS h
            WHERE h.changed_at > clock_timestamp() - least(p_since, interval '1000 years')
            UNION ALL
            SELECT e.org_id, e.occurred_at, concat_ws(' ', e.what, e.detail ->> 'user_id', e.detail ->> 'job_id', e.detail ->> 'rollout_id'), e.detail ->> 'old',
                   coalesce(e.detail ->> 'new', e.detail ->> 'how', e.detail ->> 'on_drift'), e.actor, e.login, e.reason
            FROM core.organization_events AS e
            WHERE e.occurred_at > clock_timestamp() - least(p_since, interval '1000 years')
            UNION ALL
            SELECT x.org_id, x.erased_at, 'erasure', NULL,
                   format('%s of history %s', array_to_string(x.fields, ', '), x.history_id), x.erased_by, x.login, x.reason
            FROM config.history_erasures AS x
            WHERE x.erased_at > clock_timestamp() - least(p_since, interval '1000 years')
        ) AS c
        JOIN core.organizations AS o ON o.id = c.org_id
        WHERE p_slug IS NULL OR o.slug = p_slug
        ORDER BY c.changed_at DESC;
END
$$;

COMMENT ON FUNCTION admin.changes(text, interval) IS
    'Who changed what, when and why, latest first: configuration and quotas (service quota), states, members, interventions, roll-outs, erasures; of one organisation (ark-platform: the defaults) or of all. P0002: no organisation has that slug. Example: SELECT * FROM admin.changes(''acme'', ''1 hour'');';
REVOKE EXECUTE ON FUNCTION admin.changes(text, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.changes(text, interval) TO ark_dba, ark_auditor;

CREATE OR REPLACE VIEW admin.changes WITH (security_invoker = true) AS SELECT * FROM admin.changes();
COMMENT ON VIEW admin.changes IS
    'Who changed what, when and why, latest first: configuration and quotas (service quota), states, members, interventions, roll-outs, erasures; of one organisation (ark-platform: the defaults) or of all. The rows of admin.changes(). Example: TABLE admin.changes;';
GRANT SELECT ON admin.changes TO ark_dba, ark_auditor;
