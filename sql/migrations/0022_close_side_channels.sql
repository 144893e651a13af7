SET LOCAL ROLE ark_owner;

-- A condition on an indexed column is looked up before row-level security has had its say where its
-- operator is leakproof, and EXPLAIN ANALYZE tells how many rows that found. lower() and a cast are not
-- leakproof: whoever asks for a slug or an operation is answered from his own rows only.
DROP INDEX core.organizations_slug_in_use;
CREATE UNIQUE INDEX organizations_slug_in_use ON core.organizations (lower(slug)) WHERE status NOT IN ('FAILED', 'DELETED');
COMMENT ON INDEX core.organizations_slug_in_use IS 'A slug is free again when its namespace is gone. By an expression, so that no other organisation can look it up.';
ALTER TABLE core.organizations DROP CONSTRAINT operation_id_is_unique;
CREATE UNIQUE INDEX operation_id_is_unique ON core.organizations ((operation_id::text));
COMMENT ON INDEX core.operation_id_is_unique IS 'One organisation per operation. By an expression, so that no other organisation can look it up.';
-- Told in how many other organisations a member is; nothing needs it.
DROP INDEX core.memberships_by_user;

-- A number in turn told whether an address had been known before.
CREATE FUNCTION core.random_id() RETURNS bigint
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN ('x' || left(replace(gen_random_uuid()::text, '-', ''), 12))::bit(48)::bigint;
COMMENT ON FUNCTION core.random_id() IS 'A number of 48 random bits: it tells nothing, and JavaScript can hold it.';
REVOKE EXECUTE ON FUNCTION core.random_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core.random_id() TO ark_system;
ALTER TABLE core.users ALTER COLUMN id DROP IDENTITY;
ALTER TABLE core.users ALTER COLUMN id SET DEFAULT core.random_id();

-- Who wrote an address first decided for all how it is written.
ALTER TABLE core.users NO FORCE ROW LEVEL SECURITY;
UPDATE core.users SET email = lower(normalize(email, NFKC)) WHERE email <> lower(normalize(email, NFKC));
ALTER TABLE core.users FORCE ROW LEVEL SECURITY;
ALTER TABLE core.users ADD CONSTRAINT email_is_normal CHECK (email = lower(normalize(email, NFKC))) NOT VALID;
COMMENT ON COLUMN core.users.email IS 'Address in lower case and in Unicode''s form NFKC; also the user''s name in Kubernetes.';

-- Whatever writes them: what people say of a change is a line or a few.
ALTER TABLE config.config_history ADD CONSTRAINT reason_is_short CHECK (length(reason) <= 1000 AND length(changed_by) <= 254) NOT VALID;
ALTER TABLE config.pods ADD CONSTRAINT figures_are_numbers CHECK (
    reload_ms_sum < 'Infinity' AND reload_ms_max < 'Infinity' AND reloads < 9007199254740992
    AND seq BETWEEN 0 AND 9007199254740991 AND epoch BETWEEN 0 AND 9007199254740991) NOT VALID;
INSERT INTO provisioning.maintenance (task, period, description) VALUES
    ('mirror-quotas', '1 minute', 'Mirrors quotas in service_configs that were asked for a time that has come.');
