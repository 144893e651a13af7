SET LOCAL ROLE ark_owner;

-- A database that was restored to an earlier time counts its fences from there, and namespaces bear later
-- ones: each attempt would be refused until it has caught up.
INSERT INTO provisioning.failure_codes (code, max_attempts, base, ceiling, description) VALUES
    ('ahead', 5, '100 ms', '5 s', 'The namespace bears a later fence than the database has given out.');
