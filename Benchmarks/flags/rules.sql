\set u random(1, 1000000)
SELECT value FROM api.flag('rules', 'user-' || :u, '{"email": "ann@example.com", "plan": "free", "age": 40}');
