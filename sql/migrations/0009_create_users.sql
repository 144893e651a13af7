-- Strict applications: their organisation comes from a session's handle, which injected SQL can
-- neither guess nor choose, instead of a setting, which anybody can SET.
DO $$
BEGIN
    BEGIN
        CREATE ROLE ark_app_strict NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    IF shobj_description('ark_app_strict'::regrole, 'pg_authid') IS NULL THEN
        COMMENT ON ROLE ark_app_strict IS
            'Applications in strict mode: the organisation of the session whose handle they hold.';
    END IF;
END
$$;

SET LOCAL ROLE ark_owner;

GRANT USAGE ON SCHEMA api, core, config, finops TO ark_app_strict;
GRANT USAGE ON SCHEMA core TO ark_gateway;
GRANT SELECT ON core.organizations, config.key_schema, config.service_configs, config.config_history,
    finops.quota_changes TO ark_app_strict;
GRANT INSERT (org_id, service, key, value), UPDATE (value) ON config.service_configs TO ark_app_strict;

-- People belong to any number of organisations, so this is no tenant's table.
CREATE TABLE core.users (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email      text NOT NULL,
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT email_is_an_address CHECK (email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' AND length(email) <= 254),
    CONSTRAINT name_is_a_line CHECK (name = btrim(name) AND name !~ '[[:cntrl:]]' AND length(name) BETWEEN 1 AND 200)
);
-- Addresses are compared without case, as every mail provider in use does.
CREATE UNIQUE INDEX users_email ON core.users (lower(email));
COMMENT ON INDEX core.users_email IS 'One user per address.';
COMMENT ON TABLE core.users IS 'People. An application sees those who are members of its organisation.';
COMMENT ON COLUMN core.users.id IS 'Names the user.';
COMMENT ON COLUMN core.users.email IS 'Address; also the user''s name in Kubernetes.';
COMMENT ON COLUMN core.users.name IS 'Name for people, 1 to 200 characters.';
COMMENT ON COLUMN core.users.created_at IS 'When first invited.';

CREATE TABLE core.memberships (
    org_id     bigint NOT NULL REFERENCES core.organizations,
    user_id    bigint NOT NULL REFERENCES core.users,
    role       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, user_id),
    CONSTRAINT role_is_known CHECK (role IN ('owner', 'admin', 'member', 'viewer'))
);
CREATE INDEX memberships_by_user ON core.memberships (user_id);
COMMENT ON INDEX core.memberships_by_user IS 'The organisations of a user.';
COMMENT ON TABLE core.memberships IS 'Who belongs to which organisation, as what.';
COMMENT ON COLUMN core.memberships.org_id IS 'The organisation.';
COMMENT ON COLUMN core.memberships.user_id IS 'The user.';
COMMENT ON COLUMN core.memberships.role IS 'owner and admin: everything, members and configuration included; member: business data; viewer: reads.';
COMMENT ON COLUMN core.memberships.created_at IS 'Since when.';

CREATE TABLE auth.sessions (
    org_id      bigint NOT NULL,
    session_id  bigint GENERATED ALWAYS AS IDENTITY,
    user_id     bigint NOT NULL,
    handle_hash bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    PRIMARY KEY (org_id, session_id),
    CONSTRAINT handle_is_unique UNIQUE (org_id, handle_hash),
    -- Who is no longer a member has no session.
    FOREIGN KEY (org_id, user_id) REFERENCES core.memberships (org_id, user_id) ON DELETE CASCADE,
    CONSTRAINT handle_hash_is_sha256 CHECK (length(handle_hash) = 32)
);
COMMENT ON TABLE auth.sessions IS 'A user at work in an organisation. Applications in strict mode show its handle with every transaction.';
COMMENT ON COLUMN auth.sessions.org_id IS 'The organisation.';
COMMENT ON COLUMN auth.sessions.session_id IS 'Names the session.';
COMMENT ON COLUMN auth.sessions.user_id IS 'The user.';
COMMENT ON COLUMN auth.sessions.handle_hash IS 'SHA-256 of the handle; the handle itself is stored nowhere.';
COMMENT ON COLUMN auth.sessions.created_at IS 'When it was opened.';
COMMENT ON COLUMN auth.sessions.expires_at IS 'When it ends by itself.';
COMMENT ON COLUMN auth.sessions.ended_at IS 'When it was ended before that.';

GRANT SELECT, INSERT ON core.users TO ark_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON core.memberships TO ark_system;
GRANT SELECT, INSERT, UPDATE ON auth.sessions TO ark_system;
GRANT SELECT ON core.users, core.memberships TO ark_app, ark_app_strict, ark_app_ro, ark_dba;
ALTER TABLE core.users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.memberships ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE auth.sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
