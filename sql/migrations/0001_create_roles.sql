-- Group roles of the platform. Roles belong to the cluster, not to the database: another database
-- of the same cluster may have made them already, or be making them at this moment.
DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY[
        'ark_owner', 'ark_system',
        'ark_app', 'ark_app_ro', 'ark_bridge', 'ark_pod', 'ark_provisioner', 'ark_gateway',
        'ark_monitor', 'ark_auditor', 'ark_dba', 'ark_migrator'
    ] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END
$$;

-- Roles and memberships are rows that all databases of the cluster share: each is written only where
-- it is not yet so, because two writers at once end in "tuple concurrently updated".
DO $$
BEGIN
    -- A migrator may become the owner, but does not inherit its rights: a forgotten SET ROLE is an
    -- error, and nobody passes row-level security by accident.
    IF (SELECT rolinherit FROM pg_roles WHERE rolname = 'ark_migrator') THEN
        ALTER ROLE ark_migrator NOINHERIT;
    END IF;
    IF NOT pg_has_role('ark_migrator', 'ark_owner', 'MEMBER') THEN
        GRANT ark_owner, ark_system TO ark_migrator;
    END IF;
    -- Whoever migrates must be able to SET ROLE ark_owner and ark_system.
    IF NOT pg_has_role(current_user, 'ark_migrator', 'MEMBER') THEN
        EXECUTE format('GRANT ark_migrator TO %I', current_user);
    END IF;
    EXECUTE format('GRANT CREATE ON DATABASE %I TO ark_owner', current_database());
END
$$;

DO $$
DECLARE
    v_role    text;
    v_comment text;
BEGIN
    FOR v_role, v_comment IN VALUES
        ('ark_owner', 'Owns every table. Nobody logs in as it.'),
        ('ark_system', 'Owns the functions that cross organisations; the only role with USING (true) policies.'),
        ('ark_app', 'Applications: one organisation at a time, reading and writing.'),
        ('ark_app_ro', 'Applications and reports: one organisation at a time, reading.'),
        ('ark_bridge', 'The bridge daemon: the configuration feed.'),
        ('ark_pod', 'Platform services: load the configuration they are bound to.'),
        ('ark_provisioner', 'The provisioner daemon: the queue.'),
        ('ark_gateway', 'The HTTP gateway.'),
        ('ark_monitor', 'Monitoring: reads the admin functions.'),
        ('ark_auditor', 'Auditors: read the history of every organisation through admin.'),
        ('ark_dba', 'Administrators in psql.'),
        ('ark_migrator', 'May run migrations: SET ROLE to ark_owner and ark_system.')
    LOOP
        IF shobj_description(v_role::regrole, 'pg_authid') IS DISTINCT FROM v_comment THEN
            EXECUTE format('COMMENT ON ROLE %I IS %L', v_role, v_comment);
        END IF;
    END LOOP;
END
$$;
