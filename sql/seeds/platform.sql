-- After the policies, because it writes where they apply.
SET LOCAL ROLE ark_system;
SET LOCAL row_security = on;

INSERT INTO core.organizations (id, name, slug, owner_email, plan, status, operation_id, request_hash)
OVERRIDING SYSTEM VALUE
SELECT 0, 'Platform', 'ark-platform', 'platform@localhost', p.plan, 'PLATFORM',
       '00000000-0000-0000-0000-000000000000', ''
FROM provisioning.plans AS p
ORDER BY p.plan
LIMIT 1
ON CONFLICT DO NOTHING;

-- A value that the platform has by now stays.
SELECT set_config('app.reason', 'default of the key', true);
INSERT INTO config.service_configs (org_id, service, key, value)
SELECT 0, k.service, k.key, k.default_value
FROM config.key_schema AS k
WHERE k.key <> '*' AND k.default_value IS NOT NULL
ON CONFLICT (org_id, service, key) DO NOTHING;
SELECT set_config('app.reason', '', true);
