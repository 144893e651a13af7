\set k random(1, 100)
\set v random(1, 1000000)
SELECT api.set_config('bench', 'k' || :k, (:v)::text, 'bench');
