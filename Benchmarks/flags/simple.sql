\set u random(1, 1000000)
SELECT value FROM api.flag('simple', 'user-' || :u);
