SET LOCAL ROLE ark_owner;

-- A PUT to the status writes the metadata, too: without them the quota lost its mark and its owner whenever
-- the provisioner was faster than the quota controller. Tenants that are there differ from the blueprint;
-- the comparison finds them, and repairs them where their plan wants that.
UPDATE provisioning.blueprint AS s
SET body = jsonb_set(s.body, '{metadata}', (q.body -> 'metadata') || (s.body -> 'metadata'))
FROM provisioning.blueprint AS q
WHERE s.step = 'quota-status' AND q.step = 'resource-quota' AND q.plan = s.plan;
