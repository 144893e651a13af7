SET LOCAL ROLE ark_owner;

-- A worker that was stopped before it sent the namespace, and goes on when its organisation has FAILED or
-- is DELETED, makes one that nobody knows of: no precondition of the API prevents that. The survey finds
-- it, and its marks say whose it is.
INSERT INTO provisioning.kinds (kind, served, is_repeatable, priority, retention, statuses, description) VALUES
    ('sweep', true, true, 2, '30 days', '{FAILED,DELETED}', 'Delete a namespace that bears the marks of an organisation which has none any more.');
UPDATE provisioning.blueprint SET kinds = kinds || '{sweep}' WHERE step = 'delete';
