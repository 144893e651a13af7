SET LOCAL ROLE ark_owner;

-- A pod that slips in while the gate is being closed lives on in a suspended tenant: found by the next
-- comparison, and taken away where drift is repaired.
ALTER TABLE provisioning.blueprint
    ADD COLUMN statuses text[],
    DROP CONSTRAINT verb_is_known,
    ADD CONSTRAINT verb_is_known CHECK (verb IN ('create', 'replace', 'merge', 'patch', 'hold', 'clear', 'delete', 'compare', 'vacant'));
COMMENT ON COLUMN provisioning.blueprint.statuses IS 'The states of the organisation in which the step is taken; NULL: in all.';
COMMENT ON COLUMN provisioning.blueprint.verb IS 'create: POST to the collection; where the tenant exists already, a server-side apply of what is there, by its uid. replace: PUT, where 409 means that a controller was faster. merge: JSON Merge Patch. patch: JSON Patch of the namespace. hold: take the namespace over for this attempt. clear: DELETE each object of a collection, until it is empty. delete: DELETE the namespace, and wait until it is gone. compare: GET, which must say at least the same. vacant: LIST, which must be empty.';
INSERT INTO provisioning.blueprint (plan, step, wave, verb, path, kinds, statuses, body)
SELECT p.plan, s.step, s.wave, s.verb, '/api/v1/namespaces/{{namespace}}/pods', ARRAY[s.kind], '{SUSPENDED}', '{}'
FROM provisioning.plans AS p, (VALUES
    ('no-pods', 1, 'vacant', 'compare'),
    -- When the gate is closed.
    ('late-pods', 4, 'clear', 'reconcile')) AS s (step, wave, verb, kind);
