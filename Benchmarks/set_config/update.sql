\set k random(1, 100)
\set v random(1, 1000000)
UPDATE service_configs SET value = :v WHERE service = 'bench' AND key = 'k' || :k;
