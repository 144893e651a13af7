SET LOCAL ROLE ark_owner;

-- A path names a quota by its name only. With the uid the status of another one is not written over.
UPDATE provisioning.blueprint
SET body = jsonb_set(body, '{metadata}', '{"uid": "${resource-quota.metadata.uid}"}')
WHERE step = 'quota-limits';
COMMENT ON COLUMN provisioning.blueprint.verb IS 'create: POST to the collection; where the tenant exists already, a server-side apply of what is there, by its uid. replace: PUT, where 409 means that a controller was faster. merge: JSON Merge Patch. patch: JSON Patch of the namespace. hold: take the namespace over for this attempt. clear: DELETE each object of a collection. delete: DELETE the namespace, and wait until it is gone. compare: GET, which must say at least the same.';
