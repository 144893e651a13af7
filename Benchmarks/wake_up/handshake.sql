\set o :first + random(1, 50)
\set k random(1, 100)
\set v random(1, 1000000)
SELECT set_config('app.wake_up', 'on', true), set_config('app.current_org', (:o)::text, true), api.set_config('bench', 'k' || :k, (:v)::text, 'bench');
