SET LOCAL ROLE ark_owner;

CREATE TABLE provisioning.plans (
    plan        text PRIMARY KEY,
    cpu         text NOT NULL,
    memory      text NOT NULL,
    storage     text NOT NULL,
    description text NOT NULL
);
COMMENT ON TABLE provisioning.plans IS
    'What an organisation can book, and the first quota that comes with it.';
COMMENT ON COLUMN provisioning.plans.plan IS 'Name of the plan.';
COMMENT ON COLUMN provisioning.plans.cpu IS 'Kubernetes quantity: cores that all pods may request.';
COMMENT ON COLUMN provisioning.plans.memory IS 'Kubernetes quantity: memory that all pods may request.';
COMMENT ON COLUMN provisioning.plans.storage IS 'Kubernetes quantity: storage of all volume claims.';
COMMENT ON COLUMN provisioning.plans.description IS 'One line for people.';
GRANT SELECT ON provisioning.plans TO ark_system;

INSERT INTO provisioning.plans (plan, cpu, memory, storage, description)
VALUES ('standard', '10', '20Gi', '10Gi', 'Ten cores, 20 GiB of memory, 10 GiB of storage.');

CREATE TABLE core.organizations (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL,
    slug          text NOT NULL,
    namespace     text NOT NULL GENERATED ALWAYS AS ('org-' || slug) STORED,
    owner_email   text NOT NULL,
    plan          text NOT NULL REFERENCES provisioning.plans,
    status        text NOT NULL DEFAULT 'PENDING',
    operation_id  uuid NOT NULL,
    request_hash  bytea NOT NULL,
    namespace_uid text,
    failure       text,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    committed_at  timestamptz,
    CONSTRAINT name_is_a_line CHECK (name = btrim(name) AND name !~ '[[:cntrl:]]' AND length(name) BETWEEN 1 AND 200),
    -- A namespace is a DNS label of at most 63 characters (RFC 1123), four of which are "org-".
    CONSTRAINT slug_makes_a_namespace CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,57}[a-z0-9])?$'),
    CONSTRAINT owner_email_is_an_address CHECK (owner_email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' AND length(owner_email) <= 254),
    CONSTRAINT status_is_known CHECK (status IN ('PENDING', 'COMMITTED', 'FAILED')),
    CONSTRAINT committed_has_a_namespace CHECK (status <> 'COMMITTED' OR (namespace_uid IS NOT NULL AND committed_at IS NOT NULL)),
    CONSTRAINT operation_id_is_unique UNIQUE (operation_id)
);
-- A failed organisation gives its name back: its namespace is gone or never was.
CREATE UNIQUE INDEX organizations_slug_in_use ON core.organizations (slug) WHERE status <> 'FAILED';

COMMENT ON TABLE core.organizations IS 'The tenants. One row is one isolated namespace.';
COMMENT ON COLUMN core.organizations.id IS 'The org_id of every other table.';
COMMENT ON COLUMN core.organizations.name IS 'Name for people, 1 to 200 characters.';
COMMENT ON COLUMN core.organizations.slug IS 'Name for machines: lower-case letters, digits, hyphens; at most 59 characters.';
COMMENT ON COLUMN core.organizations.namespace IS 'The Kubernetes namespace: org-<slug>.';
COMMENT ON COLUMN core.organizations.owner_email IS 'Who is bound to the ClusterRole admin in the namespace.';
COMMENT ON COLUMN core.organizations.plan IS 'The plan, which decides the blueprint and the first quota.';
COMMENT ON COLUMN core.organizations.status IS 'PENDING, then COMMITTED (namespace isolated and open) or FAILED (undone).';
COMMENT ON COLUMN core.organizations.operation_id IS 'Chosen by the caller; the same id is the same organisation, however often it is sent.';
COMMENT ON COLUMN core.organizations.request_hash IS 'SHA-256 of the request, to tell a repetition from another request under the same id.';
COMMENT ON COLUMN core.organizations.namespace_uid IS 'metadata.uid of the namespace that was committed.';
COMMENT ON COLUMN core.organizations.failure IS 'Why provisioning failed.';
COMMENT ON COLUMN core.organizations.created_at IS 'When create_organization was called.';
COMMENT ON COLUMN core.organizations.committed_at IS 'When the namespace was open for pods.';

ALTER TABLE core.organizations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON core.organizations TO ark_system;
GRANT SELECT ON core.organizations TO ark_app, ark_app_ro, ark_dba;
