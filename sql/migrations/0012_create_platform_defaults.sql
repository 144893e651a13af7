-- The platform itself is organisation 0: its values are the defaults of all others, and so they have
-- versions, history and a way to the pods like every other value.
SET LOCAL ROLE ark_owner;

ALTER TABLE core.organizations DROP CONSTRAINT status_is_known;
ALTER TABLE core.organizations ADD CONSTRAINT status_is_known
    CHECK (status IN ('PENDING', 'COMMITTED', 'SUSPENDED', 'DELETING', 'DELETED', 'FAILED', 'PLATFORM'));
ALTER TABLE core.organizations ADD CONSTRAINT platform_is_zero CHECK ((id = 0) = (status = 'PLATFORM'));
COMMENT ON COLUMN core.organizations.status IS
    'PENDING, then COMMITTED (namespace isolated and open) or FAILED (undone); SUSPENDED and back; DELETING, then DELETED (namespace gone). PLATFORM: the platform itself, organisation 0, which has no namespace.';

ALTER TABLE config.key_schema ADD COLUMN owner text;
ALTER TABLE config.key_schema ADD COLUMN is_mirror boolean NOT NULL DEFAULT false;
UPDATE config.key_schema SET owner = service, is_mirror = service = 'quota';
UPDATE config.key_schema SET owner = 'finops' WHERE service = 'quota';
ALTER TABLE config.key_schema ALTER COLUMN owner SET NOT NULL;
COMMENT ON COLUMN config.key_schema.owner IS 'The team or service that answers for the key.';
COMMENT ON COLUMN config.key_schema.is_mirror IS 'Written by the platform''s own functions only, which keep it equal to something else.';
COMMENT ON COLUMN config.key_schema.default_value IS 'What holds from the start where nobody has set anything; becomes the platform''s first value.';

-- The document's other examples.
INSERT INTO config.key_schema (service, key, owner, type, minimum, maximum, pattern, choices, default_value, description) VALUES
    ('ai',      'model',         'ai',      'text',    NULL, NULL, NULL, ARRAY['small', 'medium', 'large'], 'medium', 'Size of the model that answers.'),
    ('email',   'from_name',     'email',   'text',    NULL, NULL, '^[^[:cntrl:]]{1,80}$', NULL, NULL, 'Name that mails come from.'),
    ('webhook', 'retry_seconds', 'webhook', 'integer', 1, 86400, NULL, NULL, '30', 'Pause before a failed delivery is tried again.'),
    ('api',     'limits',        'api',     'json',    NULL, NULL, NULL, NULL, NULL, 'Requests per minute by route, as a JSON object.');
GRANT INSERT, UPDATE ON config.key_schema TO ark_system;

-- There is nothing to provision for the platform.
ALTER TABLE provisioning.lanes ADD CONSTRAINT org_is_a_tenant CHECK (org_id > 0);
