-- A hundred flags, as many values of the organisation, and three kinds of definition to evaluate: a default,
-- a rollout, and three rules before a rollout, one of them a list of a hundred texts, with a prerequisite.
SELECT (api.create_organization(gen_random_uuid(), 'o' || n, 'o@example.com')).id FROM generate_series(1, 50) AS n;
SELECT version FROM generate_series(1, 100) AS n, admin.define_flag('filler' || n, '{}', 'bench');
SELECT version FROM admin.define_flag('simple', '{}', 'bench');
SELECT version FROM admin.define_flag('share', '{"rollout": {"shares": [{"variant": "on", "weight": 25000}, {"variant": "off", "weight": 75000}]}}', 'bench');
SELECT version FROM admin.define_flag('rules', jsonb_build_object(
    'prerequisites', jsonb_build_array(jsonb_build_object('flag', 'simple', 'variant', 'on')),
    'rules', jsonb_build_array(
        jsonb_build_object('priority', 1, 'when', jsonb_build_array(jsonb_build_object('attribute', 'email', 'operator', 'ends_with', 'values', jsonb_build_array('@example.org'))), 'variant', 'on'),
        jsonb_build_object('priority', 2, 'when', jsonb_build_array(jsonb_build_object('attribute', 'subject', 'operator', 'in', 'values', (SELECT jsonb_agg('vip-' || n) FROM generate_series(1, 100) AS n))), 'variant', 'on'),
        jsonb_build_object('priority', 3, 'when', jsonb_build_array(jsonb_build_object('attribute', 'plan', 'operator', 'in', 'values', jsonb_build_array('pro')),
            jsonb_build_object('attribute', 'age', 'operator', 'at_least', 'values', jsonb_build_array(18))), 'variant', 'off')),
    'rollout', '{"shares": [{"variant": "on", "weight": 25000}, {"variant": "off", "weight": 75000}]}'::jsonb), 'bench');
INSERT INTO config.service_configs (org_id, service, key, value)
SELECT o.id, 'features', 'filler' || n, 'true' FROM core.organizations AS o, generate_series(1, 100) AS n WHERE o.id > 0;
VACUUM ANALYZE;
