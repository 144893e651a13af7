SET LOCAL ROLE ark_owner;

-- The fence counts an organisation's claims, no longer a job's: several jobs, one after the other, write
-- to the same namespace.
ALTER TABLE provisioning.lanes ADD COLUMN fence bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN provisioning.lanes.fence IS 'Rises with every claim of one of the organisation''s jobs; the namespace carries the last one that has written.';
COMMENT ON COLUMN provisioning.jobs.fence IS 'That of the organisation at the last claim, 0 before the first; the holder of an older number can change nothing any more.';
ALTER TABLE provisioning.lanes NO FORCE ROW LEVEL SECURITY;
ALTER TABLE provisioning.jobs NO FORCE ROW LEVEL SECURITY;
UPDATE provisioning.lanes AS l SET fence = j.fence
FROM (SELECT org_id, max(fence) AS fence FROM provisioning.jobs GROUP BY org_id) AS j
WHERE j.org_id = l.org_id;
ALTER TABLE provisioning.lanes FORCE ROW LEVEL SECURITY;
ALTER TABLE provisioning.jobs FORCE ROW LEVEL SECURITY;

ALTER TABLE provisioning.kinds ADD COLUMN statuses text[], ADD COLUMN is_repeatable boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN provisioning.kinds.statuses IS 'The states of the organisation in which such a job has something to do.';
COMMENT ON COLUMN provisioning.kinds.is_repeatable IS 'Whether a job that waits does what another one is queued for.';
UPDATE provisioning.kinds AS k SET served = true, statuses = s.statuses::text[]
FROM (VALUES
    ('create',  '{PENDING,DELETING}'),
    ('quota',   '{PENDING,COMMITTED,SUSPENDED}'),
    ('members', '{PENDING,COMMITTED,SUSPENDED}'),
    ('suspend', '{SUSPENDED}'),
    ('resume',  '{COMMITTED}'),
    ('delete',  '{DELETING}')) AS s (kind, statuses)
WHERE s.kind = k.kind;
UPDATE provisioning.kinds SET is_repeatable = true WHERE kind = 'members';
UPDATE provisioning.kinds SET description = 'Close the namespace for new pods and delete those that run.' WHERE kind = 'suspend';
INSERT INTO provisioning.kinds (kind, served, is_repeatable, statuses, description) VALUES
    ('reconcile', true, true, '{COMMITTED,SUSPENDED}', 'Bring every object of the namespace to the blueprint.');
ALTER TABLE provisioning.kinds ALTER COLUMN statuses SET NOT NULL;

-- Which steps a job of each kind takes.
ALTER TABLE provisioning.blueprint
    ADD COLUMN kinds text[] NOT NULL DEFAULT '{create,resume,reconcile}',
    ADD COLUMN answer text,
    DROP CONSTRAINT verb_is_known;
COMMENT ON COLUMN provisioning.blueprint.kinds IS 'The kinds of jobs that take this step.';
COMMENT ON COLUMN provisioning.blueprint.answer IS 'The name by which later steps refer to the object; NULL: the step''s own.';
COMMENT ON COLUMN provisioning.blueprint.verb IS 'create: POST to the collection; where the tenant exists already, a server-side apply. replace: PUT, where 409 means that a controller was faster. merge: JSON Merge Patch. patch: JSON Patch of the namespace. hold: take the namespace over for this attempt. clear: DELETE all of a collection. delete: DELETE the namespace, and wait until it is gone.';
COMMENT ON TABLE provisioning.blueprint IS 'What a tenant consists of in Kubernetes. {{name}} is filled in by SQL at the claim as text, "{{json:name}}" as what it is, ${step.field} by the provisioner from an earlier answer.';
ALTER TABLE provisioning.blueprint ADD CONSTRAINT verb_is_known
    CHECK (verb IN ('create', 'replace', 'merge', 'patch', 'hold', 'clear', 'delete'));

UPDATE provisioning.blueprint SET kinds = '{create}' WHERE step IN ('namespace', 'quota-status');
UPDATE provisioning.blueprint SET kinds = '{create,resume}' WHERE step = 'gate';
UPDATE provisioning.blueprint SET kinds = '{create,quota,resume,reconcile}' WHERE step = 'resource-quota';
UPDATE provisioning.blueprint
SET kinds = '{create,members,resume,reconcile}', body = jsonb_set(body, '{subjects}', '"{{json:owners}}"')
WHERE step = 'owner-role-binding';

INSERT INTO provisioning.blueprint (plan, step, wave, after, verb, path, on_exists, kinds, answer, body)
SELECT p.plan, s.*
FROM provisioning.plans AS p, (VALUES
    ('hold', 1, NULL, 'hold', '/api/v1/namespaces/{{namespace}}', 'compare',
     '{quota,members,suspend,resume,reconcile,delete}'::text[], 'namespace', 'null'::jsonb),
    -- The controller would see to it, but later: until then the old limits are enforced.
    ('quota-limits', 2, 'resource-quota', 'merge', '/api/v1/namespaces/{{namespace}}/resourcequotas/tenant/status',
     'compare', '{quota,resume,reconcile}', NULL, '{
        "status": {"hard": {
            "requests.cpu": "{{cpu}}", "limits.cpu": "{{cpu}}",
            "requests.memory": "{{memory}}", "limits.memory": "{{memory}}",
            "requests.storage": "{{storage}}"
        }}
     }'),
    ('close', 2, NULL, 'patch', '/api/v1/namespaces/{{namespace}}', 'compare', '{suspend,delete}', NULL, '[
        {"op": "test", "path": "/metadata/uid", "value": "${namespace.metadata.uid}"},
        {"op": "test", "path": "/metadata/annotations/agent-ready-k8s~1operation-id", "value": "{{operation_id}}"},
        {"op": "test", "path": "/metadata/annotations/agent-ready-k8s~1fence", "value": "{{fence}}"},
        {"op": "remove", "path": "/metadata/labels/isolation-ready"}
     ]'),
    ('pods', 3, NULL, 'clear', '/api/v1/namespaces/{{namespace}}/pods', 'compare', '{suspend,delete}', NULL, 'null'),
    ('delete', 4, NULL, 'delete', '/api/v1/namespaces/{{namespace}}', 'compare', '{delete}', NULL, 'null')
) AS s (step, wave, after, verb, path, on_exists, kinds, answer, body);

INSERT INTO provisioning.blueprint (plan, step, wave, verb, path, kinds, body)
SELECT b.plan, r.name || '-role-binding', b.wave, b.verb, b.path, '{members,resume,reconcile}',
       jsonb_set(jsonb_set(jsonb_set(b.body,
           '{metadata,name}', to_jsonb(r.name)),
           '{roleRef,name}', to_jsonb(r.role)),
           '{subjects}', to_jsonb(format('{{json:%ss}}', r.name)))
FROM provisioning.blueprint AS b, (VALUES ('admin', 'admin'), ('member', 'edit'), ('viewer', 'view')) AS r (name, role)
WHERE b.step = 'owner-role-binding';

INSERT INTO provisioning.failure_codes (code, max_attempts, base, ceiling, description) VALUES
    ('absent', 1, '1 s', '1 s', 'The namespace is gone, though nobody here has deleted it.');

-- Their arguments or results change, which CREATE OR REPLACE does not do.
SET LOCAL ROLE ark_system;
DROP FUNCTION IF EXISTS provisioning.claim(text, interval);
DROP FUNCTION IF EXISTS provisioning.render(bigint, bigint);
