SET LOCAL ROLE ark_owner;

-- A name that one organisation has given a person, and since when it knows him, is nothing to another one:
-- both belong to the membership.
ALTER TABLE core.memberships ADD COLUMN name text;
ALTER TABLE core.memberships NO FORCE ROW LEVEL SECURITY;
ALTER TABLE core.users NO FORCE ROW LEVEL SECURITY;
UPDATE core.memberships AS m SET name = u.name FROM core.users AS u WHERE u.id = m.user_id;
ALTER TABLE core.users FORCE ROW LEVEL SECURITY;
ALTER TABLE core.memberships FORCE ROW LEVEL SECURITY;
ALTER TABLE core.memberships ALTER COLUMN name SET NOT NULL;
ALTER TABLE core.memberships ADD CONSTRAINT name_is_a_line
    CHECK (name = btrim(name) AND name !~ '[[:cntrl:]]' AND length(name) BETWEEN 1 AND 200);
COMMENT ON COLUMN core.memberships.name IS 'Name for people, 1 to 200 characters, as the organisation writes it.';
REVOKE UPDATE (name) ON core.users FROM ark_system;
ALTER TABLE core.users DROP COLUMN name, DROP COLUMN created_at;
COMMENT ON TABLE core.users IS 'People, by address. An application sees those who are members of its organisation; what it knows of them is in memberships.';
