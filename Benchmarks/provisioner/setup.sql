-- Clients that make something and wait for it, and what they measured. They ask for the state every 0.3 ms,
-- as no NOTIFY tells of it.
CREATE SCHEMA measure;
CREATE TABLE measure.took (what text NOT NULL, ms double precision NOT NULL);

CREATE FUNCTION measure.create_organization() RETURNS bigint LANGUAGE sql AS $$
    SELECT (api.create_organization(gen_random_uuid(), 'Bench', 'owner@example.com', 'b-' || substr(gen_random_uuid()::text, 1, 13))).id
$$;

-- One at a time: from before COMMIT until it is seen to be COMMITTED.
CREATE PROCEDURE measure.creations(p_what text, p_count integer) LANGUAGE plpgsql AS $$
DECLARE
    v_org    bigint;
    v_start  timestamptz;
    v_status text;
BEGIN
    FOR i IN 1..p_count LOOP
        v_org := measure.create_organization();
        v_start := clock_timestamp();
        COMMIT;
        LOOP
            v_status := (SELECT o.status FROM core.organizations AS o WHERE o.id = v_org);
            EXIT WHEN v_status = 'COMMITTED';
            IF v_status <> 'PENDING' THEN
                RAISE EXCEPTION 'organisation % is %', v_org, v_status;
            END IF;
            PERFORM pg_sleep(0.0003);
        END LOOP;
        INSERT INTO measure.took VALUES (p_what, extract(epoch FROM clock_timestamp() - v_start) * 1000);
        COMMIT;
    END LOOP;
END
$$;

-- From before COMMIT of a change until the API server enforces it, which is when its job is done.
CREATE PROCEDURE measure.quota_changes(p_what text, p_count integer) LANGUAGE plpgsql AS $$
DECLARE
    v_org   bigint := (SELECT min(o.id) FROM core.organizations AS o WHERE o.status = 'COMMITTED');
    v_start timestamptz;
BEGIN
    PERFORM set_config('app.current_org', v_org::text, false);
    FOR i IN 1..p_count LOOP
        PERFORM api.request_quota(p_cpu => (20 + i % 50)::text, p_reason => 'measured');
        v_start := clock_timestamp();
        COMMIT;
        WHILE EXISTS (
            SELECT FROM provisioning.jobs AS j
            WHERE j.org_id = v_org AND j.kind = 'quota' AND j.state IN ('queued', 'running')) LOOP
            PERFORM pg_sleep(0.0003);
        END LOOP;
        INSERT INTO measure.took VALUES (p_what, extract(epoch FROM clock_timestamp() - v_start) * 1000);
        COMMIT;
    END LOOP;
END
$$;

-- Many at once; milliseconds from COMMIT to the last.
CREATE PROCEDURE measure.together(p_what text, p_count integer) LANGUAGE plpgsql AS $$
DECLARE
    v_start timestamptz;
    v_first bigint;
BEGIN
    v_first := (SELECT coalesce(max(o.id), 0) FROM core.organizations AS o);
    PERFORM measure.create_organization() FROM generate_series(1, p_count);
    v_start := clock_timestamp();
    COMMIT;
    LOOP
        EXIT WHEN (SELECT count(*) FROM core.organizations AS o WHERE o.id > v_first AND o.status = 'COMMITTED') = p_count;
        -- The time is the organisations' own; to look more often would slow down what is measured.
        PERFORM pg_sleep(0.05);
    END LOOP;
    INSERT INTO measure.took
    SELECT p_what, extract(epoch FROM max(o.committed_at) - v_start) * 1000
    FROM core.organizations AS o WHERE o.id > v_first;
    COMMIT;
END
$$;

-- The same calls as the provisioner's, for Benchmarks/provisioner/bare.c.
CREATE FUNCTION measure.calls() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    v_org  bigint := measure.create_organization();
    v_name text := (SELECT o.namespace FROM core.organizations AS o WHERE o.id = v_org);
BEGIN
    RETURN QUERY
        SELECT concat_ws(E'\t', s ->> 'step',
            CASE s ->> 'verb' WHEN 'create' THEN 'POST' WHEN 'replace' THEN 'PUT' ELSE 'PATCH' END,
            CASE s ->> 'verb' WHEN 'patch' THEN 'application/json-patch+json' ELSE 'application/json' END,
            replace(s ->> 'path', v_name, '@NAME@'),
            replace(replace(replace((s -> 'body')::text, v_name, '@NAME@'),
                '${namespace.metadata.uid}', '@UID@'), '${resource-quota.metadata.resourceVersion}', '@VERSION@'))
        FROM jsonb_array_elements(provisioning.render(v_org, 'create', 1)) AS s;
    -- It was only asked for.
    DELETE FROM provisioning.jobs AS j WHERE j.org_id = v_org;
    UPDATE provisioning.lanes AS l SET next_at = NULL WHERE l.org_id = v_org;
END
$$;

-- A change of the quota of a tenant that stands, sent bare: another one than the one that measure.quota_changes
-- changes. What is enforced is the status, whose first field it is.
CREATE FUNCTION measure.quota_calls() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    v_path text := (
        SELECT format('/api/v1/namespaces/%s/resourcequotas/tenant', o.namespace)
        FROM core.organizations AS o WHERE o.status = 'COMMITTED' ORDER BY o.id DESC LIMIT 1);
BEGIN
    RETURN QUERY VALUES
        (concat_ws(E'\t', 'limits', 'PATCH', 'application/merge-patch+json', v_path, '{"spec": {"hard": {"limits.cpu": "2@N@"}}}')),
        (concat_ws(E'\t', 'until', 'GET', 'application/json', v_path, '"status":{"hard":{"limits.cpu":"2@N@",'));
END
$$;

-- Jobs that do nothing: claimed, and reported as done, like any other.
INSERT INTO provisioning.kinds (kind, served, priority, statuses, description) VALUES ('nothing', true, 2, '{COMMITTED}', 'Measured.');
INSERT INTO provisioning.blueprint (plan, step, wave, verb, path, body, kinds)
SELECT p.plan, 'nothing', 1, 'compare', '/', '{}', '{nothing}' FROM provisioning.plans AS p;
CREATE PROCEDURE measure.fill(p_orgs integer, p_jobs integer) LANGUAGE plpgsql AS $$
DECLARE
    v_orgs bigint[] := ARRAY(SELECT measure.create_organization() FROM generate_series(1, p_orgs));
BEGIN
    DELETE FROM provisioning.jobs AS j WHERE j.org_id = ANY (v_orgs);
    UPDATE core.organizations AS o SET status = 'COMMITTED', namespace_uid = 'none', committed_at = clock_timestamp() WHERE o.id = ANY (v_orgs);
    INSERT INTO provisioning.jobs (org_id, kind, priority) SELECT o, 'nothing', 2 FROM unnest(v_orgs) AS o, generate_series(1, p_jobs);
    UPDATE provisioning.lanes AS l SET next_at = clock_timestamp(), priority = 2 WHERE l.org_id = ANY (v_orgs);
    COMMIT;
END
$$;
