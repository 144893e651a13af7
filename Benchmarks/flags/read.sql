\set k random(1, 100)
SELECT value FROM service_configs WHERE service = 'features' AND key = 'filler' || :k;
