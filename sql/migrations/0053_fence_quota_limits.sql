SET LOCAL ROLE ark_owner;

-- What is enforced follows the limits that it was computed from, as long as they are the quota's: the late write
-- of a worker that was overtaken would set a newer quota back until the controller counts anew. Not by the
-- quota's version, which changes with every pod.
INSERT INTO provisioning.blueprint (plan, step, wave, after, verb, path, kinds, body)
SELECT plan, 'quota-enforced', wave, after, 'compare', regexp_replace(path, '/status$', ''), '{compare}', body - 'metadata'
FROM provisioning.blueprint WHERE step = 'quota-limits';

UPDATE provisioning.blueprint
SET verb = 'patch', kinds = array_remove(kinds, 'compare'), body = '[
        {"op": "test", "path": "/metadata/uid", "value": "${resource-quota.metadata.uid}"},
        {"op": "test", "path": "/spec/hard", "value": "${resource-quota.spec.hard}"},
        {"op": "add", "path": "/status/hard", "value": "${resource-quota.spec.hard}"}
    ]'
WHERE step = 'quota-limits';
COMMENT ON COLUMN provisioning.blueprint.verb IS 'create: POST to the collection; where the tenant exists already, a server-side apply of what is there, by its uid. replace: PUT, where 409 means that a controller was faster. merge: JSON Merge Patch. patch: JSON Patch, whose tests say that the object is the one that was read. hold: take the namespace over for this attempt. clear: DELETE each object of a collection. delete: DELETE the namespace, and wait until it is gone. compare: GET, which must say at least the same.';
