-- PostgreSQL database dump

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

-- Name: admin; Type: SCHEMA; Schema: -; Owner: ark_owner

CREATE SCHEMA admin;

ALTER SCHEMA admin OWNER TO ark_owner;

-- Name: api; Type: SCHEMA; Schema: -; Owner: ark_owner

CREATE SCHEMA api;

ALTER SCHEMA api OWNER TO ark_owner;

-- Name: auth; Type: SCHEMA; Schema: -; Owner: ark_owner

CREATE SCHEMA auth;

ALTER SCHEMA auth OWNER TO ark_owner;

-- Name: config; Type: SCHEMA; Schema: -; Owner: ark_owner

CREATE SCHEMA config;

ALTER SCHEMA config OWNER TO ark_owner;

-- Name: core; Type: SCHEMA; Schema: -; Owner: ark_owner

CREATE SCHEMA core;

ALTER SCHEMA core OWNER TO ark_owner;

-- Name: finops; Type: SCHEMA; Schema: -; Owner: ark_owner

CREATE SCHEMA finops;

ALTER SCHEMA finops OWNER TO ark_owner;

-- Name: provisioning; Type: SCHEMA; Schema: -; Owner: ark_owner

CREATE SCHEMA provisioning;

ALTER SCHEMA provisioning OWNER TO ark_owner;

-- Name: btree_gist; Type: EXTENSION; Schema: -; Owner: -

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA finops;

SET default_tablespace = '';

SET default_table_access_method = heap;

-- Name: signing_keys; Type: TABLE; Schema: auth; Owner: ark_owner

CREATE TABLE auth.signing_keys (
    kid text NOT NULL,
    algorithm text NOT NULL,
    public_key jsonb NOT NULL,
    not_before timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    not_after timestamp with time zone,
    added_by text NOT NULL,
    added_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    retired_by text,
    retire_reason text,
    CONSTRAINT algorithm_is_known CHECK ((algorithm = ANY (ARRAY['RS256'::text, 'ES256'::text]))),
    CONSTRAINT ends_after_it_begins CHECK ((not_after >= not_before)),
    CONSTRAINT kid_is_a_name CHECK ((kid ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'::text)),
    CONSTRAINT public_key_is_public CHECK ((NOT (public_key ?| ARRAY['d'::text, 'p'::text, 'q'::text, 'dp'::text, 'dq'::text, 'qi'::text, 'oth'::text, 'k'::text])))
);

ALTER TABLE auth.signing_keys OWNER TO ark_owner;

-- Name: adjustments; Type: TABLE; Schema: finops; Owner: ark_owner

CREATE TABLE finops.adjustments (
    org_id bigint NOT NULL,
    adjustment_id bigint NOT NULL,
    booked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    corrects timestamp with time zone,
    amount numeric NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    login name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT amount_is_a_number CHECK (((amount <> (0)::numeric) AND (abs(amount) < '1000000000000'::numeric) AND (scale(amount) <= 2))),
    CONSTRAINT currency_is_a_code CHECK ((currency ~ '^[A-Z]{3}$'::text))
);

ALTER TABLE ONLY finops.adjustments FORCE ROW LEVEL SECURITY;

ALTER TABLE finops.adjustments OWNER TO ark_owner;

-- Name: periods; Type: TABLE; Schema: finops; Owner: ark_owner

CREATE TABLE finops.periods (
    period_id bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    closed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT period_has_an_end CHECK (((starts_at < ends_at) AND isfinite(starts_at) AND isfinite(ends_at)))
);

ALTER TABLE finops.periods OWNER TO ark_owner;

-- Name: service_configs; Type: TABLE; Schema: config; Owner: ark_owner

CREATE TABLE config.service_configs (
    org_id bigint DEFAULT core.require() NOT NULL,
    config_id bigint NOT NULL,
    service text NOT NULL,
    key text NOT NULL,
    value text,
    version bigint DEFAULT 1 NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT key_is_a_name CHECK ((key ~ '^[a-z0-9][a-z0-9_.-]{0,126}$'::text)),
    CONSTRAINT service_is_a_name CHECK ((service ~ '^[a-z][a-z0-9_-]{0,62}$'::text)),
    CONSTRAINT version_is_positive CHECK ((version > 0))
);

ALTER TABLE ONLY config.service_configs FORCE ROW LEVEL SECURITY;

ALTER TABLE config.service_configs OWNER TO ark_owner;

-- Name: key_schema; Type: TABLE; Schema: config; Owner: ark_owner

CREATE TABLE config.key_schema (
    service text NOT NULL,
    key text NOT NULL,
    type text NOT NULL,
    minimum numeric,
    maximum numeric,
    pattern text,
    choices text[],
    default_value text,
    description text NOT NULL,
    owner text NOT NULL,
    is_mirror boolean DEFAULT false NOT NULL,
    CONSTRAINT key_is_a_name_or_all CHECK (((key = '*'::text) OR (key ~ '^[a-z0-9][a-z0-9_.-]{0,126}$'::text))),
    CONSTRAINT range_is_for_numbers CHECK ((((minimum IS NULL) AND (maximum IS NULL)) OR (type = ANY (ARRAY['integer'::text, 'number'::text])))),
    CONSTRAINT service_is_a_name CHECK ((service ~ '^[a-z][a-z0-9_-]{0,62}$'::text)),
    CONSTRAINT type_is_known CHECK ((type = ANY (ARRAY['text'::text, 'integer'::text, 'number'::text, 'boolean'::text, 'json'::text, 'secret_ref'::text])))
);

ALTER TABLE config.key_schema OWNER TO ark_owner;

-- Name: organizations; Type: TABLE; Schema: core; Owner: ark_owner

CREATE TABLE core.organizations (
    id bigint NOT NULL,
    name text NOT NULL,
    slug text NOT NULL,
    namespace text GENERATED ALWAYS AS (('org-'::text || slug)) STORED NOT NULL,
    owner_email text NOT NULL,
    plan text NOT NULL,
    status text DEFAULT 'PENDING'::text NOT NULL,
    operation_id uuid NOT NULL,
    request_hash bytea NOT NULL,
    namespace_uid text,
    failure text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    committed_at timestamp with time zone,
    CONSTRAINT committed_has_a_namespace CHECK (((status <> 'COMMITTED'::text) OR ((namespace_uid IS NOT NULL) AND (committed_at IS NOT NULL)))),
    CONSTRAINT name_is_a_line CHECK (((name = btrim(name)) AND (name !~ '[[:cntrl:]]'::text) AND ((length(name) >= 1) AND (length(name) <= 200)))),
    CONSTRAINT owner_email_is_an_address CHECK (((owner_email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$'::text) AND (length(owner_email) <= 254))),
    CONSTRAINT platform_is_zero CHECK (((id = 0) = (status = 'PLATFORM'::text))),
    CONSTRAINT slug_makes_a_namespace CHECK ((slug ~ '^[a-z0-9]([a-z0-9-]{0,57}[a-z0-9])?$'::text)),
    CONSTRAINT status_is_known CHECK ((status = ANY (ARRAY['PENDING'::text, 'COMMITTED'::text, 'SUSPENDED'::text, 'DELETING'::text, 'DELETED'::text, 'FAILED'::text, 'PLATFORM'::text])))
);

ALTER TABLE ONLY core.organizations FORCE ROW LEVEL SECURITY;

ALTER TABLE core.organizations OWNER TO ark_owner;

-- Name: prices; Type: TABLE; Schema: finops; Owner: ark_owner

CREATE TABLE finops.prices (
    resource text NOT NULL,
    valid tstzrange NOT NULL,
    price numeric NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT currency_is_a_code CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT price_is_a_number CHECK (((price >= (0)::numeric) AND (price < '1000000000'::numeric) AND (scale(price) <= 12))),
    CONSTRAINT valid_is_half_open CHECK (((NOT isempty(valid)) AND lower_inc(valid) AND (NOT upper_inc(valid))))
);

ALTER TABLE finops.prices OWNER TO ark_owner;

-- Name: memberships; Type: TABLE; Schema: core; Owner: ark_owner

CREATE TABLE core.memberships (
    org_id bigint NOT NULL,
    user_id bigint NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    name text NOT NULL,
    CONSTRAINT name_is_a_line CHECK (((name = btrim(name)) AND (name !~ '[[:cntrl:]]'::text) AND ((length(name) >= 1) AND (length(name) <= 200)))),
    CONSTRAINT role_is_known CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text, 'viewer'::text])))
);

ALTER TABLE ONLY core.memberships FORCE ROW LEVEL SECURITY;

ALTER TABLE core.memberships OWNER TO ark_owner;

-- Name: documents; Type: TABLE; Schema: core; Owner: ark_owner

CREATE TABLE core.documents (
    org_id bigint DEFAULT core.require() NOT NULL,
    id bigint NOT NULL,
    project_id bigint NOT NULL,
    file_path text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT file_path_stays_inside CHECK ((((length(file_path) >= 1) AND (length(file_path) <= 1024)) AND (file_path !~ '[[:cntrl:]\\]'::text) AND (file_path !~ '(^|/)\.{0,2}(/|$)'::text)))
);

ALTER TABLE ONLY core.documents FORCE ROW LEVEL SECURITY;

ALTER TABLE core.documents OWNER TO ark_owner;

-- Name: notes; Type: TABLE; Schema: core; Owner: ark_owner

CREATE TABLE core.notes (
    org_id bigint DEFAULT core.require() NOT NULL,
    id bigint NOT NULL,
    project_id bigint NOT NULL,
    content text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT content_fits CHECK ((length(content) <= 1000000))
);

ALTER TABLE ONLY core.notes FORCE ROW LEVEL SECURITY;

ALTER TABLE core.notes OWNER TO ark_owner;

-- Name: projects; Type: TABLE; Schema: core; Owner: ark_owner

CREATE TABLE core.projects (
    org_id bigint DEFAULT core.require() NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT name_is_a_line CHECK (((name = btrim(name)) AND (name !~ '[[:cntrl:]]'::text) AND ((length(name) >= 1) AND (length(name) <= 200))))
);

ALTER TABLE ONLY core.projects FORCE ROW LEVEL SECURITY;

ALTER TABLE core.projects OWNER TO ark_owner;

-- Name: history_erasures; Type: TABLE; Schema: config; Owner: ark_owner

CREATE TABLE config.history_erasures (
    org_id bigint NOT NULL,
    erasure_id bigint NOT NULL,
    history_id bigint NOT NULL,
    fields text[] NOT NULL,
    erased_by text NOT NULL,
    login name NOT NULL,
    erased_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    xid xid8 NOT NULL,
    CONSTRAINT fields_can_be_erased CHECK (((cardinality(fields) > 0) AND (fields <@ ARRAY['old_value'::text, 'new_value'::text, 'changed_by'::text, 'login'::text, 'reason'::text])))
);

ALTER TABLE ONLY config.history_erasures FORCE ROW LEVEL SECURITY;

ALTER TABLE config.history_erasures OWNER TO ark_owner;

-- Name: feed; Type: TABLE; Schema: config; Owner: ark_owner

CREATE TABLE config.feed (
    only_row boolean DEFAULT true NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    incarnation bigint DEFAULT 0 NOT NULL,
    snapshot pg_snapshot DEFAULT '3:3:'::pg_snapshot NOT NULL,
    leader text,
    lease_until timestamp with time zone,
    identity text,
    advanced_at timestamp with time zone,
    CONSTRAINT leader_has_a_lease CHECK (((leader IS NULL) = (lease_until IS NULL))),
    CONSTRAINT one_row CHECK (only_row)
);

ALTER TABLE config.feed OWNER TO ark_owner;

-- Name: config_history; Type: TABLE; Schema: config; Owner: ark_owner

CREATE TABLE config.config_history (
    org_id bigint NOT NULL,
    history_id bigint NOT NULL,
    config_id bigint NOT NULL,
    service text NOT NULL,
    key text NOT NULL,
    version bigint NOT NULL,
    old_value text,
    new_value text,
    changed_by text NOT NULL,
    login name NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    xid xid8 NOT NULL
)
PARTITION BY RANGE (changed_at);

ALTER TABLE ONLY config.config_history FORCE ROW LEVEL SECURITY;

ALTER TABLE config.config_history OWNER TO ark_owner;

-- Name: history_chain; Type: TABLE; Schema: config; Owner: ark_owner

CREATE TABLE config.history_chain (
    org_id bigint NOT NULL,
    "position" bigint NOT NULL,
    encoding smallint NOT NULL,
    history_id bigint,
    erasure_id bigint,
    salts uuid[],
    digests bytea[],
    content bytea NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    CONSTRAINT changes_have_salts CHECK (((history_id IS NULL) = (salts IS NULL))),
    CONSTRAINT encoding_is_known CHECK ((encoding = 1)),
    CONSTRAINT hashes_are_sha256 CHECK (((length(content) = 32) AND (length(hash) = 32))),
    CONSTRAINT position_is_positive CHECK (("position" > 0)),
    CONSTRAINT seals_one_row CHECK ((num_nonnulls(history_id, erasure_id) = 1))
);

ALTER TABLE ONLY config.history_chain FORCE ROW LEVEL SECURITY;

ALTER TABLE config.history_chain OWNER TO ark_owner;

-- Name: quota_changes; Type: TABLE; Schema: finops; Owner: ark_owner

CREATE TABLE finops.quota_changes (
    org_id bigint NOT NULL,
    change_id bigint NOT NULL,
    cpu text NOT NULL,
    memory text NOT NULL,
    storage text NOT NULL,
    effective_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY finops.quota_changes FORCE ROW LEVEL SECURITY;

ALTER TABLE finops.quota_changes OWNER TO ark_owner;

-- Name: jobs; Type: TABLE; Schema: provisioning; Owner: ark_owner

CREATE TABLE provisioning.jobs (
    org_id bigint NOT NULL,
    job_id bigint NOT NULL,
    kind text NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    undo boolean DEFAULT false NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    run_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    worker text,
    lease_until timestamp with time zone,
    steps text[],
    error_code text,
    error text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    priority smallint DEFAULT 3 NOT NULL,
    cancelled boolean DEFAULT false NOT NULL,
    rollout_id bigint,
    refusals integer DEFAULT 0 NOT NULL,
    CONSTRAINT finished_has_a_time CHECK (((state = ANY (ARRAY['done'::text, 'failed'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT refusals_are_not_negative CHECK ((refusals >= 0)),
    CONSTRAINT running_has_a_lease CHECK (((state = 'running'::text) = ((lease_until IS NOT NULL) AND (worker IS NOT NULL)))),
    CONSTRAINT state_is_known CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text])))
);

ALTER TABLE ONLY provisioning.jobs FORCE ROW LEVEL SECURITY;

ALTER TABLE provisioning.jobs OWNER TO ark_owner;

-- Name: chain_hash(bytea, smallint, bigint, bigint, timestamp with time zone, bytea); Type: AGGREGATE; Schema: config; Owner: ark_owner

CREATE AGGREGATE config.chain_hash(bytea, smallint, bigint, bigint, timestamp with time zone, bytea) (
    SFUNC = config.chain_next,
    STYPE = bytea
);

ALTER AGGREGATE config.chain_hash(bytea, smallint, bigint, bigint, timestamp with time zone, bytea) OWNER TO ark_owner;

-- Name: changes; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.changes WITH (security_invoker='true') AS
 SELECT changes.changed_at,
    changes.slug,
    changes.what,
    changes.old,
    changes.new,
    changes.changed_by,
    changes.login,
    changes.reason
   FROM admin.changes() changes(changed_at, slug, what, old, new, changed_by, login, reason);

ALTER TABLE admin.changes OWNER TO ark_system;

-- Name: drift; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.drift WITH (security_invoker='true') AS
 SELECT drift.service,
    drift.pod,
    drift.why,
    drift.reported_ago
   FROM admin.drift() drift(service, pod, why, reported_ago);

ALTER TABLE admin.drift OWNER TO ark_system;

-- Name: jobs; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.jobs WITH (security_invoker='true') AS
 SELECT jobs.job_id,
    jobs.slug,
    jobs.kind,
    jobs.state,
    jobs.undo,
    jobs.attempts,
    jobs.fence,
    jobs.run_at,
    jobs.worker,
    jobs.lease_until,
    jobs.error_code,
    jobs.error,
    jobs.created_at,
    jobs.finished_at
   FROM admin.jobs() jobs(job_id, slug, kind, state, undo, attempts, fence, run_at, worker, lease_until, error_code, error, created_at, finished_at);

ALTER TABLE admin.jobs OWNER TO ark_system;

-- Name: lanes; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.lanes WITH (security_invoker='true') AS
 SELECT lanes.slug,
    lanes.queued,
    lanes.running,
    lanes.priority,
    lanes.next_at,
    lanes.served_at,
    lanes.oldest
   FROM admin.lanes() lanes(slug, queued, running, priority, next_at, served_at, oldest);

ALTER TABLE admin.lanes OWNER TO ark_system;

-- Name: maintenance; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.maintenance WITH (security_invoker='true') AS
 SELECT maintenance.task,
    maintenance.period,
    maintenance.next_at,
    maintenance.finished_at,
    maintenance.milliseconds,
    maintenance.result,
    maintenance.error,
    maintenance.description
   FROM admin.maintenance() maintenance(task, period, next_at, finished_at, milliseconds, result, error, description);

ALTER TABLE admin.maintenance OWNER TO ark_system;

-- Name: organizations; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.organizations WITH (security_invoker='true') AS
 SELECT organizations.id,
    organizations.name,
    organizations.slug,
    organizations.namespace,
    organizations.status,
    organizations.plan,
    organizations.owner_email,
    organizations.created_at,
    organizations.milliseconds,
    organizations.failure
   FROM admin.organizations() organizations(id, name, slug, namespace, status, plan, owner_email, created_at, milliseconds, failure);

ALTER TABLE admin.organizations OWNER TO ark_system;

-- Name: pods; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.pods WITH (security_invoker='true') AS
 SELECT pods.service,
    pods.pod,
    pods.state,
    pods.is_current,
    pods.behind,
    pods.epoch,
    pods.reloads,
    pods.reload_ms,
    pods.reload_ms_max,
    pods.reported_ago
   FROM admin.pods() pods(service, pod, state, is_current, behind, epoch, reloads, reload_ms, reload_ms_max, reported_ago);

ALTER TABLE admin.pods OWNER TO ark_system;

-- Name: queue; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.queue WITH (security_invoker='true') AS
 SELECT queue.kind,
    queue.state,
    queue.jobs,
    queue.due,
    queue.oldest
   FROM admin.queue() queue(kind, state, jobs, due, oldest);

ALTER TABLE admin.queue OWNER TO ark_system;

-- Name: ready; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.ready WITH (security_invoker='true') AS
 SELECT ready.item,
    ready.ok,
    ready.detail,
    ready.what_to_do
   FROM admin.ready() ready(item, ok, detail, what_to_do);

ALTER TABLE admin.ready OWNER TO ark_system;

-- Name: reload_latency; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.reload_latency WITH (security_invoker='true') AS
 SELECT reload_latency.service,
    reload_latency.pods,
    reload_latency.current_pods,
    reload_latency.reloads,
    reload_latency.mean_ms,
    reload_latency.max_ms
   FROM admin.reload_latency() reload_latency(service, pods, current_pods, reloads, mean_ms, max_ms);

ALTER TABLE admin.reload_latency OWNER TO ark_system;

-- Name: rollouts; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.rollouts WITH (security_invoker='true') AS
 SELECT rollouts.rollout_id,
    rollouts.plan,
    rollouts.state,
    rollouts.batch,
    rollouts.max_failures,
    rollouts.done,
    rollouts.failed,
    rollouts.under_way,
    rollouts."left",
    rollouts.failure,
    rollouts.actor,
    rollouts.reason,
    rollouts.created_at,
    rollouts.finished_at
   FROM admin.rollouts() rollouts(rollout_id, plan, state, batch, max_failures, done, failed, under_way, "left", failure, actor, reason, created_at, finished_at);

ALTER TABLE admin.rollouts OWNER TO ark_system;

-- Name: security_audit; Type: VIEW; Schema: admin; Owner: ark_owner

CREATE VIEW admin.security_audit WITH (security_invoker='true') AS
 SELECT security_audit."check",
    security_audit.severity,
    security_audit.object,
    security_audit.fix
   FROM admin.security_audit() security_audit("check", severity, object, fix);

ALTER TABLE admin.security_audit OWNER TO ark_owner;

-- Name: signing_keys; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.signing_keys WITH (security_invoker='true') AS
 SELECT signing_keys.kid,
    signing_keys.algorithm,
    signing_keys.state,
    signing_keys.not_before,
    signing_keys.not_after,
    signing_keys.added_by,
    signing_keys.added_at,
    signing_keys.retired_by,
    signing_keys.retire_reason
   FROM admin.signing_keys() signing_keys(kid, algorithm, state, not_before, not_after, added_by, added_at, retired_by, retire_reason);

ALTER TABLE admin.signing_keys OWNER TO ark_system;

-- Name: stuck_jobs; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.stuck_jobs WITH (security_invoker='true') AS
 SELECT stuck_jobs.job_id,
    stuck_jobs.slug,
    stuck_jobs.kind,
    stuck_jobs.age,
    stuck_jobs.attempts,
    stuck_jobs.why,
    stuck_jobs.what_to_do
   FROM admin.stuck_jobs() stuck_jobs(job_id, slug, kind, age, attempts, why, what_to_do);

ALTER TABLE admin.stuck_jobs OWNER TO ark_system;

-- Name: tenant_drift; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.tenant_drift WITH (security_invoker='true') AS
 SELECT tenant_drift.slug,
    tenant_drift.step,
    tenant_drift.what,
    tenant_drift.detail,
    tenant_drift.found_at,
    tenant_drift.seen_at,
    tenant_drift.repair
   FROM admin.tenant_drift() tenant_drift(slug, step, what, detail, found_at, seen_at, repair);

ALTER TABLE admin.tenant_drift OWNER TO ark_system;

-- Name: verify_chain; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.verify_chain WITH (security_invoker='true') AS
 SELECT verify_chain.org_id,
    verify_chain.place,
    verify_chain.history_id,
    verify_chain.problem
   FROM admin.verify_chain() verify_chain(org_id, place, history_id, problem);

ALTER TABLE admin.verify_chain OWNER TO ark_system;

-- Name: workers; Type: VIEW; Schema: admin; Owner: ark_system

CREATE VIEW admin.workers WITH (security_invoker='true') AS
 SELECT workers.worker,
    workers.job_id,
    workers.slug,
    workers.kind,
    workers.attempt,
    workers.lease_until,
    workers.is_silent
   FROM admin.workers() workers(worker, job_id, slug, kind, attempt, lease_until, is_silent);

ALTER TABLE admin.workers OWNER TO ark_system;

-- Name: access_tokens; Type: TABLE; Schema: auth; Owner: ark_owner

CREATE TABLE auth.access_tokens (
    org_id bigint NOT NULL,
    jti uuid NOT NULL,
    session_id bigint NOT NULL,
    issued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY auth.access_tokens FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.access_tokens OWNER TO ark_owner;

-- Name: jti_denylist; Type: TABLE; Schema: auth; Owner: ark_owner

CREATE TABLE auth.jti_denylist (
    jti uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    denied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL
);

ALTER TABLE auth.jti_denylist OWNER TO ark_owner;

-- Name: sessions; Type: TABLE; Schema: auth; Owner: ark_owner

CREATE TABLE auth.sessions (
    org_id bigint NOT NULL,
    session_id bigint NOT NULL,
    user_id bigint NOT NULL,
    handle_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    refresh_counter bigint,
    refresh_hash bytea,
    previous_hash bytea,
    refresh_salt bytea,
    refreshed_at timestamp with time zone,
    access_until timestamp with time zone,
    end_reason text,
    CONSTRAINT counter_is_positive CHECK ((refresh_counter > 0)),
    CONSTRAINT first_has_no_previous CHECK ((((previous_hash IS NULL) = (refresh_salt IS NULL)) AND ((COALESCE(refresh_counter, (1)::bigint) = 1) = (previous_hash IS NULL)))),
    CONSTRAINT handle_hash_is_sha256 CHECK ((length(handle_hash) = 32)),
    CONSTRAINT reason_is_of_an_end CHECK (((end_reason IS NULL) OR (ended_at IS NOT NULL))),
    CONSTRAINT refresh_hashes_are_sha256 CHECK (((length(refresh_hash) = 32) AND (length(previous_hash) = 32) AND (length(refresh_salt) = 32))),
    CONSTRAINT refreshes_or_not CHECK ((num_nonnulls(refresh_counter, refresh_hash, refreshed_at, access_until) = ANY (ARRAY[0, 4])))
);

ALTER TABLE ONLY auth.sessions FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.sessions OWNER TO ark_owner;

-- Name: sessions_session_id_seq; Type: SEQUENCE; Schema: auth; Owner: ark_owner

ALTER TABLE auth.sessions ALTER COLUMN session_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME auth.sessions_session_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: boot; Type: TABLE; Schema: config; Owner: ark_owner

CREATE UNLOGGED TABLE config.boot (
    nonce uuid NOT NULL
);

ALTER TABLE config.boot OWNER TO ark_owner;

-- Name: config_history_history_id_seq; Type: SEQUENCE; Schema: config; Owner: ark_owner

ALTER TABLE config.config_history ALTER COLUMN history_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME config.config_history_history_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: current_history; Type: VIEW; Schema: config; Owner: ark_system

CREATE VIEW config.current_history WITH (security_invoker='true') AS
 SELECT concat_ws('/'::text, "substring"(pg_relation_filepath('config.boot'::regclass), '^(.*)/'::text), ('config.service_configs'::regclass)::oid, COALESCE((( SELECT b.nonce
           FROM config.boot b
         LIMIT 1))::text, 'crashed'::text), EXTRACT(epoch FROM pg_postmaster_start_time())) AS mark;

ALTER TABLE config.current_history OWNER TO ark_system;

-- Name: feed_awake; Type: SEQUENCE; Schema: config; Owner: ark_owner

CREATE UNLOGGED SEQUENCE config.feed_awake
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    MAXVALUE 1
    CACHE 1;

ALTER TABLE config.feed_awake OWNER TO ark_owner;

-- Name: feed_ring; Type: TABLE; Schema: config; Owner: ark_owner

CREATE TABLE config.feed_ring (
    taken_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    snapshot pg_snapshot NOT NULL
);

ALTER TABLE config.feed_ring OWNER TO ark_owner;

-- Name: feed_services; Type: TABLE; Schema: config; Owner: ark_owner

CREATE TABLE config.feed_services (
    service text NOT NULL,
    seq bigint DEFAULT 0 NOT NULL
);

ALTER TABLE config.feed_services OWNER TO ark_owner;

-- Name: flag_evaluations; Type: TABLE; Schema: config; Owner: ark_owner

CREATE TABLE config.flag_evaluations (
    key text NOT NULL,
    variant text NOT NULL,
    evaluations bigint NOT NULL,
    first_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT evaluations_are_positive CHECK ((evaluations > 0)),
    CONSTRAINT key_is_a_name CHECK ((key ~ '^[a-z0-9][a-z0-9_.-]{0,126}$'::text)),
    CONSTRAINT variant_is_a_name CHECK ((variant ~ '^[a-z0-9][a-z0-9_.-]{0,62}$'::text))
);

ALTER TABLE config.flag_evaluations OWNER TO ark_owner;

-- Name: history_cursor; Type: TABLE; Schema: config; Owner: ark_owner

CREATE TABLE config.history_cursor (
    only_row boolean DEFAULT true NOT NULL,
    sealed_before xid8 DEFAULT '3'::xid8 NOT NULL,
    system bigint,
    CONSTRAINT one_row CHECK (only_row)
);

ALTER TABLE config.history_cursor OWNER TO ark_owner;

-- Name: history_erasures_erasure_id_seq; Type: SEQUENCE; Schema: config; Owner: ark_owner

ALTER TABLE config.history_erasures ALTER COLUMN erasure_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME config.history_erasures_erasure_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: history_heads; Type: TABLE; Schema: config; Owner: ark_owner

CREATE TABLE config.history_heads (
    org_id bigint NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    hash bytea DEFAULT decode(repeat('00'::text, 32), 'hex'::text) NOT NULL
);

ALTER TABLE ONLY config.history_heads FORCE ROW LEVEL SECURITY;

ALTER TABLE config.history_heads OWNER TO ark_owner;

-- Name: pods; Type: TABLE; Schema: config; Owner: ark_owner

CREATE TABLE config.pods (
    service text NOT NULL,
    pod text NOT NULL,
    login name NOT NULL,
    state text NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    reloads bigint NOT NULL,
    reload_ms_sum double precision NOT NULL,
    reload_ms_max double precision NOT NULL,
    reported_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT figures_are_not_negative CHECK (((reloads >= 0) AND (reload_ms_sum >= (0)::double precision) AND (reload_ms_max >= (0)::double precision))),
    CONSTRAINT pod_is_a_name CHECK ((((length(pod) >= 1) AND (length(pod) <= 253)) AND (pod !~ '[[:cntrl:]]'::text))),
    CONSTRAINT state_is_known CHECK ((state = ANY (ARRAY['READY'::text, 'STALE'::text, 'ERROR'::text])))
);

ALTER TABLE ONLY config.pods FORCE ROW LEVEL SECURITY;

ALTER TABLE config.pods OWNER TO ark_owner;

-- Name: service_configs_config_id_seq; Type: SEQUENCE; Schema: config; Owner: ark_owner

ALTER TABLE config.service_configs ALTER COLUMN config_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME config.service_configs_config_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: subscriptions; Type: TABLE; Schema: config; Owner: ark_owner

CREATE TABLE config.subscriptions (
    login name NOT NULL,
    service text NOT NULL,
    org_id bigint,
    CONSTRAINT service_is_a_name CHECK ((service ~ '^[a-z][a-z0-9_-]{0,62}$'::text))
);

ALTER TABLE ONLY config.subscriptions FORCE ROW LEVEL SECURITY;

ALTER TABLE config.subscriptions OWNER TO ark_owner;

-- Name: documents_id_seq; Type: SEQUENCE; Schema: core; Owner: ark_owner

ALTER TABLE core.documents ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME core.documents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: notes_id_seq; Type: SEQUENCE; Schema: core; Owner: ark_owner

ALTER TABLE core.notes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME core.notes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: organization_events; Type: TABLE; Schema: core; Owner: ark_owner

CREATE TABLE core.organization_events (
    org_id bigint NOT NULL,
    event_id bigint NOT NULL,
    what text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    actor text NOT NULL,
    login name NOT NULL,
    reason text NOT NULL,
    occurred_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT what_is_known CHECK ((what = ANY (ARRAY['status'::text, 'member'::text, 'job'::text, 'rollout'::text, 'drift policy'::text, 'export'::text, 'import'::text, 'erasure'::text])))
);

ALTER TABLE ONLY core.organization_events FORCE ROW LEVEL SECURITY;

ALTER TABLE core.organization_events OWNER TO ark_owner;

-- Name: organization_events_event_id_seq; Type: SEQUENCE; Schema: core; Owner: ark_owner

ALTER TABLE core.organization_events ALTER COLUMN event_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME core.organization_events_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: organizations_id_seq; Type: SEQUENCE; Schema: core; Owner: ark_owner

ALTER TABLE core.organizations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME core.organizations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: projects_id_seq; Type: SEQUENCE; Schema: core; Owner: ark_owner

ALTER TABLE core.projects ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME core.projects_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: users; Type: TABLE; Schema: core; Owner: ark_owner

CREATE TABLE core.users (
    id bigint DEFAULT core.random_id() NOT NULL,
    email text NOT NULL,
    CONSTRAINT email_is_an_address CHECK (((email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$'::text) AND (length(email) <= 254)))
);

ALTER TABLE ONLY core.users FORCE ROW LEVEL SECURITY;

ALTER TABLE core.users OWNER TO ark_owner;

-- Name: adjustments_adjustment_id_seq; Type: SEQUENCE; Schema: finops; Owner: ark_owner

ALTER TABLE finops.adjustments ALTER COLUMN adjustment_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME finops.adjustments_adjustment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: advice_rules; Type: TABLE; Schema: finops; Owner: ark_owner

CREATE TABLE finops.advice_rules (
    resource text NOT NULL,
    shrink_below numeric DEFAULT 0.5 NOT NULL,
    grow_above numeric DEFAULT 0.9 NOT NULL,
    headroom numeric DEFAULT 0.3 NOT NULL,
    covered numeric DEFAULT 0.8 NOT NULL,
    CONSTRAINT covered_is_a_share CHECK (((covered >= (0)::numeric) AND (covered <= (1)::numeric))),
    CONSTRAINT headroom_leaves_room CHECK (((headroom >= (0)::numeric) AND ((shrink_below * ((1)::numeric + headroom)) <= (1)::numeric))),
    CONSTRAINT shares_are_ordered CHECK ((((0)::numeric <= shrink_below) AND (shrink_below < grow_above) AND (grow_above <= (1)::numeric)))
);

ALTER TABLE finops.advice_rules OWNER TO ark_owner;

-- Name: books; Type: TABLE; Schema: finops; Owner: ark_owner

CREATE TABLE finops.books (
    only_row boolean DEFAULT true NOT NULL,
    closed_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT one_row CHECK (only_row)
);

ALTER TABLE finops.books OWNER TO ark_owner;

-- Name: invoices; Type: TABLE; Schema: finops; Owner: ark_owner

CREATE TABLE finops.invoices (
    org_id bigint NOT NULL,
    period_id bigint NOT NULL,
    currency text NOT NULL,
    exact numeric NOT NULL,
    amount numeric(20,2) NOT NULL
);

ALTER TABLE ONLY finops.invoices FORCE ROW LEVEL SECURITY;

ALTER TABLE finops.invoices OWNER TO ark_owner;

-- Name: periods_period_id_seq; Type: SEQUENCE; Schema: finops; Owner: ark_owner

ALTER TABLE finops.periods ALTER COLUMN period_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME finops.periods_period_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: quota_changes_change_id_seq; Type: SEQUENCE; Schema: finops; Owner: ark_owner

ALTER TABLE finops.quota_changes ALTER COLUMN change_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME finops.quota_changes_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: quota_usage; Type: TABLE; Schema: finops; Owner: ark_owner

CREATE TABLE finops.quota_usage (
    org_id bigint NOT NULL,
    cpu text NOT NULL,
    memory text NOT NULL,
    storage text NOT NULL,
    observed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY finops.quota_usage FORCE ROW LEVEL SECURITY;

ALTER TABLE finops.quota_usage OWNER TO ark_owner;

-- Name: resources; Type: TABLE; Schema: finops; Owner: ark_owner

CREATE TABLE finops.resources (
    resource text NOT NULL,
    unit text NOT NULL,
    units numeric NOT NULL,
    billed_in text[] NOT NULL,
    description text NOT NULL,
    CONSTRAINT billed_in_is_known CHECK ((billed_in <@ ARRAY['COMMITTED'::text, 'SUSPENDED'::text])),
    CONSTRAINT resource_is_a_quota CHECK ((resource = ANY (ARRAY['cpu'::text, 'memory'::text, 'storage'::text]))),
    CONSTRAINT units_are_positive CHECK ((units > (0)::numeric))
);

ALTER TABLE finops.resources OWNER TO ark_owner;

-- Name: usage_queries; Type: TABLE; Schema: finops; Owner: ark_owner

CREATE TABLE finops.usage_queries (
    resource text NOT NULL,
    query text NOT NULL,
    step interval DEFAULT '01:00:00'::interval NOT NULL,
    delay interval DEFAULT '00:05:00'::interval NOT NULL,
    backfill interval DEFAULT '15 days'::interval NOT NULL,
    kept interval DEFAULT '400 days'::interval NOT NULL,
    ingested_until timestamp with time zone,
    patience interval DEFAULT '1 day'::interval NOT NULL,
    CONSTRAINT backfill_is_positive CHECK ((backfill >= step)),
    CONSTRAINT delay_is_not_negative CHECK ((delay >= '00:00:00'::interval)),
    CONSTRAINT kept_is_positive CHECK ((kept >= '1 day'::interval)),
    CONSTRAINT patience_is_not_negative CHECK ((patience >= '00:00:00'::interval)),
    CONSTRAINT step_divides_a_day CHECK (((step >= '00:01:00'::interval) AND (((86400)::numeric % EXTRACT(epoch FROM step)) = (0)::numeric)))
);

ALTER TABLE finops.usage_queries OWNER TO ark_owner;

-- Name: usage_samples; Type: TABLE; Schema: finops; Owner: ark_owner

CREATE TABLE finops.usage_samples (
    org_id bigint NOT NULL,
    resource text NOT NULL,
    sampled_at timestamp with time zone NOT NULL,
    step interval NOT NULL,
    used numeric NOT NULL,
    CONSTRAINT step_is_positive CHECK ((step > '00:00:00'::interval)),
    CONSTRAINT used_is_a_number CHECK (((used >= (0)::numeric) AND (used < 'Infinity'::numeric)))
);

ALTER TABLE ONLY finops.usage_samples FORCE ROW LEVEL SECURITY;

ALTER TABLE finops.usage_samples OWNER TO ark_owner;

-- Name: blueprint; Type: TABLE; Schema: provisioning; Owner: ark_owner

CREATE TABLE provisioning.blueprint (
    plan text NOT NULL,
    step text NOT NULL,
    wave integer NOT NULL,
    after text,
    verb text NOT NULL,
    path text NOT NULL,
    body jsonb NOT NULL,
    on_exists text DEFAULT 'compare'::text NOT NULL,
    unless text,
    kinds text[] DEFAULT '{create,resume,reconcile}'::text[] NOT NULL,
    answer text,
    statuses text[],
    only_if text,
    CONSTRAINT on_exists_is_known CHECK ((on_exists = ANY (ARRAY['compare'::text, 'accept'::text]))),
    CONSTRAINT step_is_a_name CHECK ((step ~ '^[a-z][a-z0-9-]{0,62}$'::text)),
    CONSTRAINT verb_is_known CHECK ((verb = ANY (ARRAY['create'::text, 'replace'::text, 'merge'::text, 'patch'::text, 'hold'::text, 'clear'::text, 'delete'::text, 'compare'::text, 'vacant'::text]))),
    CONSTRAINT wave_is_positive CHECK ((wave > 0))
);

ALTER TABLE provisioning.blueprint OWNER TO ark_owner;

-- Name: drift; Type: TABLE; Schema: provisioning; Owner: ark_owner

CREATE TABLE provisioning.drift (
    org_id bigint NOT NULL,
    step text NOT NULL,
    what text NOT NULL,
    detail text,
    found_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT what_is_known CHECK ((what = ANY (ARRAY['differs'::text, 'missing'::text])))
);

ALTER TABLE ONLY provisioning.drift FORCE ROW LEVEL SECURITY;

ALTER TABLE provisioning.drift OWNER TO ark_owner;

-- Name: failure_codes; Type: TABLE; Schema: provisioning; Owner: ark_owner

CREATE TABLE provisioning.failure_codes (
    code text NOT NULL,
    max_attempts integer,
    base interval NOT NULL,
    ceiling interval NOT NULL,
    description text NOT NULL,
    CONSTRAINT max_attempts_is_positive CHECK ((max_attempts > 0))
);

ALTER TABLE provisioning.failure_codes OWNER TO ark_owner;

-- Name: jobs_job_id_seq; Type: SEQUENCE; Schema: provisioning; Owner: ark_owner

ALTER TABLE provisioning.jobs ALTER COLUMN job_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME provisioning.jobs_job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: kinds; Type: TABLE; Schema: provisioning; Owner: ark_owner

CREATE TABLE provisioning.kinds (
    kind text NOT NULL,
    served boolean NOT NULL,
    description text NOT NULL,
    statuses text[] NOT NULL,
    is_repeatable boolean DEFAULT false NOT NULL,
    priority smallint DEFAULT 3 NOT NULL,
    retention interval DEFAULT '30 days'::interval NOT NULL,
    steps_of text,
    undone_by text,
    CONSTRAINT priority_is_known CHECK (((priority >= 0) AND (priority <= 3))),
    CONSTRAINT retention_is_positive CHECK ((retention > '00:00:00'::interval))
);

ALTER TABLE provisioning.kinds OWNER TO ark_owner;

-- Name: lanes; Type: TABLE; Schema: provisioning; Owner: ark_owner

CREATE TABLE provisioning.lanes (
    org_id bigint NOT NULL,
    served_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    next_at timestamp with time zone,
    fence bigint DEFAULT 0 NOT NULL,
    priority smallint DEFAULT 3 NOT NULL,
    compared_at timestamp with time zone,
    CONSTRAINT org_is_a_tenant CHECK ((org_id > 0))
);

ALTER TABLE ONLY provisioning.lanes FORCE ROW LEVEL SECURITY;

ALTER TABLE provisioning.lanes OWNER TO ark_owner;

-- Name: maintenance; Type: TABLE; Schema: provisioning; Owner: ark_owner

CREATE TABLE provisioning.maintenance (
    task text NOT NULL,
    period interval NOT NULL,
    next_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    milliseconds numeric(12,3),
    result text,
    error text,
    description text NOT NULL,
    batch integer,
    CONSTRAINT batch_is_positive CHECK ((batch > 0)),
    CONSTRAINT period_is_positive CHECK ((period > '00:00:00'::interval))
);

ALTER TABLE provisioning.maintenance OWNER TO ark_owner;

-- Name: plans; Type: TABLE; Schema: provisioning; Owner: ark_owner

CREATE TABLE provisioning.plans (
    plan text NOT NULL,
    cpu text NOT NULL,
    memory text NOT NULL,
    storage text NOT NULL,
    description text NOT NULL,
    compare_every interval DEFAULT '01:00:00'::interval NOT NULL,
    on_drift text DEFAULT 'report'::text NOT NULL,
    CONSTRAINT compare_every_is_positive CHECK ((compare_every >= '00:01:00'::interval)),
    CONSTRAINT on_drift_is_known CHECK ((on_drift = ANY (ARRAY['report'::text, 'repair'::text])))
);

ALTER TABLE provisioning.plans OWNER TO ark_owner;

-- Name: rollouts; Type: TABLE; Schema: provisioning; Owner: ark_owner

CREATE TABLE provisioning.rollouts (
    rollout_id bigint NOT NULL,
    plan text,
    batch integer NOT NULL,
    max_failures integer NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    last_org_id bigint DEFAULT 0 NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT batch_is_positive CHECK (((batch >= 1) AND (batch <= 1000))),
    CONSTRAINT finished_has_a_time CHECK (((state = ANY (ARRAY['cancelled'::text, 'done'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT max_failures_is_positive CHECK ((max_failures > 0)),
    CONSTRAINT state_is_known CHECK ((state = ANY (ARRAY['running'::text, 'paused'::text, 'stopped'::text, 'cancelled'::text, 'done'::text])))
);

ALTER TABLE provisioning.rollouts OWNER TO ark_owner;

-- Name: rollouts_rollout_id_seq; Type: SEQUENCE; Schema: provisioning; Owner: ark_owner

ALTER TABLE provisioning.rollouts ALTER COLUMN rollout_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME provisioning.rollouts_rollout_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: steps; Type: TABLE; Schema: provisioning; Owner: ark_owner

CREATE TABLE provisioning.steps (
    org_id bigint NOT NULL,
    job_id bigint NOT NULL,
    fence bigint NOT NULL,
    step text NOT NULL,
    outcome text NOT NULL,
    http_status integer,
    milliseconds numeric(12,3) NOT NULL,
    detail text,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT outcome_is_known CHECK ((outcome = ANY (ARRAY['created'::text, 'adopted'::text, 'replaced'::text, 'patched'::text, 'skipped'::text, 'deleted'::text, 'absent'::text, 'foreign'::text, 'failed'::text, 'same'::text, 'differs'::text, 'missing'::text])))
);

ALTER TABLE ONLY provisioning.steps FORCE ROW LEVEL SECURITY;

ALTER TABLE provisioning.steps OWNER TO ark_owner;

-- Name: stray_namespaces; Type: TABLE; Schema: provisioning; Owner: ark_owner

CREATE TABLE provisioning.stray_namespaces (
    name text NOT NULL,
    uid text NOT NULL,
    found_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE provisioning.stray_namespaces OWNER TO ark_owner;

-- Name: templates; Type: TABLE; Schema: provisioning; Owner: ark_owner

CREATE TABLE provisioning.templates (
    plan text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    steps text NOT NULL,
    variables text[] NOT NULL
);

ALTER TABLE provisioning.templates OWNER TO ark_owner;

-- Name: access_tokens access_tokens_pkey; Type: CONSTRAINT; Schema: auth; Owner: ark_owner

ALTER TABLE ONLY auth.access_tokens
    ADD CONSTRAINT access_tokens_pkey PRIMARY KEY (org_id, jti);

-- Name: sessions handle_is_unique; Type: CONSTRAINT; Schema: auth; Owner: ark_owner

ALTER TABLE ONLY auth.sessions
    ADD CONSTRAINT handle_is_unique UNIQUE (org_id, handle_hash);

-- Name: jti_denylist jti_denylist_pkey; Type: CONSTRAINT; Schema: auth; Owner: ark_owner

ALTER TABLE ONLY auth.jti_denylist
    ADD CONSTRAINT jti_denylist_pkey PRIMARY KEY (jti);

-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: auth; Owner: ark_owner

ALTER TABLE ONLY auth.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (org_id, session_id);

-- Name: signing_keys signing_keys_pkey; Type: CONSTRAINT; Schema: auth; Owner: ark_owner

ALTER TABLE ONLY auth.signing_keys
    ADD CONSTRAINT signing_keys_pkey PRIMARY KEY (kid);

-- Name: config_history config_history_pkey; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.config_history
    ADD CONSTRAINT config_history_pkey PRIMARY KEY (org_id, history_id, changed_at);

-- Name: feed feed_pkey; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.feed
    ADD CONSTRAINT feed_pkey PRIMARY KEY (only_row);

-- Name: feed_ring feed_ring_pkey; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.feed_ring
    ADD CONSTRAINT feed_ring_pkey PRIMARY KEY (taken_at);

-- Name: feed_services feed_services_pkey; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.feed_services
    ADD CONSTRAINT feed_services_pkey PRIMARY KEY (service);

-- Name: pods figures_are_numbers; Type: CHECK CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE config.pods
    ADD CONSTRAINT figures_are_numbers CHECK (((reload_ms_sum < 'Infinity'::double precision) AND (reload_ms_max < 'Infinity'::double precision) AND (reloads < '9007199254740992'::bigint) AND ((seq >= 0) AND (seq <= '9007199254740991'::bigint)) AND ((epoch >= 0) AND (epoch <= '9007199254740991'::bigint)))) NOT VALID;

-- Name: flag_evaluations flag_evaluations_pkey; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.flag_evaluations
    ADD CONSTRAINT flag_evaluations_pkey PRIMARY KEY (key, variant);

-- Name: history_chain history_chain_pkey; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.history_chain
    ADD CONSTRAINT history_chain_pkey PRIMARY KEY (org_id, "position");

-- Name: history_cursor history_cursor_pkey; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.history_cursor
    ADD CONSTRAINT history_cursor_pkey PRIMARY KEY (only_row);

-- Name: history_erasures history_erasures_pkey; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.history_erasures
    ADD CONSTRAINT history_erasures_pkey PRIMARY KEY (org_id, erasure_id);

-- Name: history_heads history_heads_pkey; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.history_heads
    ADD CONSTRAINT history_heads_pkey PRIMARY KEY (org_id);

-- Name: service_configs key_is_unique; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.service_configs
    ADD CONSTRAINT key_is_unique UNIQUE (org_id, service, key);

-- Name: key_schema key_schema_pkey; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.key_schema
    ADD CONSTRAINT key_schema_pkey PRIMARY KEY (service, key);

-- Name: pods pods_pkey; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.pods
    ADD CONSTRAINT pods_pkey PRIMARY KEY (service, pod);

-- Name: config_history reason_is_short; Type: CHECK CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE config.config_history
    ADD CONSTRAINT reason_is_short CHECK (((length(reason) <= 1000) AND (length(changed_by) <= 254))) NOT VALID;

-- Name: service_configs service_configs_pkey; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.service_configs
    ADD CONSTRAINT service_configs_pkey PRIMARY KEY (org_id, config_id);

-- Name: subscriptions subscription_is_unique; Type: CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.subscriptions
    ADD CONSTRAINT subscription_is_unique UNIQUE NULLS NOT DISTINCT (login, service, org_id);

-- Name: service_configs value_fits; Type: CHECK CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE config.service_configs
    ADD CONSTRAINT value_fits CHECK ((octet_length(value) <= 65536)) NOT VALID;

-- Name: service_configs value_is_no_secret; Type: CHECK CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE config.service_configs
    ADD CONSTRAINT value_is_no_secret CHECK (((NOT config.looks_like_secret(key, value)) OR ((service = 'features'::text) AND (NOT config.flag_looks_like_secret(key, value))))) NOT VALID;

-- Name: documents documents_pkey; Type: CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (org_id, id);

-- Name: users email_is_normal; Type: CHECK CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE core.users
    ADD CONSTRAINT email_is_normal CHECK ((email = lower(NORMALIZE(email, NFKC)))) NOT VALID;

-- Name: documents file_path_is_unique; Type: CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.documents
    ADD CONSTRAINT file_path_is_unique UNIQUE (org_id, file_path);

-- Name: memberships memberships_pkey; Type: CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (org_id, user_id);

-- Name: notes notes_pkey; Type: CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.notes
    ADD CONSTRAINT notes_pkey PRIMARY KEY (org_id, id);

-- Name: organization_events organization_events_pkey; Type: CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.organization_events
    ADD CONSTRAINT organization_events_pkey PRIMARY KEY (org_id, event_id);

-- Name: organizations organizations_pkey; Type: CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.organizations
    ADD CONSTRAINT organizations_pkey PRIMARY KEY (id);

-- Name: projects projects_pkey; Type: CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (org_id, id);

-- Name: users users_pkey; Type: CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

-- Name: adjustments adjustments_pkey; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.adjustments
    ADD CONSTRAINT adjustments_pkey PRIMARY KEY (org_id, adjustment_id);

-- Name: advice_rules advice_rules_pkey; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.advice_rules
    ADD CONSTRAINT advice_rules_pkey PRIMARY KEY (resource);

-- Name: books books_pkey; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.books
    ADD CONSTRAINT books_pkey PRIMARY KEY (only_row);

-- Name: invoices invoices_pkey; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.invoices
    ADD CONSTRAINT invoices_pkey PRIMARY KEY (org_id, period_id, currency);

-- Name: periods periods_do_not_overlap; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.periods
    ADD CONSTRAINT periods_do_not_overlap EXCLUDE USING gist (tstzrange(starts_at, ends_at) WITH &&);

-- Name: periods periods_ends_at_key; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.periods
    ADD CONSTRAINT periods_ends_at_key UNIQUE (ends_at);

-- Name: periods periods_pkey; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.periods
    ADD CONSTRAINT periods_pkey PRIMARY KEY (period_id);

-- Name: periods periods_starts_at_key; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.periods
    ADD CONSTRAINT periods_starts_at_key UNIQUE (starts_at);

-- Name: prices prices_do_not_overlap; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.prices
    ADD CONSTRAINT prices_do_not_overlap EXCLUDE USING gist (resource WITH =, valid WITH &&);

-- Name: quota_changes quantities_are_not_negative; Type: CHECK CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE finops.quota_changes
    ADD CONSTRAINT quantities_are_not_negative CHECK (((finops.quantity(cpu) >= (0)::numeric) AND (finops.quantity(memory) >= (0)::numeric) AND (finops.quantity(storage) >= (0)::numeric))) NOT VALID;

-- Name: quota_changes quota_changes_pkey; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.quota_changes
    ADD CONSTRAINT quota_changes_pkey PRIMARY KEY (org_id, change_id);

-- Name: quota_usage quota_usage_pkey; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.quota_usage
    ADD CONSTRAINT quota_usage_pkey PRIMARY KEY (org_id);

-- Name: resources resources_pkey; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.resources
    ADD CONSTRAINT resources_pkey PRIMARY KEY (resource);

-- Name: usage_queries usage_queries_pkey; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.usage_queries
    ADD CONSTRAINT usage_queries_pkey PRIMARY KEY (resource);

-- Name: usage_samples usage_samples_pkey; Type: CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.usage_samples
    ADD CONSTRAINT usage_samples_pkey PRIMARY KEY (org_id, resource, sampled_at);

-- Name: blueprint blueprint_pkey; Type: CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.blueprint
    ADD CONSTRAINT blueprint_pkey PRIMARY KEY (plan, step);

-- Name: drift drift_pkey; Type: CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.drift
    ADD CONSTRAINT drift_pkey PRIMARY KEY (org_id, step);

-- Name: failure_codes failure_codes_pkey; Type: CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.failure_codes
    ADD CONSTRAINT failure_codes_pkey PRIMARY KEY (code);

-- Name: jobs jobs_pkey; Type: CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (org_id, job_id);

-- Name: kinds kinds_pkey; Type: CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.kinds
    ADD CONSTRAINT kinds_pkey PRIMARY KEY (kind);

-- Name: lanes lanes_pkey; Type: CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.lanes
    ADD CONSTRAINT lanes_pkey PRIMARY KEY (org_id);

-- Name: maintenance maintenance_pkey; Type: CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.maintenance
    ADD CONSTRAINT maintenance_pkey PRIMARY KEY (task);

-- Name: plans plans_pkey; Type: CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.plans
    ADD CONSTRAINT plans_pkey PRIMARY KEY (plan);

-- Name: rollouts rollouts_pkey; Type: CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.rollouts
    ADD CONSTRAINT rollouts_pkey PRIMARY KEY (rollout_id);

-- Name: steps steps_pkey; Type: CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.steps
    ADD CONSTRAINT steps_pkey PRIMARY KEY (org_id, job_id, fence, step);

-- Name: stray_namespaces stray_namespaces_pkey; Type: CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.stray_namespaces
    ADD CONSTRAINT stray_namespaces_pkey PRIMARY KEY (name);

-- Name: templates templates_pkey; Type: CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.templates
    ADD CONSTRAINT templates_pkey PRIMARY KEY (plan, kind, status);

-- Name: access_tokens_by_expiry; Type: INDEX; Schema: auth; Owner: ark_owner

CREATE INDEX access_tokens_by_expiry ON auth.access_tokens USING btree (expires_at);

-- Name: access_tokens_of_session; Type: INDEX; Schema: auth; Owner: ark_owner

CREATE INDEX access_tokens_of_session ON auth.access_tokens USING btree (org_id, session_id);

-- Name: jti_denylist_by_expiry; Type: INDEX; Schema: auth; Owner: ark_owner

CREATE INDEX jti_denylist_by_expiry ON auth.jti_denylist USING btree (expires_at);

-- Name: jti_denylist_feed; Type: INDEX; Schema: auth; Owner: ark_owner

CREATE INDEX jti_denylist_feed ON auth.jti_denylist USING btree (xid);

-- Name: sessions_by_end; Type: INDEX; Schema: auth; Owner: ark_owner

CREATE INDEX sessions_by_end ON auth.sessions USING btree (LEAST(ended_at, expires_at));

-- Name: sessions_by_user; Type: INDEX; Schema: auth; Owner: ark_owner

CREATE INDEX sessions_by_user ON auth.sessions USING btree (org_id, user_id);

-- Name: config_history_feed; Type: INDEX; Schema: config; Owner: ark_owner

CREATE INDEX config_history_feed ON ONLY config.config_history USING btree (xid);

-- Name: history_chain_erasure; Type: INDEX; Schema: config; Owner: ark_owner

CREATE UNIQUE INDEX history_chain_erasure ON config.history_chain USING btree (org_id, erasure_id) WHERE (erasure_id IS NOT NULL);

-- Name: history_chain_history; Type: INDEX; Schema: config; Owner: ark_owner

CREATE UNIQUE INDEX history_chain_history ON config.history_chain USING btree (org_id, history_id) WHERE (history_id IS NOT NULL);

-- Name: history_erasures_feed; Type: INDEX; Schema: config; Owner: ark_owner

CREATE INDEX history_erasures_feed ON config.history_erasures USING btree (xid);

-- Name: history_erasures_row; Type: INDEX; Schema: config; Owner: ark_owner

CREATE INDEX history_erasures_row ON config.history_erasures USING btree (org_id, history_id);

-- Name: service_configs_feed; Type: INDEX; Schema: config; Owner: ark_owner

CREATE INDEX service_configs_feed ON config.service_configs USING btree (xid);

-- Name: documents_by_project; Type: INDEX; Schema: core; Owner: ark_owner

CREATE INDEX documents_by_project ON core.documents USING btree (org_id, project_id, id);

-- Name: notes_by_project; Type: INDEX; Schema: core; Owner: ark_owner

CREATE INDEX notes_by_project ON core.notes USING btree (org_id, project_id, id);

-- Name: operation_id_is_unique; Type: INDEX; Schema: core; Owner: ark_owner

CREATE UNIQUE INDEX operation_id_is_unique ON core.organizations USING btree (((operation_id)::text));

-- Name: organizations_slug_in_use; Type: INDEX; Schema: core; Owner: ark_owner

CREATE UNIQUE INDEX organizations_slug_in_use ON core.organizations USING btree (lower(slug)) WHERE (status <> ALL (ARRAY['FAILED'::text, 'DELETED'::text]));

-- Name: users_email; Type: INDEX; Schema: core; Owner: ark_owner

CREATE UNIQUE INDEX users_email ON core.users USING btree (lower(email));

-- Name: usage_samples_by_age; Type: INDEX; Schema: finops; Owner: ark_owner

CREATE INDEX usage_samples_by_age ON finops.usage_samples USING brin (sampled_at);

-- Name: jobs_by_end; Type: INDEX; Schema: provisioning; Owner: ark_owner

CREATE INDEX jobs_by_end ON provisioning.jobs USING btree (finished_at) WHERE (finished_at IS NOT NULL);

-- Name: jobs_by_turn; Type: INDEX; Schema: provisioning; Owner: ark_owner

CREATE INDEX jobs_by_turn ON provisioning.jobs USING btree (org_id, priority, run_at) WHERE (state = 'queued'::text);

-- Name: jobs_of_rollouts; Type: INDEX; Schema: provisioning; Owner: ark_owner

CREATE INDEX jobs_of_rollouts ON provisioning.jobs USING btree (rollout_id, state) WHERE (rollout_id IS NOT NULL);

-- Name: jobs_one_running; Type: INDEX; Schema: provisioning; Owner: ark_owner

CREATE UNIQUE INDEX jobs_one_running ON provisioning.jobs USING btree (org_id) WHERE (state = 'running'::text);

-- Name: lanes_by_turn; Type: INDEX; Schema: provisioning; Owner: ark_owner

CREATE INDEX lanes_by_turn ON provisioning.lanes USING btree (priority, next_at) WHERE (next_at IS NOT NULL);

-- Name: rollouts_one_running; Type: INDEX; Schema: provisioning; Owner: ark_owner

CREATE UNIQUE INDEX rollouts_one_running ON provisioning.rollouts USING btree (state) WHERE (state = 'running'::text);

-- Name: sessions deny_on_delete; Type: TRIGGER; Schema: auth; Owner: ark_owner

CREATE TRIGGER deny_on_delete BEFORE DELETE ON auth.sessions FOR EACH ROW EXECUTE FUNCTION auth.tg_sessions__deny();

ALTER TABLE auth.sessions ENABLE ALWAYS TRIGGER deny_on_delete;

-- Name: sessions deny_on_end; Type: TRIGGER; Schema: auth; Owner: ark_owner

CREATE TRIGGER deny_on_end AFTER UPDATE ON auth.sessions FOR EACH ROW WHEN (((old.ended_at IS NULL) AND (new.ended_at IS NOT NULL))) EXECUTE FUNCTION auth.tg_sessions__deny();

ALTER TABLE auth.sessions ENABLE ALWAYS TRIGGER deny_on_end;

-- Name: config_history append_only; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON config.config_history FOR EACH STATEMENT EXECUTE FUNCTION config.tg_config_history__append_only();

ALTER TABLE config.config_history ENABLE ALWAYS TRIGGER append_only;

-- Name: history_chain append_only; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON config.history_chain FOR EACH STATEMENT EXECUTE FUNCTION config.tg_config_history__append_only();

ALTER TABLE config.history_chain ENABLE ALWAYS TRIGGER append_only;

-- Name: history_erasures append_only; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON config.history_erasures FOR EACH STATEMENT EXECUTE FUNCTION core.tg_append_only();

ALTER TABLE config.history_erasures ENABLE ALWAYS TRIGGER append_only;

-- Name: config_history erasure; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER erasure BEFORE UPDATE ON config.config_history FOR EACH ROW EXECUTE FUNCTION config.tg_config_history__erasure();

ALTER TABLE config.config_history ENABLE ALWAYS TRIGGER erasure;

-- Name: history_chain erasure; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER erasure BEFORE UPDATE ON config.history_chain FOR EACH ROW EXECUTE FUNCTION config.tg_history_chain__erasure();

ALTER TABLE config.history_chain ENABLE ALWAYS TRIGGER erasure;

-- Name: service_configs forget_evaluations; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER forget_evaluations AFTER UPDATE ON config.service_configs FOR EACH ROW WHEN (((new.org_id = 0) AND (new.service = 'features'::text) AND ((old.value IS NULL) <> (new.value IS NULL)))) EXECUTE FUNCTION config.tg_service_configs__forget_evaluations();

ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER forget_evaluations;

-- Name: service_configs keep_on_delete; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER keep_on_delete BEFORE DELETE ON config.service_configs FOR EACH STATEMENT EXECUTE FUNCTION config.tg_service_configs__keep();

ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER keep_on_delete;

-- Name: service_configs keep_on_truncate; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER keep_on_truncate BEFORE TRUNCATE ON config.service_configs FOR EACH STATEMENT EXECUTE FUNCTION config.tg_service_configs__keep();

ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER keep_on_truncate;

-- Name: config_history once; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER once BEFORE INSERT ON config.config_history FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION config.tg_config_history__once();

ALTER TABLE config.config_history ENABLE ALWAYS TRIGGER once;

-- Name: service_configs record_insert; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER record_insert AFTER INSERT ON config.service_configs FOR EACH ROW EXECUTE FUNCTION config.tg_service_configs__record();

ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER record_insert;

-- Name: service_configs record_update; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER record_update AFTER UPDATE ON config.service_configs FOR EACH ROW WHEN ((old.version <> new.version)) EXECUTE FUNCTION config.tg_service_configs__record();

ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER record_update;

-- Name: key_schema service; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER service AFTER INSERT OR UPDATE OF service ON config.key_schema FOR EACH ROW EXECUTE FUNCTION config.tg_key_schema__service();

ALTER TABLE config.key_schema ENABLE ALWAYS TRIGGER service;

-- Name: service_configs stamp; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON config.service_configs FOR EACH ROW EXECUTE FUNCTION config.tg_service_configs__stamp();

ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER stamp;

-- Name: service_configs wake; Type: TRIGGER; Schema: config; Owner: ark_owner

CREATE TRIGGER wake AFTER INSERT OR UPDATE ON config.service_configs FOR EACH STATEMENT EXECUTE FUNCTION config.tg_service_configs__wake();

ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER wake;

-- Name: organization_events append_only; Type: TRIGGER; Schema: core; Owner: ark_owner

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON core.organization_events FOR EACH STATEMENT EXECUTE FUNCTION core.tg_append_only();

ALTER TABLE core.organization_events ENABLE ALWAYS TRIGGER append_only;

-- Name: organization_events closed_books; Type: TRIGGER; Schema: core; Owner: ark_owner

CREATE TRIGGER closed_books BEFORE INSERT ON core.organization_events FOR EACH ROW WHEN ((new.what = 'status'::text)) EXECUTE FUNCTION finops.tg_closed_books();

ALTER TABLE core.organization_events ENABLE ALWAYS TRIGGER closed_books;

-- Name: organizations closed_books; Type: TRIGGER; Schema: core; Owner: ark_owner

CREATE TRIGGER closed_books BEFORE UPDATE ON core.organizations FOR EACH ROW WHEN ((old.committed_at IS DISTINCT FROM new.committed_at)) EXECUTE FUNCTION finops.tg_closed_books();

ALTER TABLE core.organizations ENABLE ALWAYS TRIGGER closed_books;

-- Name: memberships deny; Type: TRIGGER; Schema: core; Owner: ark_owner

CREATE TRIGGER deny AFTER UPDATE ON core.memberships FOR EACH ROW WHEN ((old.role <> new.role)) EXECUTE FUNCTION auth.tg_memberships__deny();

ALTER TABLE core.memberships ENABLE ALWAYS TRIGGER deny;

-- Name: organizations deny; Type: TRIGGER; Schema: core; Owner: ark_owner

CREATE TRIGGER deny AFTER UPDATE ON core.organizations FOR EACH ROW WHEN (((old.status = ANY (ARRAY['PENDING'::text, 'COMMITTED'::text])) AND (new.status <> ALL (ARRAY['PENDING'::text, 'COMMITTED'::text])))) EXECUTE FUNCTION auth.tg_organizations__deny();

ALTER TABLE core.organizations ENABLE ALWAYS TRIGGER deny;

-- Name: adjustments append_only; Type: TRIGGER; Schema: finops; Owner: ark_owner

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON finops.adjustments FOR EACH STATEMENT EXECUTE FUNCTION core.tg_append_only();

ALTER TABLE finops.adjustments ENABLE ALWAYS TRIGGER append_only;

-- Name: invoices append_only; Type: TRIGGER; Schema: finops; Owner: ark_owner

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON finops.invoices FOR EACH STATEMENT EXECUTE FUNCTION core.tg_append_only();

ALTER TABLE finops.invoices ENABLE ALWAYS TRIGGER append_only;

-- Name: periods append_only; Type: TRIGGER; Schema: finops; Owner: ark_owner

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON finops.periods FOR EACH STATEMENT EXECUTE FUNCTION core.tg_append_only();

ALTER TABLE finops.periods ENABLE ALWAYS TRIGGER append_only;

-- Name: quota_changes append_only; Type: TRIGGER; Schema: finops; Owner: ark_owner

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON finops.quota_changes FOR EACH STATEMENT EXECUTE FUNCTION core.tg_append_only();

ALTER TABLE finops.quota_changes ENABLE ALWAYS TRIGGER append_only;

-- Name: adjustments closed_books; Type: TRIGGER; Schema: finops; Owner: ark_owner

CREATE TRIGGER closed_books BEFORE INSERT ON finops.adjustments FOR EACH ROW EXECUTE FUNCTION finops.tg_closed_books();

ALTER TABLE finops.adjustments ENABLE ALWAYS TRIGGER closed_books;

-- Name: prices closed_books; Type: TRIGGER; Schema: finops; Owner: ark_owner

CREATE TRIGGER closed_books BEFORE INSERT OR DELETE OR UPDATE ON finops.prices FOR EACH ROW EXECUTE FUNCTION finops.tg_prices__closed_books();

ALTER TABLE finops.prices ENABLE ALWAYS TRIGGER closed_books;

-- Name: quota_changes closed_books; Type: TRIGGER; Schema: finops; Owner: ark_owner

CREATE TRIGGER closed_books BEFORE INSERT ON finops.quota_changes FOR EACH ROW EXECUTE FUNCTION finops.tg_closed_books();

ALTER TABLE finops.quota_changes ENABLE ALWAYS TRIGGER closed_books;

-- Name: books forwards; Type: TRIGGER; Schema: finops; Owner: ark_owner

CREATE TRIGGER forwards BEFORE DELETE OR UPDATE ON finops.books FOR EACH ROW EXECUTE FUNCTION finops.tg_books__forwards();

ALTER TABLE finops.books ENABLE ALWAYS TRIGGER forwards;

-- Name: books forwards_truncate; Type: TRIGGER; Schema: finops; Owner: ark_owner

CREATE TRIGGER forwards_truncate BEFORE TRUNCATE ON finops.books FOR EACH STATEMENT EXECUTE FUNCTION finops.tg_books__forwards();

ALTER TABLE finops.books ENABLE ALWAYS TRIGGER forwards_truncate;

-- Name: quota_changes mirror; Type: TRIGGER; Schema: finops; Owner: ark_owner

CREATE TRIGGER mirror AFTER INSERT ON finops.quota_changes FOR EACH ROW EXECUTE FUNCTION finops.tg_quota_changes__mirror();

ALTER TABLE finops.quota_changes ENABLE ALWAYS TRIGGER mirror;

-- Name: prices open_books; Type: TRIGGER; Schema: finops; Owner: ark_owner

CREATE TRIGGER open_books BEFORE TRUNCATE ON finops.prices FOR EACH STATEMENT EXECUTE FUNCTION finops.tg_open_books();

ALTER TABLE finops.prices ENABLE ALWAYS TRIGGER open_books;

-- Name: resources open_books; Type: TRIGGER; Schema: finops; Owner: ark_owner

CREATE TRIGGER open_books BEFORE INSERT OR DELETE OR UPDATE OF resource, unit, units, billed_in OR TRUNCATE ON finops.resources FOR EACH STATEMENT EXECUTE FUNCTION finops.tg_open_books();

ALTER TABLE finops.resources ENABLE ALWAYS TRIGGER open_books;

-- Name: blueprint compile; Type: TRIGGER; Schema: provisioning; Owner: ark_owner

CREATE TRIGGER compile AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON provisioning.blueprint FOR EACH STATEMENT EXECUTE FUNCTION provisioning.tg_compile();

ALTER TABLE provisioning.blueprint ENABLE ALWAYS TRIGGER compile;

-- Name: kinds compile; Type: TRIGGER; Schema: provisioning; Owner: ark_owner

CREATE TRIGGER compile AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON provisioning.kinds FOR EACH STATEMENT EXECUTE FUNCTION provisioning.tg_compile();

ALTER TABLE provisioning.kinds ENABLE ALWAYS TRIGGER compile;

-- Name: access_tokens access_tokens_org_id_session_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: ark_owner

ALTER TABLE ONLY auth.access_tokens
    ADD CONSTRAINT access_tokens_org_id_session_id_fkey FOREIGN KEY (org_id, session_id) REFERENCES auth.sessions(org_id, session_id) ON DELETE CASCADE;

-- Name: sessions sessions_org_id_user_id_fkey; Type: FK CONSTRAINT; Schema: auth; Owner: ark_owner

ALTER TABLE ONLY auth.sessions
    ADD CONSTRAINT sessions_org_id_user_id_fkey FOREIGN KEY (org_id, user_id) REFERENCES core.memberships(org_id, user_id) ON DELETE CASCADE;

-- Name: config_history config_history_org_id_config_id_fkey; Type: FK CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE config.config_history
    ADD CONSTRAINT config_history_org_id_config_id_fkey FOREIGN KEY (org_id, config_id) REFERENCES config.service_configs(org_id, config_id);

-- Name: history_erasures history_erasures_org_id_fkey; Type: FK CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.history_erasures
    ADD CONSTRAINT history_erasures_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: history_heads history_heads_org_id_fkey; Type: FK CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.history_heads
    ADD CONSTRAINT history_heads_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: service_configs service_configs_org_id_fkey; Type: FK CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.service_configs
    ADD CONSTRAINT service_configs_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: subscriptions subscriptions_org_id_fkey; Type: FK CONSTRAINT; Schema: config; Owner: ark_owner

ALTER TABLE ONLY config.subscriptions
    ADD CONSTRAINT subscriptions_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: documents documents_org_id_fkey; Type: FK CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.documents
    ADD CONSTRAINT documents_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: documents documents_org_id_project_id_fkey; Type: FK CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.documents
    ADD CONSTRAINT documents_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES core.projects(org_id, id);

-- Name: memberships memberships_org_id_fkey; Type: FK CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.memberships
    ADD CONSTRAINT memberships_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: memberships memberships_user_id_fkey; Type: FK CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.memberships
    ADD CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES core.users(id);

-- Name: notes notes_org_id_fkey; Type: FK CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.notes
    ADD CONSTRAINT notes_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: notes notes_org_id_project_id_fkey; Type: FK CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.notes
    ADD CONSTRAINT notes_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES core.projects(org_id, id);

-- Name: organization_events organization_events_org_id_fkey; Type: FK CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.organization_events
    ADD CONSTRAINT organization_events_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: organizations organizations_plan_fkey; Type: FK CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.organizations
    ADD CONSTRAINT organizations_plan_fkey FOREIGN KEY (plan) REFERENCES provisioning.plans(plan);

-- Name: projects projects_org_id_fkey; Type: FK CONSTRAINT; Schema: core; Owner: ark_owner

ALTER TABLE ONLY core.projects
    ADD CONSTRAINT projects_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: adjustments adjustments_org_id_fkey; Type: FK CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.adjustments
    ADD CONSTRAINT adjustments_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: advice_rules advice_rules_resource_fkey; Type: FK CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.advice_rules
    ADD CONSTRAINT advice_rules_resource_fkey FOREIGN KEY (resource) REFERENCES finops.resources(resource);

-- Name: invoices invoices_org_id_fkey; Type: FK CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.invoices
    ADD CONSTRAINT invoices_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: invoices invoices_period_id_fkey; Type: FK CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.invoices
    ADD CONSTRAINT invoices_period_id_fkey FOREIGN KEY (period_id) REFERENCES finops.periods(period_id);

-- Name: prices prices_resource_fkey; Type: FK CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.prices
    ADD CONSTRAINT prices_resource_fkey FOREIGN KEY (resource) REFERENCES finops.resources(resource);

-- Name: quota_changes quota_changes_org_id_fkey; Type: FK CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.quota_changes
    ADD CONSTRAINT quota_changes_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: quota_usage quota_usage_org_id_fkey; Type: FK CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.quota_usage
    ADD CONSTRAINT quota_usage_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: usage_queries usage_queries_resource_fkey; Type: FK CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.usage_queries
    ADD CONSTRAINT usage_queries_resource_fkey FOREIGN KEY (resource) REFERENCES finops.resources(resource);

-- Name: usage_samples usage_samples_org_id_fkey; Type: FK CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.usage_samples
    ADD CONSTRAINT usage_samples_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: usage_samples usage_samples_resource_fkey; Type: FK CONSTRAINT; Schema: finops; Owner: ark_owner

ALTER TABLE ONLY finops.usage_samples
    ADD CONSTRAINT usage_samples_resource_fkey FOREIGN KEY (resource) REFERENCES finops.resources(resource);

-- Name: blueprint blueprint_plan_after_fkey; Type: FK CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.blueprint
    ADD CONSTRAINT blueprint_plan_after_fkey FOREIGN KEY (plan, after) REFERENCES provisioning.blueprint(plan, step);

-- Name: blueprint blueprint_plan_fkey; Type: FK CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.blueprint
    ADD CONSTRAINT blueprint_plan_fkey FOREIGN KEY (plan) REFERENCES provisioning.plans(plan);

-- Name: drift drift_org_id_fkey; Type: FK CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.drift
    ADD CONSTRAINT drift_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: jobs jobs_org_id_fkey; Type: FK CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.jobs
    ADD CONSTRAINT jobs_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: jobs jobs_rollout_id_fkey; Type: FK CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.jobs
    ADD CONSTRAINT jobs_rollout_id_fkey FOREIGN KEY (rollout_id) REFERENCES provisioning.rollouts(rollout_id);

-- Name: jobs kind_is_known; Type: FK CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.jobs
    ADD CONSTRAINT kind_is_known FOREIGN KEY (kind) REFERENCES provisioning.kinds(kind);

-- Name: kinds kinds_steps_of_fkey; Type: FK CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.kinds
    ADD CONSTRAINT kinds_steps_of_fkey FOREIGN KEY (steps_of) REFERENCES provisioning.kinds(kind);

-- Name: kinds kinds_undone_by_fkey; Type: FK CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.kinds
    ADD CONSTRAINT kinds_undone_by_fkey FOREIGN KEY (undone_by) REFERENCES provisioning.kinds(kind);

-- Name: lanes lanes_org_id_fkey; Type: FK CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.lanes
    ADD CONSTRAINT lanes_org_id_fkey FOREIGN KEY (org_id) REFERENCES core.organizations(id);

-- Name: rollouts rollouts_plan_fkey; Type: FK CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.rollouts
    ADD CONSTRAINT rollouts_plan_fkey FOREIGN KEY (plan) REFERENCES provisioning.plans(plan);

-- Name: steps steps_org_id_job_id_fkey; Type: FK CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.steps
    ADD CONSTRAINT steps_org_id_job_id_fkey FOREIGN KEY (org_id, job_id) REFERENCES provisioning.jobs(org_id, job_id);

-- Name: templates templates_kind_fkey; Type: FK CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.templates
    ADD CONSTRAINT templates_kind_fkey FOREIGN KEY (kind) REFERENCES provisioning.kinds(kind) ON DELETE CASCADE;

-- Name: templates templates_plan_fkey; Type: FK CONSTRAINT; Schema: provisioning; Owner: ark_owner

ALTER TABLE ONLY provisioning.templates
    ADD CONSTRAINT templates_plan_fkey FOREIGN KEY (plan) REFERENCES provisioning.plans(plan) ON DELETE CASCADE;

-- Name: access_tokens; Type: ROW SECURITY; Schema: auth; Owner: ark_owner

ALTER TABLE auth.access_tokens ENABLE ROW LEVEL SECURITY;

-- Name: access_tokens ark_system_all_everything; Type: POLICY; Schema: auth; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON auth.access_tokens TO ark_system USING (true) WITH CHECK (true);

-- Name: sessions ark_system_all_everything; Type: POLICY; Schema: auth; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON auth.sessions TO ark_system USING (true) WITH CHECK (true);

-- Name: sessions; Type: ROW SECURITY; Schema: auth; Owner: ark_owner

ALTER TABLE auth.sessions ENABLE ROW LEVEL SECURITY;

-- Name: service_configs ark_app_all_current_org; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY ark_app_all_current_org ON config.service_configs TO ark_app, ark_dba, ark_app_strict USING ((org_id > 0)) WITH CHECK ((org_id > 0));

-- Name: service_configs ark_app_ro_select_current_org; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY ark_app_ro_select_current_org ON config.service_configs FOR SELECT TO ark_app_ro USING ((org_id > 0));

-- Name: config_history ark_app_select_current_org; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY ark_app_select_current_org ON config.config_history FOR SELECT TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id > 0));

-- Name: config_history ark_system_all_everything; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON config.config_history TO ark_system USING (true) WITH CHECK (true);

-- Name: history_chain ark_system_all_everything; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON config.history_chain TO ark_system USING (true) WITH CHECK (true);

-- Name: history_erasures ark_system_all_everything; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON config.history_erasures TO ark_system USING (true) WITH CHECK (true);

-- Name: history_heads ark_system_all_everything; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON config.history_heads TO ark_system USING (true) WITH CHECK (true);

-- Name: pods ark_system_all_everything; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON config.pods TO ark_system USING (true) WITH CHECK (true);

-- Name: service_configs ark_system_all_everything; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON config.service_configs TO ark_system USING (true) WITH CHECK (true);

-- Name: subscriptions ark_system_all_everything; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON config.subscriptions TO ark_system USING (true) WITH CHECK (true);

-- Name: config_history; Type: ROW SECURITY; Schema: config; Owner: ark_owner

ALTER TABLE config.config_history ENABLE ROW LEVEL SECURITY;

-- Name: history_chain; Type: ROW SECURITY; Schema: config; Owner: ark_owner

ALTER TABLE config.history_chain ENABLE ROW LEVEL SECURITY;

-- Name: history_erasures; Type: ROW SECURITY; Schema: config; Owner: ark_owner

ALTER TABLE config.history_erasures ENABLE ROW LEVEL SECURITY;

-- Name: history_heads; Type: ROW SECURITY; Schema: config; Owner: ark_owner

ALTER TABLE config.history_heads ENABLE ROW LEVEL SECURITY;

-- Name: pods; Type: ROW SECURITY; Schema: config; Owner: ark_owner

ALTER TABLE config.pods ENABLE ROW LEVEL SECURITY;

-- Name: service_configs role_insert_admin; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY role_insert_admin ON config.service_configs AS RESTRICTIVE FOR INSERT TO ark_app_strict WITH CHECK (( SELECT core.may('admin'::text) AS may));

-- Name: service_configs role_update_admin; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY role_update_admin ON config.service_configs AS RESTRICTIVE FOR UPDATE TO ark_app_strict USING (( SELECT core.may('admin'::text) AS may)) WITH CHECK (( SELECT core.may('admin'::text) AS may));

-- Name: config_history scope_all_current_org; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY scope_all_current_org ON config.config_history AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id = ( SELECT core.current_org() AS current_org))) WITH CHECK ((org_id = ( SELECT core.current_org() AS current_org)));

-- Name: history_chain scope_all_current_org; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY scope_all_current_org ON config.history_chain AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id = ( SELECT core.current_org() AS current_org))) WITH CHECK ((org_id = ( SELECT core.current_org() AS current_org)));

-- Name: history_erasures scope_all_current_org; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY scope_all_current_org ON config.history_erasures AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id = ( SELECT core.current_org() AS current_org))) WITH CHECK ((org_id = ( SELECT core.current_org() AS current_org)));

-- Name: history_heads scope_all_current_org; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY scope_all_current_org ON config.history_heads AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id = ( SELECT core.current_org() AS current_org))) WITH CHECK ((org_id = ( SELECT core.current_org() AS current_org)));

-- Name: service_configs scope_all_current_org; Type: POLICY; Schema: config; Owner: ark_owner

CREATE POLICY scope_all_current_org ON config.service_configs AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id = ( SELECT core.current_org() AS current_org))) WITH CHECK ((org_id = ( SELECT core.current_org() AS current_org)));

-- Name: service_configs; Type: ROW SECURITY; Schema: config; Owner: ark_owner

ALTER TABLE config.service_configs ENABLE ROW LEVEL SECURITY;

-- Name: subscriptions; Type: ROW SECURITY; Schema: config; Owner: ark_owner

ALTER TABLE config.subscriptions ENABLE ROW LEVEL SECURITY;

-- Name: documents ark_app_all_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_app_all_current_org ON core.documents TO ark_app, ark_dba, ark_app_strict USING ((org_id > 0)) WITH CHECK ((org_id > 0));

-- Name: notes ark_app_all_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_app_all_current_org ON core.notes TO ark_app, ark_dba, ark_app_strict USING ((org_id > 0)) WITH CHECK ((org_id > 0));

-- Name: projects ark_app_all_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_app_all_current_org ON core.projects TO ark_app, ark_dba, ark_app_strict USING ((org_id > 0)) WITH CHECK ((org_id > 0));

-- Name: documents ark_app_ro_select_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_app_ro_select_current_org ON core.documents FOR SELECT TO ark_app_ro USING ((org_id > 0));

-- Name: notes ark_app_ro_select_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_app_ro_select_current_org ON core.notes FOR SELECT TO ark_app_ro USING ((org_id > 0));

-- Name: projects ark_app_ro_select_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_app_ro_select_current_org ON core.projects FOR SELECT TO ark_app_ro USING ((org_id > 0));

-- Name: memberships ark_app_select_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_app_select_current_org ON core.memberships FOR SELECT TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id > 0));

-- Name: organization_events ark_app_select_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_app_select_current_org ON core.organization_events FOR SELECT TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id > 0));

-- Name: organizations ark_app_select_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_app_select_current_org ON core.organizations FOR SELECT TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((id > 0));

-- Name: users ark_app_select_members; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_app_select_members ON core.users FOR SELECT TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((id > 0));

-- Name: documents ark_system_all_everything; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON core.documents TO ark_system USING (true) WITH CHECK (true);

-- Name: memberships ark_system_all_everything; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON core.memberships TO ark_system USING (true) WITH CHECK (true);

-- Name: notes ark_system_all_everything; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON core.notes TO ark_system USING (true) WITH CHECK (true);

-- Name: organization_events ark_system_all_everything; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON core.organization_events TO ark_system USING (true) WITH CHECK (true);

-- Name: organizations ark_system_all_everything; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON core.organizations TO ark_system USING (true) WITH CHECK (true);

-- Name: projects ark_system_all_everything; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON core.projects TO ark_system USING (true) WITH CHECK (true);

-- Name: users ark_system_all_everything; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON core.users TO ark_system USING (true) WITH CHECK (true);

-- Name: documents; Type: ROW SECURITY; Schema: core; Owner: ark_owner

ALTER TABLE core.documents ENABLE ROW LEVEL SECURITY;

-- Name: memberships; Type: ROW SECURITY; Schema: core; Owner: ark_owner

ALTER TABLE core.memberships ENABLE ROW LEVEL SECURITY;

-- Name: notes; Type: ROW SECURITY; Schema: core; Owner: ark_owner

ALTER TABLE core.notes ENABLE ROW LEVEL SECURITY;

-- Name: organization_events; Type: ROW SECURITY; Schema: core; Owner: ark_owner

ALTER TABLE core.organization_events ENABLE ROW LEVEL SECURITY;

-- Name: organizations; Type: ROW SECURITY; Schema: core; Owner: ark_owner

ALTER TABLE core.organizations ENABLE ROW LEVEL SECURITY;

-- Name: projects; Type: ROW SECURITY; Schema: core; Owner: ark_owner

ALTER TABLE core.projects ENABLE ROW LEVEL SECURITY;

-- Name: documents role_delete_member; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY role_delete_member ON core.documents AS RESTRICTIVE FOR DELETE TO ark_app_strict USING (( SELECT core.may('member'::text) AS may));

-- Name: notes role_delete_member; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY role_delete_member ON core.notes AS RESTRICTIVE FOR DELETE TO ark_app_strict USING (( SELECT core.may('member'::text) AS may));

-- Name: projects role_delete_member; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY role_delete_member ON core.projects AS RESTRICTIVE FOR DELETE TO ark_app_strict USING (( SELECT core.may('member'::text) AS may));

-- Name: documents role_insert_member; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY role_insert_member ON core.documents AS RESTRICTIVE FOR INSERT TO ark_app_strict WITH CHECK (( SELECT core.may('member'::text) AS may));

-- Name: notes role_insert_member; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY role_insert_member ON core.notes AS RESTRICTIVE FOR INSERT TO ark_app_strict WITH CHECK (( SELECT core.may('member'::text) AS may));

-- Name: projects role_insert_member; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY role_insert_member ON core.projects AS RESTRICTIVE FOR INSERT TO ark_app_strict WITH CHECK (( SELECT core.may('member'::text) AS may));

-- Name: documents role_update_member; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY role_update_member ON core.documents AS RESTRICTIVE FOR UPDATE TO ark_app_strict USING (( SELECT core.may('member'::text) AS may)) WITH CHECK (( SELECT core.may('member'::text) AS may));

-- Name: notes role_update_member; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY role_update_member ON core.notes AS RESTRICTIVE FOR UPDATE TO ark_app_strict USING (( SELECT core.may('member'::text) AS may)) WITH CHECK (( SELECT core.may('member'::text) AS may));

-- Name: projects role_update_member; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY role_update_member ON core.projects AS RESTRICTIVE FOR UPDATE TO ark_app_strict USING (( SELECT core.may('member'::text) AS may)) WITH CHECK (( SELECT core.may('member'::text) AS may));

-- Name: documents scope_all_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY scope_all_current_org ON core.documents AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id = ( SELECT core.current_org() AS current_org))) WITH CHECK ((org_id = ( SELECT core.current_org() AS current_org)));

-- Name: memberships scope_all_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY scope_all_current_org ON core.memberships AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id = ( SELECT core.current_org() AS current_org))) WITH CHECK ((org_id = ( SELECT core.current_org() AS current_org)));

-- Name: notes scope_all_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY scope_all_current_org ON core.notes AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id = ( SELECT core.current_org() AS current_org))) WITH CHECK ((org_id = ( SELECT core.current_org() AS current_org)));

-- Name: organization_events scope_all_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY scope_all_current_org ON core.organization_events AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id = ( SELECT core.current_org() AS current_org))) WITH CHECK ((org_id = ( SELECT core.current_org() AS current_org)));

-- Name: organizations scope_all_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY scope_all_current_org ON core.organizations AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((id = ( SELECT core.current_org() AS current_org))) WITH CHECK ((id = ( SELECT core.current_org() AS current_org)));

-- Name: projects scope_all_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY scope_all_current_org ON core.projects AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id = ( SELECT core.current_org() AS current_org))) WITH CHECK ((org_id = ( SELECT core.current_org() AS current_org)));

-- Name: users scope_all_current_org; Type: POLICY; Schema: core; Owner: ark_owner

CREATE POLICY scope_all_current_org ON core.users AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((id = ANY (ARRAY( SELECT m.user_id
   FROM core.memberships m
  WHERE (m.org_id = ( SELECT core.current_org() AS current_org)))))) WITH CHECK (false);

-- Name: users; Type: ROW SECURITY; Schema: core; Owner: ark_owner

ALTER TABLE core.users ENABLE ROW LEVEL SECURITY;

-- Name: adjustments; Type: ROW SECURITY; Schema: finops; Owner: ark_owner

ALTER TABLE finops.adjustments ENABLE ROW LEVEL SECURITY;

-- Name: quota_changes ark_app_select_current_org; Type: POLICY; Schema: finops; Owner: ark_owner

CREATE POLICY ark_app_select_current_org ON finops.quota_changes FOR SELECT TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id > 0));

-- Name: quota_usage ark_app_select_current_org; Type: POLICY; Schema: finops; Owner: ark_owner

CREATE POLICY ark_app_select_current_org ON finops.quota_usage FOR SELECT TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id > 0));

-- Name: adjustments ark_system_all_everything; Type: POLICY; Schema: finops; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON finops.adjustments TO ark_system USING (true) WITH CHECK (true);

-- Name: invoices ark_system_all_everything; Type: POLICY; Schema: finops; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON finops.invoices TO ark_system USING (true) WITH CHECK (true);

-- Name: quota_changes ark_system_all_everything; Type: POLICY; Schema: finops; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON finops.quota_changes TO ark_system USING (true) WITH CHECK (true);

-- Name: quota_usage ark_system_all_everything; Type: POLICY; Schema: finops; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON finops.quota_usage TO ark_system USING (true) WITH CHECK (true);

-- Name: usage_samples ark_system_all_everything; Type: POLICY; Schema: finops; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON finops.usage_samples TO ark_system USING (true) WITH CHECK (true);

-- Name: invoices; Type: ROW SECURITY; Schema: finops; Owner: ark_owner

ALTER TABLE finops.invoices ENABLE ROW LEVEL SECURITY;

-- Name: quota_changes; Type: ROW SECURITY; Schema: finops; Owner: ark_owner

ALTER TABLE finops.quota_changes ENABLE ROW LEVEL SECURITY;

-- Name: quota_usage; Type: ROW SECURITY; Schema: finops; Owner: ark_owner

ALTER TABLE finops.quota_usage ENABLE ROW LEVEL SECURITY;

-- Name: quota_changes scope_all_current_org; Type: POLICY; Schema: finops; Owner: ark_owner

CREATE POLICY scope_all_current_org ON finops.quota_changes AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id = ( SELECT core.current_org() AS current_org))) WITH CHECK ((org_id = ( SELECT core.current_org() AS current_org)));

-- Name: quota_usage scope_all_current_org; Type: POLICY; Schema: finops; Owner: ark_owner

CREATE POLICY scope_all_current_org ON finops.quota_usage AS RESTRICTIVE TO ark_app, ark_app_ro, ark_dba, ark_app_strict USING ((org_id = ( SELECT core.current_org() AS current_org))) WITH CHECK ((org_id = ( SELECT core.current_org() AS current_org)));

-- Name: usage_samples; Type: ROW SECURITY; Schema: finops; Owner: ark_owner

ALTER TABLE finops.usage_samples ENABLE ROW LEVEL SECURITY;

-- Name: drift ark_system_all_everything; Type: POLICY; Schema: provisioning; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON provisioning.drift TO ark_system USING (true) WITH CHECK (true);

-- Name: jobs ark_system_all_everything; Type: POLICY; Schema: provisioning; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON provisioning.jobs TO ark_system USING (true) WITH CHECK (true);

-- Name: lanes ark_system_all_everything; Type: POLICY; Schema: provisioning; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON provisioning.lanes TO ark_system USING (true) WITH CHECK (true);

-- Name: steps ark_system_all_everything; Type: POLICY; Schema: provisioning; Owner: ark_owner

CREATE POLICY ark_system_all_everything ON provisioning.steps TO ark_system USING (true) WITH CHECK (true);

-- Name: drift; Type: ROW SECURITY; Schema: provisioning; Owner: ark_owner

ALTER TABLE provisioning.drift ENABLE ROW LEVEL SECURITY;

-- Name: jobs; Type: ROW SECURITY; Schema: provisioning; Owner: ark_owner

ALTER TABLE provisioning.jobs ENABLE ROW LEVEL SECURITY;

-- Name: lanes; Type: ROW SECURITY; Schema: provisioning; Owner: ark_owner

ALTER TABLE provisioning.lanes ENABLE ROW LEVEL SECURITY;

-- Name: steps; Type: ROW SECURITY; Schema: provisioning; Owner: ark_owner

ALTER TABLE provisioning.steps ENABLE ROW LEVEL SECURITY;

-- Name: SCHEMA admin; Type: ACL; Schema: -; Owner: ark_owner

GRANT ALL ON SCHEMA admin TO ark_system;
GRANT USAGE ON SCHEMA admin TO ark_dba;
GRANT USAGE ON SCHEMA admin TO ark_auditor;
GRANT USAGE ON SCHEMA admin TO ark_monitor;
GRANT USAGE ON SCHEMA admin TO ark_migrator;

-- Name: SCHEMA api; Type: ACL; Schema: -; Owner: ark_owner

GRANT ALL ON SCHEMA api TO ark_system;
GRANT USAGE ON SCHEMA api TO ark_app;
GRANT USAGE ON SCHEMA api TO ark_app_ro;
GRANT USAGE ON SCHEMA api TO ark_pod;
GRANT USAGE ON SCHEMA api TO ark_gateway;
GRANT USAGE ON SCHEMA api TO ark_dba;
GRANT USAGE ON SCHEMA api TO ark_auditor;
GRANT USAGE ON SCHEMA api TO ark_monitor;
GRANT USAGE ON SCHEMA api TO ark_app_strict;

-- Name: SCHEMA auth; Type: ACL; Schema: -; Owner: ark_owner

GRANT ALL ON SCHEMA auth TO ark_system;

-- Name: SCHEMA config; Type: ACL; Schema: -; Owner: ark_owner

GRANT ALL ON SCHEMA config TO ark_system;
GRANT USAGE ON SCHEMA config TO ark_app;
GRANT USAGE ON SCHEMA config TO ark_app_ro;
GRANT USAGE ON SCHEMA config TO ark_dba;
GRANT USAGE ON SCHEMA config TO ark_bridge;
GRANT USAGE ON SCHEMA config TO ark_app_strict;

-- Name: SCHEMA core; Type: ACL; Schema: -; Owner: ark_owner

GRANT ALL ON SCHEMA core TO ark_system;
GRANT USAGE ON SCHEMA core TO ark_app;
GRANT USAGE ON SCHEMA core TO ark_app_ro;
GRANT USAGE ON SCHEMA core TO ark_dba;
GRANT USAGE ON SCHEMA core TO ark_app_strict;
GRANT USAGE ON SCHEMA core TO ark_gateway;

-- Name: SCHEMA finops; Type: ACL; Schema: -; Owner: ark_owner

GRANT ALL ON SCHEMA finops TO ark_system;
GRANT USAGE ON SCHEMA finops TO ark_app;
GRANT USAGE ON SCHEMA finops TO ark_app_ro;
GRANT USAGE ON SCHEMA finops TO ark_dba;
GRANT USAGE ON SCHEMA finops TO ark_app_strict;

-- Name: SCHEMA provisioning; Type: ACL; Schema: -; Owner: ark_owner

GRANT ALL ON SCHEMA provisioning TO ark_system;
GRANT USAGE ON SCHEMA provisioning TO ark_provisioner;

-- Name: TABLE signing_keys; Type: ACL; Schema: auth; Owner: ark_owner

GRANT SELECT,INSERT ON TABLE auth.signing_keys TO ark_system;

-- Name: COLUMN signing_keys.not_after; Type: ACL; Schema: auth; Owner: ark_owner

GRANT UPDATE(not_after) ON TABLE auth.signing_keys TO ark_system;

-- Name: COLUMN signing_keys.retired_by; Type: ACL; Schema: auth; Owner: ark_owner

GRANT UPDATE(retired_by) ON TABLE auth.signing_keys TO ark_system;

-- Name: COLUMN signing_keys.retire_reason; Type: ACL; Schema: auth; Owner: ark_owner

GRANT UPDATE(retire_reason) ON TABLE auth.signing_keys TO ark_system;

-- Name: FUNCTION add_signing_key(p_kid text, p_algorithm text, p_public_key text, p_not_before timestamp with time zone, p_not_after timestamp with time zone); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.add_signing_key(p_kid text, p_algorithm text, p_public_key text, p_not_before timestamp with time zone, p_not_after timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.add_signing_key(p_kid text, p_algorithm text, p_public_key text, p_not_before timestamp with time zone, p_not_after timestamp with time zone) TO ark_dba;

-- Name: TABLE adjustments; Type: ACL; Schema: finops; Owner: ark_owner

GRANT SELECT,INSERT ON TABLE finops.adjustments TO ark_system;

-- Name: FUNCTION adjust_bill(p_org_id bigint, p_amount numeric, p_reason text, p_corrects timestamp with time zone, p_currency text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.adjust_bill(p_org_id bigint, p_amount numeric, p_reason text, p_corrects timestamp with time zone, p_currency text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.adjust_bill(p_org_id bigint, p_amount numeric, p_reason text, p_corrects timestamp with time zone, p_currency text) TO ark_dba;

-- Name: FUNCTION anchor(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.anchor() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.anchor() TO ark_dba;
GRANT ALL ON FUNCTION admin.anchor() TO ark_auditor;

-- Name: FUNCTION application_groups(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.application_groups() FROM PUBLIC;

-- Name: FUNCTION apply_database_settings(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.apply_database_settings() FROM PUBLIC;

-- Name: FUNCTION audit_database(p_server_version integer, p_prepared_for interval); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.audit_database(p_server_version integer, p_prepared_for interval) FROM PUBLIC;

-- Name: FUNCTION audit_functions(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.audit_functions() FROM PUBLIC;

-- Name: FUNCTION audit_keys(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.audit_keys() FROM PUBLIC;

-- Name: FUNCTION audit_policies(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.audit_policies() FROM PUBLIC;

-- Name: FUNCTION audit_roles(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.audit_roles() FROM PUBLIC;

-- Name: FUNCTION audit_tables(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.audit_tables() FROM PUBLIC;

-- Name: FUNCTION audit_triggers(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.audit_triggers() FROM PUBLIC;

-- Name: FUNCTION audit_views(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.audit_views() FROM PUBLIC;

-- Name: FUNCTION audited_grants(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.audited_grants() FROM PUBLIC;

-- Name: FUNCTION audited_relations(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.audited_relations() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.audited_relations() TO ark_system;

-- Name: FUNCTION bill(p_from timestamp with time zone, p_to timestamp with time zone); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.bill(p_from timestamp with time zone, p_to timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.bill(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_dba;
GRANT ALL ON FUNCTION admin.bill(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_auditor;

-- Name: FUNCTION bill_total(p_from timestamp with time zone, p_to timestamp with time zone); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.bill_total(p_from timestamp with time zone, p_to timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.bill_total(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_dba;
GRANT ALL ON FUNCTION admin.bill_total(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_auditor;

-- Name: FUNCTION bind_pod(p_login name, p_service text, p_org_id bigint); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.bind_pod(p_login name, p_service text, p_org_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.bind_pod(p_login name, p_service text, p_org_id bigint) TO ark_dba;

-- Name: FUNCTION cancel_job(p_job_id bigint, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.cancel_job(p_job_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.cancel_job(p_job_id bigint, p_reason text) TO ark_dba;

-- Name: FUNCTION cancel_rollout(p_rollout_id bigint, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.cancel_rollout(p_rollout_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.cancel_rollout(p_rollout_id bigint, p_reason text) TO ark_dba;

-- Name: FUNCTION changes(p_slug text, p_since interval); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.changes(p_slug text, p_since interval) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.changes(p_slug text, p_since interval) TO ark_dba;
GRANT ALL ON FUNCTION admin.changes(p_slug text, p_since interval) TO ark_auditor;

-- Name: TABLE periods; Type: ACL; Schema: finops; Owner: ark_owner

GRANT SELECT,INSERT ON TABLE finops.periods TO ark_system;

-- Name: FUNCTION close_period(p_from timestamp with time zone, p_to timestamp with time zone, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.close_period(p_from timestamp with time zone, p_to timestamp with time zone, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.close_period(p_from timestamp with time zone, p_to timestamp with time zone, p_reason text) TO ark_dba;

-- Name: FUNCTION compare(p_slug text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.compare(p_slug text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.compare(p_slug text) TO ark_dba;

-- Name: TABLE service_configs; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,INSERT,UPDATE ON TABLE config.service_configs TO ark_system;
GRANT SELECT ON TABLE config.service_configs TO ark_app;
GRANT SELECT ON TABLE config.service_configs TO ark_app_ro;
GRANT SELECT ON TABLE config.service_configs TO ark_dba;
GRANT SELECT ON TABLE config.service_configs TO ark_app_strict;

-- Name: COLUMN service_configs.org_id; Type: ACL; Schema: config; Owner: ark_owner

GRANT INSERT(org_id) ON TABLE config.service_configs TO ark_app;
GRANT INSERT(org_id) ON TABLE config.service_configs TO ark_dba;
GRANT INSERT(org_id) ON TABLE config.service_configs TO ark_app_strict;

-- Name: COLUMN service_configs.service; Type: ACL; Schema: config; Owner: ark_owner

GRANT INSERT(service) ON TABLE config.service_configs TO ark_app;
GRANT INSERT(service) ON TABLE config.service_configs TO ark_dba;
GRANT INSERT(service) ON TABLE config.service_configs TO ark_app_strict;

-- Name: COLUMN service_configs.key; Type: ACL; Schema: config; Owner: ark_owner

GRANT INSERT(key) ON TABLE config.service_configs TO ark_app;
GRANT INSERT(key) ON TABLE config.service_configs TO ark_dba;
GRANT INSERT(key) ON TABLE config.service_configs TO ark_app_strict;

-- Name: COLUMN service_configs.value; Type: ACL; Schema: config; Owner: ark_owner

GRANT INSERT(value),UPDATE(value) ON TABLE config.service_configs TO ark_app;
GRANT INSERT(value),UPDATE(value) ON TABLE config.service_configs TO ark_dba;
GRANT INSERT(value),UPDATE(value) ON TABLE config.service_configs TO ark_app_strict;

-- Name: FUNCTION define_flag(p_key text, p_definition jsonb, p_reason text, p_description text, p_owner text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.define_flag(p_key text, p_definition jsonb, p_reason text, p_description text, p_owner text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.define_flag(p_key text, p_definition jsonb, p_reason text, p_description text, p_owner text) TO ark_dba;

-- Name: TABLE key_schema; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,INSERT,UPDATE ON TABLE config.key_schema TO ark_system;
GRANT SELECT ON TABLE config.key_schema TO ark_app;
GRANT SELECT ON TABLE config.key_schema TO ark_app_ro;
GRANT SELECT ON TABLE config.key_schema TO ark_dba;
GRANT SELECT ON TABLE config.key_schema TO ark_app_strict;

-- Name: FUNCTION define_key(p_service text, p_key text, p_type text, p_description text, p_owner text, p_default text, p_minimum numeric, p_maximum numeric, p_pattern text, p_choices text[]); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.define_key(p_service text, p_key text, p_type text, p_description text, p_owner text, p_default text, p_minimum numeric, p_maximum numeric, p_pattern text, p_choices text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.define_key(p_service text, p_key text, p_type text, p_description text, p_owner text, p_default text, p_minimum numeric, p_maximum numeric, p_pattern text, p_choices text[]) TO ark_dba;

-- Name: TABLE organizations; Type: ACL; Schema: core; Owner: ark_owner

GRANT SELECT,INSERT,UPDATE ON TABLE core.organizations TO ark_system;
GRANT SELECT ON TABLE core.organizations TO ark_app;
GRANT SELECT ON TABLE core.organizations TO ark_app_ro;
GRANT SELECT ON TABLE core.organizations TO ark_dba;
GRANT SELECT ON TABLE core.organizations TO ark_app_strict;

-- Name: FUNCTION delete_org(p_slug text, p_confirm text, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.delete_org(p_slug text, p_confirm text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.delete_org(p_slug text, p_confirm text, p_reason text) TO ark_dba;

-- Name: FUNCTION delete_organization(p_slug text, p_confirm text, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.delete_organization(p_slug text, p_confirm text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.delete_organization(p_slug text, p_confirm text, p_reason text) TO ark_dba;

-- Name: FUNCTION diff_org(p_slug text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.diff_org(p_slug text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.diff_org(p_slug text) TO ark_dba;

-- Name: FUNCTION drift(p_silence interval); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.drift(p_silence interval) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.drift(p_silence interval) TO ark_dba;
GRANT ALL ON FUNCTION admin.drift(p_silence interval) TO ark_monitor;

-- Name: FUNCTION drop_export(p_slug text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.drop_export(p_slug text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.drop_export(p_slug text) TO ark_dba;

-- Name: FUNCTION efficiency(p_from timestamp with time zone, p_to timestamp with time zone); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.efficiency(p_from timestamp with time zone, p_to timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.efficiency(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_dba;
GRANT ALL ON FUNCTION admin.efficiency(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_auditor;
GRANT ALL ON FUNCTION admin.efficiency(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_monitor;

-- Name: FUNCTION erase_personal_data(p_text text, p_reason text, p_org bigint, p_history_ids bigint[]); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.erase_personal_data(p_text text, p_reason text, p_org bigint, p_history_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.erase_personal_data(p_text text, p_reason text, p_org bigint, p_history_ids bigint[]) TO ark_dba;

-- Name: FUNCTION explain_access(p_login name, p_table text, p_org_id bigint); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.explain_access(p_login name, p_table text, p_org_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.explain_access(p_login name, p_table text, p_org_id bigint) TO ark_dba;
GRANT ALL ON FUNCTION admin.explain_access(p_login name, p_table text, p_org_id bigint) TO ark_auditor;

-- Name: FUNCTION export_org(p_slug text, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.export_org(p_slug text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.export_org(p_slug text, p_reason text) TO ark_dba;

-- Name: FUNCTION find_personal_data(p_text text, p_org bigint); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.find_personal_data(p_text text, p_org bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.find_personal_data(p_text text, p_org bigint) TO ark_dba;

-- Name: FUNCTION flags(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.flags() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.flags() TO ark_dba;
GRANT ALL ON FUNCTION admin.flags() TO ark_monitor;
GRANT ALL ON FUNCTION admin.flags() TO ark_auditor;

-- Name: FUNCTION history_health(OUT partitions_until date, OUT rows_astray bigint, OUT sealed bigint, OUT unsealed bigint, OUT oldest_unsealed timestamp with time zone, OUT oldest_transaction timestamp with time zone); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.history_health(OUT partitions_until date, OUT rows_astray bigint, OUT sealed bigint, OUT unsealed bigint, OUT oldest_unsealed timestamp with time zone, OUT oldest_transaction timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.history_health(OUT partitions_until date, OUT rows_astray bigint, OUT sealed bigint, OUT unsealed bigint, OUT oldest_unsealed timestamp with time zone, OUT oldest_transaction timestamp with time zone) TO ark_dba;
GRANT ALL ON FUNCTION admin.history_health(OUT partitions_until date, OUT rows_astray bigint, OUT sealed bigint, OUT unsealed bigint, OUT oldest_unsealed timestamp with time zone, OUT oldest_transaction timestamp with time zone) TO ark_auditor;
GRANT ALL ON FUNCTION admin.history_health(OUT partitions_until date, OUT rows_astray bigint, OUT sealed bigint, OUT unsealed bigint, OUT oldest_unsealed timestamp with time zone, OUT oldest_transaction timestamp with time zone) TO ark_monitor;

-- Name: FUNCTION import_org(p_slug text, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.import_org(p_slug text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.import_org(p_slug text, p_reason text) TO ark_dba;

-- Name: FUNCTION jobs(p_slug text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.jobs(p_slug text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.jobs(p_slug text) TO ark_dba;
GRANT ALL ON FUNCTION admin.jobs(p_slug text) TO ark_monitor;

-- Name: FUNCTION kill_flag(p_key text, p_reason text, p_killed boolean); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.kill_flag(p_key text, p_reason text, p_killed boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.kill_flag(p_key text, p_reason text, p_killed boolean) TO ark_dba;

-- Name: FUNCTION lanes(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.lanes() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.lanes() TO ark_dba;
GRANT ALL ON FUNCTION admin.lanes() TO ark_monitor;

-- Name: FUNCTION maintenance(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.maintenance() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.maintenance() TO ark_dba;
GRANT ALL ON FUNCTION admin.maintenance() TO ark_monitor;

-- Name: FUNCTION make_partitions(p_months_ahead integer); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.make_partitions(p_months_ahead integer) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.make_partitions(p_months_ahead integer) TO ark_dba;

-- Name: FUNCTION organizations(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.organizations() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.organizations() TO ark_dba;
GRANT ALL ON FUNCTION admin.organizations() TO ark_monitor;
GRANT ALL ON FUNCTION admin.organizations() TO ark_auditor;

-- Name: FUNCTION pause_rollout(p_rollout_id bigint, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.pause_rollout(p_rollout_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.pause_rollout(p_rollout_id bigint, p_reason text) TO ark_dba;

-- Name: FUNCTION plan(p_org text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.plan(p_org text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.plan(p_org text) TO ark_dba;

-- Name: FUNCTION pods(p_service text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.pods(p_service text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.pods(p_service text) TO ark_dba;
GRANT ALL ON FUNCTION admin.pods(p_service text) TO ark_monitor;

-- Name: FUNCTION prepare_pg_upgrade(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.prepare_pg_upgrade() FROM PUBLIC;

-- Name: FUNCTION prices(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.prices() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.prices() TO ark_dba;
GRANT ALL ON FUNCTION admin.prices() TO ark_auditor;

-- Name: FUNCTION queue(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.queue() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.queue() TO ark_dba;
GRANT ALL ON FUNCTION admin.queue() TO ark_monitor;

-- Name: FUNCTION ready(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.ready() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.ready() TO ark_dba;
GRANT ALL ON FUNCTION admin.ready() TO ark_monitor;
GRANT ALL ON FUNCTION admin.ready() TO ark_auditor;

-- Name: FUNCTION receive_export(p_slug text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.receive_export(p_slug text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.receive_export(p_slug text) TO ark_dba;

-- Name: FUNCTION redrive(p_reason text, p_kind text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.redrive(p_reason text, p_kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.redrive(p_reason text, p_kind text) TO ark_dba;

-- Name: FUNCTION reload_latency(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.reload_latency() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.reload_latency() TO ark_dba;
GRANT ALL ON FUNCTION admin.reload_latency() TO ark_monitor;

-- Name: FUNCTION remove_flag(p_key text, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.remove_flag(p_key text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.remove_flag(p_key text, p_reason text) TO ark_dba;

-- Name: FUNCTION repair(p_slug text, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.repair(p_slug text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.repair(p_slug text, p_reason text) TO ark_dba;

-- Name: FUNCTION required_guards(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.required_guards() FROM PUBLIC;

-- Name: FUNCTION resume_organization(p_slug text, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.resume_organization(p_slug text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.resume_organization(p_slug text, p_reason text) TO ark_dba;

-- Name: FUNCTION resume_rollout(p_rollout_id bigint, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.resume_rollout(p_rollout_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.resume_rollout(p_rollout_id bigint, p_reason text) TO ark_dba;

-- Name: FUNCTION retire_signing_key(p_kid text, p_reason text, p_not_after timestamp with time zone); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.retire_signing_key(p_kid text, p_reason text, p_not_after timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.retire_signing_key(p_kid text, p_reason text, p_not_after timestamp with time zone) TO ark_dba;

-- Name: FUNCTION retry_job(p_job_id bigint, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.retry_job(p_job_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.retry_job(p_job_id bigint, p_reason text) TO ark_dba;

-- Name: FUNCTION revoke_organization(p_slug text, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.revoke_organization(p_slug text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.revoke_organization(p_slug text, p_reason text) TO ark_dba;

-- Name: FUNCTION revoke_user(p_email text, p_reason text, p_slug text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.revoke_user(p_email text, p_reason text, p_slug text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.revoke_user(p_email text, p_reason text, p_slug text) TO ark_dba;

-- Name: FUNCTION roll_out(p_reason text, p_plan text, p_batch integer, p_max_failures integer); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.roll_out(p_reason text, p_plan text, p_batch integer, p_max_failures integer) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.roll_out(p_reason text, p_plan text, p_batch integer, p_max_failures integer) TO ark_dba;

-- Name: FUNCTION rollback_flag(p_key text, p_version bigint, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.rollback_flag(p_key text, p_version bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.rollback_flag(p_key text, p_version bigint, p_reason text) TO ark_dba;

-- Name: FUNCTION rollouts(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.rollouts() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.rollouts() TO ark_dba;
GRANT ALL ON FUNCTION admin.rollouts() TO ark_monitor;

-- Name: FUNCTION security_audit(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.security_audit() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.security_audit() TO ark_dba;
GRANT ALL ON FUNCTION admin.security_audit() TO ark_auditor;
GRANT ALL ON FUNCTION admin.security_audit() TO ark_monitor;
GRANT ALL ON FUNCTION admin.security_audit() TO ark_migrator;
GRANT ALL ON FUNCTION admin.security_audit() TO ark_system;

-- Name: FUNCTION sessions(p_slug text, p_email text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.sessions(p_slug text, p_email text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.sessions(p_slug text, p_email text) TO ark_dba;
GRANT ALL ON FUNCTION admin.sessions(p_slug text, p_email text) TO ark_auditor;

-- Name: FUNCTION set_default(p_service text, p_key text, p_value text, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.set_default(p_service text, p_key text, p_value text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.set_default(p_service text, p_key text, p_value text, p_reason text) TO ark_dba;

-- Name: FUNCTION set_drift_policy(p_on_drift text, p_compare_every interval, p_reason text, p_plan text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.set_drift_policy(p_on_drift text, p_compare_every interval, p_reason text, p_plan text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.set_drift_policy(p_on_drift text, p_compare_every interval, p_reason text, p_plan text) TO ark_dba;

-- Name: TABLE prices; Type: ACL; Schema: finops; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE finops.prices TO ark_system;

-- Name: FUNCTION set_price(p_resource text, p_price numeric, p_from timestamp with time zone, p_reason text, p_currency text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.set_price(p_resource text, p_price numeric, p_from timestamp with time zone, p_reason text, p_currency text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.set_price(p_resource text, p_price numeric, p_from timestamp with time zone, p_reason text, p_currency text) TO ark_dba;

-- Name: FUNCTION signing_keys(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.signing_keys() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.signing_keys() TO ark_dba;
GRANT ALL ON FUNCTION admin.signing_keys() TO ark_auditor;
GRANT ALL ON FUNCTION admin.signing_keys() TO ark_monitor;

-- Name: FUNCTION stale_flags(p_days integer); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.stale_flags(p_days integer) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.stale_flags(p_days integer) TO ark_dba;
GRANT ALL ON FUNCTION admin.stale_flags(p_days integer) TO ark_monitor;
GRANT ALL ON FUNCTION admin.stale_flags(p_days integer) TO ark_auditor;

-- Name: FUNCTION steps(p_slug text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.steps(p_slug text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.steps(p_slug text) TO ark_dba;
GRANT ALL ON FUNCTION admin.steps(p_slug text) TO ark_monitor;
GRANT ALL ON FUNCTION admin.steps(p_slug text) TO ark_auditor;

-- Name: FUNCTION stuck_jobs(p_older interval); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.stuck_jobs(p_older interval) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.stuck_jobs(p_older interval) TO ark_dba;
GRANT ALL ON FUNCTION admin.stuck_jobs(p_older interval) TO ark_monitor;

-- Name: FUNCTION suspend_organization(p_slug text, p_reason text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.suspend_organization(p_slug text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.suspend_organization(p_slug text, p_reason text) TO ark_dba;

-- Name: FUNCTION tenant_drift(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.tenant_drift() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.tenant_drift() TO ark_dba;
GRANT ALL ON FUNCTION admin.tenant_drift() TO ark_monitor;

-- Name: FUNCTION tenant_tables(); Type: ACL; Schema: admin; Owner: ark_owner

REVOKE ALL ON FUNCTION admin.tenant_tables() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.tenant_tables() TO ark_system;
GRANT ALL ON FUNCTION admin.tenant_tables() TO ark_dba;
GRANT ALL ON FUNCTION admin.tenant_tables() TO ark_auditor;

-- Name: FUNCTION unbind_pod(p_login name, p_service text, p_org_id bigint); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.unbind_pod(p_login name, p_service text, p_org_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.unbind_pod(p_login name, p_service text, p_org_id bigint) TO ark_dba;

-- Name: FUNCTION verify_anchor(p_anchor text); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.verify_anchor(p_anchor text) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.verify_anchor(p_anchor text) TO ark_dba;
GRANT ALL ON FUNCTION admin.verify_anchor(p_anchor text) TO ark_auditor;

-- Name: FUNCTION verify_books(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.verify_books() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.verify_books() TO ark_dba;
GRANT ALL ON FUNCTION admin.verify_books() TO ark_auditor;

-- Name: FUNCTION verify_chain(p_org bigint); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.verify_chain(p_org bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION admin.verify_chain(p_org bigint) TO ark_dba;
GRANT ALL ON FUNCTION admin.verify_chain(p_org bigint) TO ark_auditor;

-- Name: FUNCTION workers(); Type: ACL; Schema: admin; Owner: ark_system

REVOKE ALL ON FUNCTION admin.workers() FROM PUBLIC;
GRANT ALL ON FUNCTION admin.workers() TO ark_dba;
GRANT ALL ON FUNCTION admin.workers() TO ark_monitor;

-- Name: FUNCTION begin_request(p_handle text, OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.begin_request(p_handle text, OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.begin_request(p_handle text, OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text) TO ark_app;
GRANT ALL ON FUNCTION api.begin_request(p_handle text, OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.begin_request(p_handle text, OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text) TO ark_gateway;
GRANT ALL ON FUNCTION api.begin_request(p_handle text, OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text) TO ark_dba;

-- Name: FUNCTION bill(p_from timestamp with time zone, p_to timestamp with time zone); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.bill(p_from timestamp with time zone, p_to timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION api.bill(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_app;
GRANT ALL ON FUNCTION api.bill(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_app_strict;
GRANT ALL ON FUNCTION api.bill(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_app_ro;
GRANT ALL ON FUNCTION api.bill(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_dba;

-- Name: FUNCTION bill_total(p_from timestamp with time zone, p_to timestamp with time zone); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.bill_total(p_from timestamp with time zone, p_to timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION api.bill_total(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_app;
GRANT ALL ON FUNCTION api.bill_total(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_app_strict;
GRANT ALL ON FUNCTION api.bill_total(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_app_ro;
GRANT ALL ON FUNCTION api.bill_total(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_dba;

-- Name: TABLE memberships; Type: ACL; Schema: core; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.memberships TO ark_system;
GRANT SELECT ON TABLE core.memberships TO ark_app;
GRANT SELECT ON TABLE core.memberships TO ark_app_strict;
GRANT SELECT ON TABLE core.memberships TO ark_app_ro;
GRANT SELECT ON TABLE core.memberships TO ark_dba;

-- Name: FUNCTION change_role(p_user_id bigint, p_role text, p_reason text); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.change_role(p_user_id bigint, p_role text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.change_role(p_user_id bigint, p_role text, p_reason text) TO ark_app;
GRANT ALL ON FUNCTION api.change_role(p_user_id bigint, p_role text, p_reason text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.change_role(p_user_id bigint, p_role text, p_reason text) TO ark_dba;

-- Name: FUNCTION config_history_between(p_from timestamp with time zone, p_to timestamp with time zone, p_service text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.config_history_between(p_from timestamp with time zone, p_to timestamp with time zone, p_service text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.config_history_between(p_from timestamp with time zone, p_to timestamp with time zone, p_service text) TO ark_app;
GRANT ALL ON FUNCTION api.config_history_between(p_from timestamp with time zone, p_to timestamp with time zone, p_service text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.config_history_between(p_from timestamp with time zone, p_to timestamp with time zone, p_service text) TO ark_app_ro;
GRANT ALL ON FUNCTION api.config_history_between(p_from timestamp with time zone, p_to timestamp with time zone, p_service text) TO ark_dba;

-- Name: FUNCTION config_history_csv(p_from timestamp with time zone, p_to timestamp with time zone, p_service text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.config_history_csv(p_from timestamp with time zone, p_to timestamp with time zone, p_service text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.config_history_csv(p_from timestamp with time zone, p_to timestamp with time zone, p_service text) TO ark_app;
GRANT ALL ON FUNCTION api.config_history_csv(p_from timestamp with time zone, p_to timestamp with time zone, p_service text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.config_history_csv(p_from timestamp with time zone, p_to timestamp with time zone, p_service text) TO ark_app_ro;
GRANT ALL ON FUNCTION api.config_history_csv(p_from timestamp with time zone, p_to timestamp with time zone, p_service text) TO ark_dba;

-- Name: TABLE documents; Type: ACL; Schema: core; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.documents TO ark_system;
GRANT SELECT,DELETE ON TABLE core.documents TO ark_app;
GRANT SELECT,DELETE ON TABLE core.documents TO ark_app_strict;
GRANT SELECT ON TABLE core.documents TO ark_app_ro;
GRANT SELECT,DELETE ON TABLE core.documents TO ark_dba;

-- Name: COLUMN documents.org_id; Type: ACL; Schema: core; Owner: ark_owner

GRANT INSERT(org_id) ON TABLE core.documents TO ark_app;
GRANT INSERT(org_id) ON TABLE core.documents TO ark_app_strict;
GRANT INSERT(org_id) ON TABLE core.documents TO ark_dba;

-- Name: COLUMN documents.project_id; Type: ACL; Schema: core; Owner: ark_owner

GRANT INSERT(project_id),UPDATE(project_id) ON TABLE core.documents TO ark_app;
GRANT INSERT(project_id),UPDATE(project_id) ON TABLE core.documents TO ark_app_strict;
GRANT INSERT(project_id),UPDATE(project_id) ON TABLE core.documents TO ark_dba;

-- Name: COLUMN documents.file_path; Type: ACL; Schema: core; Owner: ark_owner

GRANT INSERT(file_path),UPDATE(file_path) ON TABLE core.documents TO ark_app;
GRANT INSERT(file_path),UPDATE(file_path) ON TABLE core.documents TO ark_app_strict;
GRANT INSERT(file_path),UPDATE(file_path) ON TABLE core.documents TO ark_dba;

-- Name: FUNCTION create_document(p_project_id bigint, p_file_path text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.create_document(p_project_id bigint, p_file_path text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.create_document(p_project_id bigint, p_file_path text) TO ark_app;
GRANT ALL ON FUNCTION api.create_document(p_project_id bigint, p_file_path text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.create_document(p_project_id bigint, p_file_path text) TO ark_dba;

-- Name: TABLE notes; Type: ACL; Schema: core; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.notes TO ark_system;
GRANT SELECT,DELETE ON TABLE core.notes TO ark_app;
GRANT SELECT,DELETE ON TABLE core.notes TO ark_app_strict;
GRANT SELECT ON TABLE core.notes TO ark_app_ro;
GRANT SELECT,DELETE ON TABLE core.notes TO ark_dba;

-- Name: COLUMN notes.org_id; Type: ACL; Schema: core; Owner: ark_owner

GRANT INSERT(org_id) ON TABLE core.notes TO ark_app;
GRANT INSERT(org_id) ON TABLE core.notes TO ark_app_strict;
GRANT INSERT(org_id) ON TABLE core.notes TO ark_dba;

-- Name: COLUMN notes.project_id; Type: ACL; Schema: core; Owner: ark_owner

GRANT INSERT(project_id),UPDATE(project_id) ON TABLE core.notes TO ark_app;
GRANT INSERT(project_id),UPDATE(project_id) ON TABLE core.notes TO ark_app_strict;
GRANT INSERT(project_id),UPDATE(project_id) ON TABLE core.notes TO ark_dba;

-- Name: COLUMN notes.content; Type: ACL; Schema: core; Owner: ark_owner

GRANT INSERT(content),UPDATE(content) ON TABLE core.notes TO ark_app;
GRANT INSERT(content),UPDATE(content) ON TABLE core.notes TO ark_app_strict;
GRANT INSERT(content),UPDATE(content) ON TABLE core.notes TO ark_dba;

-- Name: FUNCTION create_note(p_project_id bigint, p_content text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.create_note(p_project_id bigint, p_content text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.create_note(p_project_id bigint, p_content text) TO ark_app;
GRANT ALL ON FUNCTION api.create_note(p_project_id bigint, p_content text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.create_note(p_project_id bigint, p_content text) TO ark_dba;

-- Name: FUNCTION create_organization(p_operation_id uuid, p_name text, p_owner_email text, p_slug text, p_plan text); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.create_organization(p_operation_id uuid, p_name text, p_owner_email text, p_slug text, p_plan text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.create_organization(p_operation_id uuid, p_name text, p_owner_email text, p_slug text, p_plan text) TO ark_app;
GRANT ALL ON FUNCTION api.create_organization(p_operation_id uuid, p_name text, p_owner_email text, p_slug text, p_plan text) TO ark_gateway;
GRANT ALL ON FUNCTION api.create_organization(p_operation_id uuid, p_name text, p_owner_email text, p_slug text, p_plan text) TO ark_dba;

-- Name: TABLE projects; Type: ACL; Schema: core; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.projects TO ark_system;
GRANT SELECT,DELETE ON TABLE core.projects TO ark_app;
GRANT SELECT,DELETE ON TABLE core.projects TO ark_app_strict;
GRANT SELECT ON TABLE core.projects TO ark_app_ro;
GRANT SELECT,DELETE ON TABLE core.projects TO ark_dba;

-- Name: COLUMN projects.org_id; Type: ACL; Schema: core; Owner: ark_owner

GRANT INSERT(org_id) ON TABLE core.projects TO ark_app;
GRANT INSERT(org_id) ON TABLE core.projects TO ark_app_strict;
GRANT INSERT(org_id) ON TABLE core.projects TO ark_dba;

-- Name: COLUMN projects.name; Type: ACL; Schema: core; Owner: ark_owner

GRANT INSERT(name),UPDATE(name) ON TABLE core.projects TO ark_app;
GRANT INSERT(name),UPDATE(name) ON TABLE core.projects TO ark_app_strict;
GRANT INSERT(name),UPDATE(name) ON TABLE core.projects TO ark_dba;

-- Name: FUNCTION create_project(p_name text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.create_project(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.create_project(p_name text) TO ark_app;
GRANT ALL ON FUNCTION api.create_project(p_name text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.create_project(p_name text) TO ark_dba;

-- Name: FUNCTION delete_document(p_id bigint); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.delete_document(p_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.delete_document(p_id bigint) TO ark_app;
GRANT ALL ON FUNCTION api.delete_document(p_id bigint) TO ark_app_strict;
GRANT ALL ON FUNCTION api.delete_document(p_id bigint) TO ark_dba;

-- Name: FUNCTION delete_note(p_id bigint); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.delete_note(p_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.delete_note(p_id bigint) TO ark_app;
GRANT ALL ON FUNCTION api.delete_note(p_id bigint) TO ark_app_strict;
GRANT ALL ON FUNCTION api.delete_note(p_id bigint) TO ark_dba;

-- Name: FUNCTION delete_project(p_id bigint, p_with_contents boolean); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.delete_project(p_id bigint, p_with_contents boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.delete_project(p_id bigint, p_with_contents boolean) TO ark_app;
GRANT ALL ON FUNCTION api.delete_project(p_id bigint, p_with_contents boolean) TO ark_app_strict;
GRANT ALL ON FUNCTION api.delete_project(p_id bigint, p_with_contents boolean) TO ark_dba;

-- Name: FUNCTION denied_tokens(p_epoch bigint, p_since pg_snapshot); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.denied_tokens(p_epoch bigint, p_since pg_snapshot) FROM PUBLIC;
GRANT ALL ON FUNCTION api.denied_tokens(p_epoch bigint, p_since pg_snapshot) TO ark_gateway;
GRANT ALL ON FUNCTION api.denied_tokens(p_epoch bigint, p_since pg_snapshot) TO ark_dba;

-- Name: FUNCTION edit_note(p_id bigint, p_content text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.edit_note(p_id bigint, p_content text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.edit_note(p_id bigint, p_content text) TO ark_app;
GRANT ALL ON FUNCTION api.edit_note(p_id bigint, p_content text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.edit_note(p_id bigint, p_content text) TO ark_dba;

-- Name: FUNCTION efficiency(p_from timestamp with time zone, p_to timestamp with time zone); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.efficiency(p_from timestamp with time zone, p_to timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION api.efficiency(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_app;
GRANT ALL ON FUNCTION api.efficiency(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_app_strict;
GRANT ALL ON FUNCTION api.efficiency(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_app_ro;
GRANT ALL ON FUNCTION api.efficiency(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_dba;

-- Name: FUNCTION end_session(p_handle text); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.end_session(p_handle text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.end_session(p_handle text) TO ark_app;
GRANT ALL ON FUNCTION api.end_session(p_handle text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.end_session(p_handle text) TO ark_gateway;
GRANT ALL ON FUNCTION api.end_session(p_handle text) TO ark_dba;

-- Name: FUNCTION flag(p_key text, p_subject text, p_attributes jsonb); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.flag(p_key text, p_subject text, p_attributes jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION api.flag(p_key text, p_subject text, p_attributes jsonb) TO ark_app;
GRANT ALL ON FUNCTION api.flag(p_key text, p_subject text, p_attributes jsonb) TO ark_app_strict;
GRANT ALL ON FUNCTION api.flag(p_key text, p_subject text, p_attributes jsonb) TO ark_app_ro;
GRANT ALL ON FUNCTION api.flag(p_key text, p_subject text, p_attributes jsonb) TO ark_dba;

-- Name: FUNCTION get_configs(p_service text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.get_configs(p_service text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_configs(p_service text) TO ark_app;
GRANT ALL ON FUNCTION api.get_configs(p_service text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.get_configs(p_service text) TO ark_app_ro;
GRANT ALL ON FUNCTION api.get_configs(p_service text) TO ark_dba;

-- Name: FUNCTION invite_member(p_email text, p_name text, p_role text, p_reason text); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.invite_member(p_email text, p_name text, p_role text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.invite_member(p_email text, p_name text, p_role text, p_reason text) TO ark_app;
GRANT ALL ON FUNCTION api.invite_member(p_email text, p_name text, p_role text, p_reason text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.invite_member(p_email text, p_name text, p_role text, p_reason text) TO ark_dba;

-- Name: FUNCTION is_denied(p_jti uuid); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.is_denied(p_jti uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION api.is_denied(p_jti uuid) TO ark_gateway;
GRANT ALL ON FUNCTION api.is_denied(p_jti uuid) TO ark_dba;

-- Name: FUNCTION jwks(); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.jwks() FROM PUBLIC;
GRANT ALL ON FUNCTION api.jwks() TO ark_gateway;
GRANT ALL ON FUNCTION api.jwks() TO ark_dba;

-- Name: FUNCTION move_document(p_id bigint, p_project_id bigint); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.move_document(p_id bigint, p_project_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.move_document(p_id bigint, p_project_id bigint) TO ark_app;
GRANT ALL ON FUNCTION api.move_document(p_id bigint, p_project_id bigint) TO ark_app_strict;
GRANT ALL ON FUNCTION api.move_document(p_id bigint, p_project_id bigint) TO ark_dba;

-- Name: FUNCTION move_note(p_id bigint, p_project_id bigint); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.move_note(p_id bigint, p_project_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.move_note(p_id bigint, p_project_id bigint) TO ark_app;
GRANT ALL ON FUNCTION api.move_note(p_id bigint, p_project_id bigint) TO ark_app_strict;
GRANT ALL ON FUNCTION api.move_note(p_id bigint, p_project_id bigint) TO ark_dba;

-- Name: FUNCTION open_session(p_org_id bigint, p_user_id bigint, p_lifetime interval); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.open_session(p_org_id bigint, p_user_id bigint, p_lifetime interval) FROM PUBLIC;
GRANT ALL ON FUNCTION api.open_session(p_org_id bigint, p_user_id bigint, p_lifetime interval) TO ark_gateway;
GRANT ALL ON FUNCTION api.open_session(p_org_id bigint, p_user_id bigint, p_lifetime interval) TO ark_dba;

-- Name: FUNCTION pod_configs(p_service text, p_epoch bigint, p_since pg_snapshot); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.pod_configs(p_service text, p_epoch bigint, p_since pg_snapshot) FROM PUBLIC;
GRANT ALL ON FUNCTION api.pod_configs(p_service text, p_epoch bigint, p_since pg_snapshot) TO ark_pod;

-- Name: FUNCTION pod_organizations(p_service text); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.pod_organizations(p_service text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.pod_organizations(p_service text) TO ark_pod;

-- Name: FUNCTION refresh_session(p_refresh_token text); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.refresh_session(p_refresh_token text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.refresh_session(p_refresh_token text) TO ark_gateway;
GRANT ALL ON FUNCTION api.refresh_session(p_refresh_token text) TO ark_dba;

-- Name: FUNCTION remove_member(p_user_id bigint, p_reason text); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.remove_member(p_user_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.remove_member(p_user_id bigint, p_reason text) TO ark_app;
GRANT ALL ON FUNCTION api.remove_member(p_user_id bigint, p_reason text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.remove_member(p_user_id bigint, p_reason text) TO ark_dba;

-- Name: FUNCTION rename_document(p_id bigint, p_file_path text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.rename_document(p_id bigint, p_file_path text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.rename_document(p_id bigint, p_file_path text) TO ark_app;
GRANT ALL ON FUNCTION api.rename_document(p_id bigint, p_file_path text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.rename_document(p_id bigint, p_file_path text) TO ark_dba;

-- Name: FUNCTION rename_member(p_user_id bigint, p_name text); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.rename_member(p_user_id bigint, p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.rename_member(p_user_id bigint, p_name text) TO ark_app;
GRANT ALL ON FUNCTION api.rename_member(p_user_id bigint, p_name text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.rename_member(p_user_id bigint, p_name text) TO ark_dba;

-- Name: FUNCTION rename_project(p_id bigint, p_name text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.rename_project(p_id bigint, p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.rename_project(p_id bigint, p_name text) TO ark_app;
GRANT ALL ON FUNCTION api.rename_project(p_id bigint, p_name text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.rename_project(p_id bigint, p_name text) TO ark_dba;

-- Name: FUNCTION report_evaluations(p_counts jsonb); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.report_evaluations(p_counts jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION api.report_evaluations(p_counts jsonb) TO ark_pod;
GRANT ALL ON FUNCTION api.report_evaluations(p_counts jsonb) TO ark_app;

-- Name: FUNCTION report_pod(p_service text, p_pod text, p_state text, p_epoch bigint, p_seq bigint, p_reloads bigint, p_reload_ms_sum double precision, p_reload_ms_max double precision); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.report_pod(p_service text, p_pod text, p_state text, p_epoch bigint, p_seq bigint, p_reloads bigint, p_reload_ms_sum double precision, p_reload_ms_max double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION api.report_pod(p_service text, p_pod text, p_state text, p_epoch bigint, p_seq bigint, p_reloads bigint, p_reload_ms_sum double precision, p_reload_ms_max double precision) TO ark_pod;

-- Name: FUNCTION request_quota(p_cpu text, p_memory text, p_storage text, p_reason text, p_effective_at timestamp with time zone, p_actor text, OUT change_id bigint, OUT cpu text, OUT memory text, OUT storage text, OUT effective_at timestamp with time zone, OUT notice text); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.request_quota(p_cpu text, p_memory text, p_storage text, p_reason text, p_effective_at timestamp with time zone, p_actor text, OUT change_id bigint, OUT cpu text, OUT memory text, OUT storage text, OUT effective_at timestamp with time zone, OUT notice text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.request_quota(p_cpu text, p_memory text, p_storage text, p_reason text, p_effective_at timestamp with time zone, p_actor text, OUT change_id bigint, OUT cpu text, OUT memory text, OUT storage text, OUT effective_at timestamp with time zone, OUT notice text) TO ark_app;
GRANT ALL ON FUNCTION api.request_quota(p_cpu text, p_memory text, p_storage text, p_reason text, p_effective_at timestamp with time zone, p_actor text, OUT change_id bigint, OUT cpu text, OUT memory text, OUT storage text, OUT effective_at timestamp with time zone, OUT notice text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.request_quota(p_cpu text, p_memory text, p_storage text, p_reason text, p_effective_at timestamp with time zone, p_actor text, OUT change_id bigint, OUT cpu text, OUT memory text, OUT storage text, OUT effective_at timestamp with time zone, OUT notice text) TO ark_dba;

-- Name: FUNCTION revoke_organization(p_org_id bigint, p_reason text); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.revoke_organization(p_org_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.revoke_organization(p_org_id bigint, p_reason text) TO ark_gateway;
GRANT ALL ON FUNCTION api.revoke_organization(p_org_id bigint, p_reason text) TO ark_dba;

-- Name: FUNCTION revoke_session(p_org_id bigint, p_session_id bigint, p_reason text); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.revoke_session(p_org_id bigint, p_session_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.revoke_session(p_org_id bigint, p_session_id bigint, p_reason text) TO ark_gateway;
GRANT ALL ON FUNCTION api.revoke_session(p_org_id bigint, p_session_id bigint, p_reason text) TO ark_dba;

-- Name: FUNCTION revoke_token(p_org_id bigint, p_jti uuid); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.revoke_token(p_org_id bigint, p_jti uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION api.revoke_token(p_org_id bigint, p_jti uuid) TO ark_gateway;
GRANT ALL ON FUNCTION api.revoke_token(p_org_id bigint, p_jti uuid) TO ark_dba;

-- Name: FUNCTION revoke_user(p_org_id bigint, p_user_id bigint, p_reason text); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.revoke_user(p_org_id bigint, p_user_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.revoke_user(p_org_id bigint, p_user_id bigint, p_reason text) TO ark_gateway;
GRANT ALL ON FUNCTION api.revoke_user(p_org_id bigint, p_user_id bigint, p_reason text) TO ark_dba;

-- Name: FUNCTION rollback_config(p_service text, p_key text, p_version bigint, p_reason text, p_expected_version bigint, p_actor text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.rollback_config(p_service text, p_key text, p_version bigint, p_reason text, p_expected_version bigint, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.rollback_config(p_service text, p_key text, p_version bigint, p_reason text, p_expected_version bigint, p_actor text) TO ark_app;
GRANT ALL ON FUNCTION api.rollback_config(p_service text, p_key text, p_version bigint, p_reason text, p_expected_version bigint, p_actor text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.rollback_config(p_service text, p_key text, p_version bigint, p_reason text, p_expected_version bigint, p_actor text) TO ark_dba;

-- Name: FUNCTION set_config(p_service text, p_key text, p_value text, p_reason text, p_expected_version bigint, p_actor text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.set_config(p_service text, p_key text, p_value text, p_reason text, p_expected_version bigint, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.set_config(p_service text, p_key text, p_value text, p_reason text, p_expected_version bigint, p_actor text) TO ark_app;
GRANT ALL ON FUNCTION api.set_config(p_service text, p_key text, p_value text, p_reason text, p_expected_version bigint, p_actor text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.set_config(p_service text, p_key text, p_value text, p_reason text, p_expected_version bigint, p_actor text) TO ark_dba;

-- Name: FUNCTION set_configs(p_changes jsonb, p_reason text, p_actor text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.set_configs(p_changes jsonb, p_reason text, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.set_configs(p_changes jsonb, p_reason text, p_actor text) TO ark_app;
GRANT ALL ON FUNCTION api.set_configs(p_changes jsonb, p_reason text, p_actor text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.set_configs(p_changes jsonb, p_reason text, p_actor text) TO ark_dba;

-- Name: FUNCTION set_flag(p_key text, p_choice jsonb, p_reason text, p_expected_version bigint, p_actor text); Type: ACL; Schema: api; Owner: ark_owner

REVOKE ALL ON FUNCTION api.set_flag(p_key text, p_choice jsonb, p_reason text, p_expected_version bigint, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.set_flag(p_key text, p_choice jsonb, p_reason text, p_expected_version bigint, p_actor text) TO ark_app;
GRANT ALL ON FUNCTION api.set_flag(p_key text, p_choice jsonb, p_reason text, p_expected_version bigint, p_actor text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.set_flag(p_key text, p_choice jsonb, p_reason text, p_expected_version bigint, p_actor text) TO ark_dba;

-- Name: FUNCTION sign_in(p_org_id bigint, p_user_id bigint); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.sign_in(p_org_id bigint, p_user_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.sign_in(p_org_id bigint, p_user_id bigint) TO ark_gateway;
GRANT ALL ON FUNCTION api.sign_in(p_org_id bigint, p_user_id bigint) TO ark_dba;

-- Name: FUNCTION transfer_ownership(p_user_id bigint, p_reason text, p_old_role text); Type: ACL; Schema: api; Owner: ark_system

REVOKE ALL ON FUNCTION api.transfer_ownership(p_user_id bigint, p_reason text, p_old_role text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.transfer_ownership(p_user_id bigint, p_reason text, p_old_role text) TO ark_app;
GRANT ALL ON FUNCTION api.transfer_ownership(p_user_id bigint, p_reason text, p_old_role text) TO ark_app_strict;
GRANT ALL ON FUNCTION api.transfer_ownership(p_user_id bigint, p_reason text, p_old_role text) TO ark_dba;

-- Name: FUNCTION base64url(p_bytes bytea); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.base64url(p_bytes bytea) FROM PUBLIC;

-- Name: FUNCTION deny_tokens(p_org_id bigint, p_session_id bigint, p_user_id bigint, p_jti uuid); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.deny_tokens(p_org_id bigint, p_session_id bigint, p_user_id bigint, p_jti uuid) FROM PUBLIC;

-- Name: FUNCTION end_sessions(p_org_id bigint, p_user_id bigint, p_session_id bigint, p_reason text); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.end_sessions(p_org_id bigint, p_user_id bigint, p_session_id bigint, p_reason text) FROM PUBLIC;

-- Name: FUNCTION forget_sessions(p_batch integer); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.forget_sessions(p_batch integer) FROM PUBLIC;

-- Name: FUNCTION forget_tokens(p_batch integer); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.forget_tokens(p_batch integer) FROM PUBLIC;

-- Name: FUNCTION handle(p_token text); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.handle(p_token text) FROM PUBLIC;

-- Name: FUNCTION issue_access_token(p_org_id bigint, p_session_id bigint, p_until timestamp with time zone, OUT jti uuid, OUT issued_at timestamp with time zone, OUT expires_at timestamp with time zone); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.issue_access_token(p_org_id bigint, p_session_id bigint, p_until timestamp with time zone, OUT jti uuid, OUT issued_at timestamp with time zone, OUT expires_at timestamp with time zone) FROM PUBLIC;

-- Name: FUNCTION jwk(p_algorithm text, p_key text); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.jwk(p_algorithm text, p_key text) FROM PUBLIC;

-- Name: FUNCTION jwk_of_pem(p_pem text); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.jwk_of_pem(p_pem text) FROM PUBLIC;

-- Name: FUNCTION lifetimes(OUT access interval, OUT refresh interval, OUT grace interval); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.lifetimes(OUT access interval, OUT refresh interval, OUT grace interval) FROM PUBLIC;

-- Name: FUNCTION permissions(p_role text); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.permissions(p_role text) FROM PUBLIC;

-- Name: FUNCTION random_secret(); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.random_secret() FROM PUBLIC;

-- Name: FUNCTION require_read_committed(); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.require_read_committed() FROM PUBLIC;

-- Name: FUNCTION tg_memberships__deny(); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.tg_memberships__deny() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.tg_memberships__deny() TO ark_owner;

-- Name: FUNCTION tg_organizations__deny(); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.tg_organizations__deny() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.tg_organizations__deny() TO ark_owner;

-- Name: FUNCTION tg_sessions__deny(); Type: ACL; Schema: auth; Owner: ark_system

REVOKE ALL ON FUNCTION auth.tg_sessions__deny() FROM PUBLIC;
GRANT ALL ON FUNCTION auth.tg_sessions__deny() TO ark_owner;

-- Name: FUNCTION chain_link(p_previous bytea, p_encoding smallint, p_org bigint, p_position bigint, p_sealed_at timestamp with time zone, p_content bytea); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.chain_link(p_previous bytea, p_encoding smallint, p_org bigint, p_position bigint, p_sealed_at timestamp with time zone, p_content bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION config.chain_link(p_previous bytea, p_encoding smallint, p_org bigint, p_position bigint, p_sealed_at timestamp with time zone, p_content bytea) TO ark_system;

-- Name: FUNCTION chain_next(p_state bytea, p_head bytea, p_encoding smallint, p_org bigint, p_position bigint, p_sealed_at timestamp with time zone, p_content bytea); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.chain_next(p_state bytea, p_head bytea, p_encoding smallint, p_org bigint, p_position bigint, p_sealed_at timestamp with time zone, p_content bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION config.chain_next(p_state bytea, p_head bytea, p_encoding smallint, p_org bigint, p_position bigint, p_sealed_at timestamp with time zone, p_content bytea) TO ark_system;

-- Name: FUNCTION changed_by(p_xid xid8); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.changed_by(p_xid xid8) FROM PUBLIC;

-- Name: FUNCTION check_flag(p_key text, p_flag jsonb); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.check_flag(p_key text, p_flag jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION config.check_flag(p_key text, p_flag jsonb) TO ark_system;
GRANT ALL ON FUNCTION config.check_flag(p_key text, p_flag jsonb) TO ark_app;
GRANT ALL ON FUNCTION config.check_flag(p_key text, p_flag jsonb) TO ark_app_strict;
GRANT ALL ON FUNCTION config.check_flag(p_key text, p_flag jsonb) TO ark_dba;

-- Name: FUNCTION check_flag_condition(p_key text, p_path text, p_condition jsonb); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.check_flag_condition(p_key text, p_path text, p_condition jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION config.check_flag_condition(p_key text, p_path text, p_condition jsonb) TO ark_system;
GRANT ALL ON FUNCTION config.check_flag_condition(p_key text, p_path text, p_condition jsonb) TO ark_app;
GRANT ALL ON FUNCTION config.check_flag_condition(p_key text, p_path text, p_condition jsonb) TO ark_app_strict;
GRANT ALL ON FUNCTION config.check_flag_condition(p_key text, p_path text, p_condition jsonb) TO ark_dba;

-- Name: FUNCTION check_flag_members(p_key text, p_path text, p_object jsonb, p_required text[], p_optional text[]); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.check_flag_members(p_key text, p_path text, p_object jsonb, p_required text[], p_optional text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION config.check_flag_members(p_key text, p_path text, p_object jsonb, p_required text[], p_optional text[]) TO ark_system;
GRANT ALL ON FUNCTION config.check_flag_members(p_key text, p_path text, p_object jsonb, p_required text[], p_optional text[]) TO ark_app;
GRANT ALL ON FUNCTION config.check_flag_members(p_key text, p_path text, p_object jsonb, p_required text[], p_optional text[]) TO ark_app_strict;
GRANT ALL ON FUNCTION config.check_flag_members(p_key text, p_path text, p_object jsonb, p_required text[], p_optional text[]) TO ark_dba;

-- Name: FUNCTION check_flag_others(p_key text, p_flag jsonb); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.check_flag_others(p_key text, p_flag jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION config.check_flag_others(p_key text, p_flag jsonb) TO ark_owner;

-- Name: FUNCTION check_flag_rollout(p_key text, p_path text, p_rollout jsonb, p_variants jsonb); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.check_flag_rollout(p_key text, p_path text, p_rollout jsonb, p_variants jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION config.check_flag_rollout(p_key text, p_path text, p_rollout jsonb, p_variants jsonb) TO ark_system;
GRANT ALL ON FUNCTION config.check_flag_rollout(p_key text, p_path text, p_rollout jsonb, p_variants jsonb) TO ark_app;
GRANT ALL ON FUNCTION config.check_flag_rollout(p_key text, p_path text, p_rollout jsonb, p_variants jsonb) TO ark_app_strict;
GRANT ALL ON FUNCTION config.check_flag_rollout(p_key text, p_path text, p_rollout jsonb, p_variants jsonb) TO ark_dba;

-- Name: FUNCTION check_flag_value(p_org_id bigint, p_key text, p_value text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.check_flag_value(p_org_id bigint, p_key text, p_value text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.check_flag_value(p_org_id bigint, p_key text, p_value text) TO ark_system;
GRANT ALL ON FUNCTION config.check_flag_value(p_org_id bigint, p_key text, p_value text) TO ark_app;
GRANT ALL ON FUNCTION config.check_flag_value(p_org_id bigint, p_key text, p_value text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.check_flag_value(p_org_id bigint, p_key text, p_value text) TO ark_dba;

-- Name: FUNCTION check_value(p_service text, p_key text, p_value text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.check_value(p_service text, p_key text, p_value text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.check_value(p_service text, p_key text, p_value text) TO ark_system;
GRANT ALL ON FUNCTION config.check_value(p_service text, p_key text, p_value text) TO ark_app;
GRANT ALL ON FUNCTION config.check_value(p_service text, p_key text, p_value text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.check_value(p_service text, p_key text, p_value text) TO ark_dba;

-- Name: FUNCTION csv_cell(p_text text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.csv_cell(p_text text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.csv_cell(p_text text) TO ark_app;
GRANT ALL ON FUNCTION config.csv_cell(p_text text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.csv_cell(p_text text) TO ark_app_ro;
GRANT ALL ON FUNCTION config.csv_cell(p_text text) TO ark_dba;

-- Name: FUNCTION database_identity(); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.database_identity() FROM PUBLIC;

-- Name: FUNCTION erasable_fields(); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.erasable_fields() FROM PUBLIC;
GRANT ALL ON FUNCTION config.erasable_fields() TO ark_system;

-- Name: FUNCTION erase_history(p_org bigint, p_history_id bigint, p_fields text[], p_reason text); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.erase_history(p_org bigint, p_history_id bigint, p_fields text[], p_reason text) FROM PUBLIC;

-- Name: TABLE history_erasures; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,INSERT ON TABLE config.history_erasures TO ark_system;

-- Name: FUNCTION erasure_content(p_row config.history_erasures); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.erasure_content(p_row config.history_erasures) FROM PUBLIC;
GRANT ALL ON FUNCTION config.erasure_content(p_row config.history_erasures) TO ark_system;

-- Name: FUNCTION evaluate_flag(p_flags jsonb, p_own jsonb, p_key text, p_attributes jsonb, p_now text, p_depth integer, OUT value jsonb, OUT variant text, OUT reason text, OUT rule text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.evaluate_flag(p_flags jsonb, p_own jsonb, p_key text, p_attributes jsonb, p_now text, p_depth integer, OUT value jsonb, OUT variant text, OUT reason text, OUT rule text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.evaluate_flag(p_flags jsonb, p_own jsonb, p_key text, p_attributes jsonb, p_now text, p_depth integer, OUT value jsonb, OUT variant text, OUT reason text, OUT rule text) TO ark_system;
GRANT ALL ON FUNCTION config.evaluate_flag(p_flags jsonb, p_own jsonb, p_key text, p_attributes jsonb, p_now text, p_depth integer, OUT value jsonb, OUT variant text, OUT reason text, OUT rule text) TO ark_app;
GRANT ALL ON FUNCTION config.evaluate_flag(p_flags jsonb, p_own jsonb, p_key text, p_attributes jsonb, p_now text, p_depth integer, OUT value jsonb, OUT variant text, OUT reason text, OUT rule text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.evaluate_flag(p_flags jsonb, p_own jsonb, p_key text, p_attributes jsonb, p_now text, p_depth integer, OUT value jsonb, OUT variant text, OUT reason text, OUT rule text) TO ark_app_ro;
GRANT ALL ON FUNCTION config.evaluate_flag(p_flags jsonb, p_own jsonb, p_key text, p_attributes jsonb, p_now text, p_depth integer, OUT value jsonb, OUT variant text, OUT reason text, OUT rule text) TO ark_dba;

-- Name: FUNCTION feed_advance(p_incarnation bigint, p_since pg_snapshot, p_snapshot pg_snapshot, p_seqs jsonb); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.feed_advance(p_incarnation bigint, p_since pg_snapshot, p_snapshot pg_snapshot, p_seqs jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION config.feed_advance(p_incarnation bigint, p_since pg_snapshot, p_snapshot pg_snapshot, p_seqs jsonb) TO ark_bridge;

-- Name: FUNCTION feed_announcements(p_org bigint, p_service text, p_key text); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.feed_announcements(p_org bigint, p_service text, p_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.feed_announcements(p_org bigint, p_service text, p_key text) TO ark_bridge;

-- Name: TABLE feed; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,UPDATE ON TABLE config.feed TO ark_system;

-- Name: FUNCTION feed_held(p_incarnation bigint); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.feed_held(p_incarnation bigint) FROM PUBLIC;

-- Name: FUNCTION feed_lead(p_instance text, p_lease interval, OUT leads boolean, OUT incarnation bigint, OUT epoch bigint, OUT leader text, OUT services jsonb); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.feed_lead(p_instance text, p_lease interval, OUT leads boolean, OUT incarnation bigint, OUT epoch bigint, OUT leader text, OUT services jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION config.feed_lead(p_instance text, p_lease interval, OUT leads boolean, OUT incarnation bigint, OUT epoch bigint, OUT leader text, OUT services jsonb) TO ark_bridge;

-- Name: FUNCTION feed_lock(); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.feed_lock() FROM PUBLIC;
GRANT ALL ON FUNCTION config.feed_lock() TO ark_system;

-- Name: FUNCTION feed_read(p_incarnation bigint); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.feed_read(p_incarnation bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION config.feed_read(p_incarnation bigint) TO ark_bridge;

-- Name: FUNCTION feed_replay(p_incarnation bigint); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.feed_replay(p_incarnation bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION config.feed_replay(p_incarnation bigint) TO ark_bridge;

-- Name: FUNCTION feed_resign(p_instance text); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.feed_resign(p_instance text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.feed_resign(p_instance text) TO ark_bridge;

-- Name: FUNCTION feed_sleep(p_incarnation bigint); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.feed_sleep(p_incarnation bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION config.feed_sleep(p_incarnation bigint) TO ark_bridge;

-- Name: FUNCTION feed_status(OUT leader text, OUT leads boolean, OUT lease_for interval, OUT incarnation bigint, OUT epoch bigint, OUT is_known boolean, OUT behind bigint, OUT lag interval, OUT advanced_at timestamp with time zone, OUT is_awake boolean, OUT services jsonb); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.feed_status(OUT leader text, OUT leads boolean, OUT lease_for interval, OUT incarnation bigint, OUT epoch bigint, OUT is_known boolean, OUT behind bigint, OUT lag interval, OUT advanced_at timestamp with time zone, OUT is_awake boolean, OUT services jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION config.feed_status(OUT leader text, OUT leads boolean, OUT lease_for interval, OUT incarnation bigint, OUT epoch bigint, OUT is_known boolean, OUT behind bigint, OUT lag interval, OUT advanced_at timestamp with time zone, OUT is_awake boolean, OUT services jsonb) TO ark_bridge;
GRANT ALL ON FUNCTION config.feed_status(OUT leader text, OUT leads boolean, OUT lease_for interval, OUT incarnation bigint, OUT epoch bigint, OUT is_known boolean, OUT behind bigint, OUT lag interval, OUT advanced_at timestamp with time zone, OUT is_awake boolean, OUT services jsonb) TO ark_dba;

-- Name: FUNCTION feed_wake(p_incarnation bigint); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.feed_wake(p_incarnation bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION config.feed_wake(p_incarnation bigint) TO ark_bridge;

-- Name: FUNCTION flag_bucket(p_key text, p_salt text, p_subject text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.flag_bucket(p_key text, p_salt text, p_subject text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.flag_bucket(p_key text, p_salt text, p_subject text) TO ark_system;
GRANT ALL ON FUNCTION config.flag_bucket(p_key text, p_salt text, p_subject text) TO ark_app;
GRANT ALL ON FUNCTION config.flag_bucket(p_key text, p_salt text, p_subject text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.flag_bucket(p_key text, p_salt text, p_subject text) TO ark_app_ro;
GRANT ALL ON FUNCTION config.flag_bucket(p_key text, p_salt text, p_subject text) TO ark_dba;

-- Name: FUNCTION flag_condition(p_operator text, p_given jsonb, p_values jsonb); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.flag_condition(p_operator text, p_given jsonb, p_values jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION config.flag_condition(p_operator text, p_given jsonb, p_values jsonb) TO ark_system;
GRANT ALL ON FUNCTION config.flag_condition(p_operator text, p_given jsonb, p_values jsonb) TO ark_app;
GRANT ALL ON FUNCTION config.flag_condition(p_operator text, p_given jsonb, p_values jsonb) TO ark_app_strict;
GRANT ALL ON FUNCTION config.flag_condition(p_operator text, p_given jsonb, p_values jsonb) TO ark_app_ro;
GRANT ALL ON FUNCTION config.flag_condition(p_operator text, p_given jsonb, p_values jsonb) TO ark_dba;

-- Name: FUNCTION flag_looks_like_secret(p_key text, p_value text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.flag_looks_like_secret(p_key text, p_value text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.flag_looks_like_secret(p_key text, p_value text) TO ark_system;
GRANT ALL ON FUNCTION config.flag_looks_like_secret(p_key text, p_value text) TO ark_app;
GRANT ALL ON FUNCTION config.flag_looks_like_secret(p_key text, p_value text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.flag_looks_like_secret(p_key text, p_value text) TO ark_dba;

-- Name: FUNCTION flag_share(p_key text, p_salt text, p_rollout jsonb, p_attributes jsonb); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.flag_share(p_key text, p_salt text, p_rollout jsonb, p_attributes jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION config.flag_share(p_key text, p_salt text, p_rollout jsonb, p_attributes jsonb) TO ark_system;
GRANT ALL ON FUNCTION config.flag_share(p_key text, p_salt text, p_rollout jsonb, p_attributes jsonb) TO ark_app;
GRANT ALL ON FUNCTION config.flag_share(p_key text, p_salt text, p_rollout jsonb, p_attributes jsonb) TO ark_app_strict;
GRANT ALL ON FUNCTION config.flag_share(p_key text, p_salt text, p_rollout jsonb, p_attributes jsonb) TO ark_app_ro;
GRANT ALL ON FUNCTION config.flag_share(p_key text, p_salt text, p_rollout jsonb, p_attributes jsonb) TO ark_dba;

-- Name: FUNCTION flag_ties(p_value text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.flag_ties(p_value text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.flag_ties(p_value text) TO ark_system;

-- Name: FUNCTION flag_wrong(p_key text, p_path text, p_what text, p_hint text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.flag_wrong(p_key text, p_path text, p_what text, p_hint text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.flag_wrong(p_key text, p_path text, p_what text, p_hint text) TO ark_system;
GRANT ALL ON FUNCTION config.flag_wrong(p_key text, p_path text, p_what text, p_hint text) TO ark_app;
GRANT ALL ON FUNCTION config.flag_wrong(p_key text, p_path text, p_what text, p_hint text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.flag_wrong(p_key text, p_path text, p_what text, p_hint text) TO ark_dba;

-- Name: FUNCTION guard_history_partition(p_partition regclass); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.guard_history_partition(p_partition regclass) FROM PUBLIC;

-- Name: TABLE config_history; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,INSERT ON TABLE config.config_history TO ark_system;
GRANT SELECT ON TABLE config.config_history TO ark_app;
GRANT SELECT ON TABLE config.config_history TO ark_app_ro;
GRANT SELECT ON TABLE config.config_history TO ark_dba;
GRANT SELECT ON TABLE config.config_history TO ark_app_strict;

-- Name: COLUMN config_history.old_value; Type: ACL; Schema: config; Owner: ark_owner

GRANT UPDATE(old_value) ON TABLE config.config_history TO ark_system;

-- Name: COLUMN config_history.new_value; Type: ACL; Schema: config; Owner: ark_owner

GRANT UPDATE(new_value) ON TABLE config.config_history TO ark_system;

-- Name: COLUMN config_history.changed_by; Type: ACL; Schema: config; Owner: ark_owner

GRANT UPDATE(changed_by) ON TABLE config.config_history TO ark_system;

-- Name: COLUMN config_history.login; Type: ACL; Schema: config; Owner: ark_owner

GRANT UPDATE(login) ON TABLE config.config_history TO ark_system;

-- Name: COLUMN config_history.reason; Type: ACL; Schema: config; Owner: ark_owner

GRANT UPDATE(reason) ON TABLE config.config_history TO ark_system;

-- Name: FUNCTION history_content(p_row config.config_history, p_digests bytea[]); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.history_content(p_row config.config_history, p_digests bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION config.history_content(p_row config.config_history, p_digests bytea[]) TO ark_system;

-- Name: FUNCTION history_digest(p_salt uuid, p_text text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.history_digest(p_salt uuid, p_text text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.history_digest(p_salt uuid, p_text text) TO ark_system;

-- Name: FUNCTION import_values(p_schema name, p_org_id bigint, p_reason text); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.import_values(p_schema name, p_org_id bigint, p_reason text) FROM PUBLIC;

-- Name: FUNCTION is_double(p_number jsonb); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.is_double(p_number jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION config.is_double(p_number jsonb) TO ark_system;
GRANT ALL ON FUNCTION config.is_double(p_number jsonb) TO ark_app;
GRANT ALL ON FUNCTION config.is_double(p_number jsonb) TO ark_app_strict;
GRANT ALL ON FUNCTION config.is_double(p_number jsonb) TO ark_app_ro;
GRANT ALL ON FUNCTION config.is_double(p_number jsonb) TO ark_dba;

-- Name: FUNCTION is_flag_time(p_time text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.is_flag_time(p_time text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.is_flag_time(p_time text) TO ark_system;
GRANT ALL ON FUNCTION config.is_flag_time(p_time text) TO ark_app;
GRANT ALL ON FUNCTION config.is_flag_time(p_time text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.is_flag_time(p_time text) TO ark_app_ro;
GRANT ALL ON FUNCTION config.is_flag_time(p_time text) TO ark_dba;

-- Name: FUNCTION is_secret_ref(p_value text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.is_secret_ref(p_value text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.is_secret_ref(p_value text) TO ark_system;
GRANT ALL ON FUNCTION config.is_secret_ref(p_value text) TO ark_app;
GRANT ALL ON FUNCTION config.is_secret_ref(p_value text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.is_secret_ref(p_value text) TO ark_dba;

-- Name: FUNCTION lock_flags(); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.lock_flags() FROM PUBLIC;
GRANT ALL ON FUNCTION config.lock_flags() TO ark_owner;

-- Name: FUNCTION looks_like_secret(p_key text, p_value text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.looks_like_secret(p_key text, p_value text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.looks_like_secret(p_key text, p_value text) TO ark_system;
GRANT ALL ON FUNCTION config.looks_like_secret(p_key text, p_value text) TO ark_app;
GRANT ALL ON FUNCTION config.looks_like_secret(p_key text, p_value text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.looks_like_secret(p_key text, p_value text) TO ark_dba;

-- Name: FUNCTION looks_random(p_key text, p_value text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.looks_random(p_key text, p_value text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.looks_random(p_key text, p_value text) TO ark_system;
GRANT ALL ON FUNCTION config.looks_random(p_key text, p_value text) TO ark_app;
GRANT ALL ON FUNCTION config.looks_random(p_key text, p_value text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.looks_random(p_key text, p_value text) TO ark_dba;

-- Name: FUNCTION make_history_partitions(p_months_ahead integer); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.make_history_partitions(p_months_ahead integer) FROM PUBLIC;
GRANT ALL ON FUNCTION config.make_history_partitions(p_months_ahead integer) TO ark_system;

-- Name: FUNCTION missing_history_months(p_months timestamp without time zone[]); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.missing_history_months(p_months timestamp without time zone[]) FROM PUBLIC;

-- Name: FUNCTION months_of_history_astray(); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.months_of_history_astray() FROM PUBLIC;
GRANT ALL ON FUNCTION config.months_of_history_astray() TO ark_owner;

-- Name: FUNCTION move_history_astray(); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.move_history_astray() FROM PUBLIC;
GRANT ALL ON FUNCTION config.move_history_astray() TO ark_owner;

-- Name: FUNCTION platform_flags(p_key text); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.platform_flags(p_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.platform_flags(p_key text) TO ark_owner;
GRANT ALL ON FUNCTION config.platform_flags(p_key text) TO ark_app;
GRANT ALL ON FUNCTION config.platform_flags(p_key text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.platform_flags(p_key text) TO ark_app_ro;
GRANT ALL ON FUNCTION config.platform_flags(p_key text) TO ark_dba;

-- Name: FUNCTION platform_values(); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.platform_values() FROM PUBLIC;
GRANT ALL ON FUNCTION config.platform_values() TO ark_owner;
GRANT ALL ON FUNCTION config.platform_values() TO ark_app;
GRANT ALL ON FUNCTION config.platform_values() TO ark_app_strict;
GRANT ALL ON FUNCTION config.platform_values() TO ark_app_ro;
GRANT ALL ON FUNCTION config.platform_values() TO ark_dba;

-- Name: FUNCTION seal_history(p_limit integer); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.seal_history(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION config.seal_history(p_limit integer) TO ark_dba;

-- Name: FUNCTION secret_key_name(p_key text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.secret_key_name(p_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.secret_key_name(p_key text) TO ark_system;
GRANT ALL ON FUNCTION config.secret_key_name(p_key text) TO ark_app;
GRANT ALL ON FUNCTION config.secret_key_name(p_key text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.secret_key_name(p_key text) TO ark_dba;

-- Name: FUNCTION secret_shape(p_value text); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.secret_shape(p_value text) FROM PUBLIC;
GRANT ALL ON FUNCTION config.secret_shape(p_value text) TO ark_system;
GRANT ALL ON FUNCTION config.secret_shape(p_value text) TO ark_app;
GRANT ALL ON FUNCTION config.secret_shape(p_value text) TO ark_app_strict;
GRANT ALL ON FUNCTION config.secret_shape(p_value text) TO ark_dba;

-- Name: FUNCTION tg_config_history__append_only(); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.tg_config_history__append_only() FROM PUBLIC;

-- Name: FUNCTION tg_config_history__astray(); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.tg_config_history__astray() FROM PUBLIC;

-- Name: FUNCTION tg_config_history__erasure(); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.tg_config_history__erasure() FROM PUBLIC;

-- Name: FUNCTION tg_config_history__once(); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.tg_config_history__once() FROM PUBLIC;

-- Name: FUNCTION tg_history_chain__erasure(); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.tg_history_chain__erasure() FROM PUBLIC;

-- Name: FUNCTION tg_key_schema__service(); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.tg_key_schema__service() FROM PUBLIC;
GRANT ALL ON FUNCTION config.tg_key_schema__service() TO ark_owner;

-- Name: FUNCTION tg_service_configs__forget_evaluations(); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.tg_service_configs__forget_evaluations() FROM PUBLIC;
GRANT ALL ON FUNCTION config.tg_service_configs__forget_evaluations() TO ark_owner;

-- Name: FUNCTION tg_service_configs__keep(); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.tg_service_configs__keep() FROM PUBLIC;

-- Name: FUNCTION tg_service_configs__record(); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.tg_service_configs__record() FROM PUBLIC;
GRANT ALL ON FUNCTION config.tg_service_configs__record() TO ark_owner;

-- Name: FUNCTION tg_service_configs__stamp(); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.tg_service_configs__stamp() FROM PUBLIC;

-- Name: FUNCTION tg_service_configs__wake(); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.tg_service_configs__wake() FROM PUBLIC;

-- Name: TABLE history_chain; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,INSERT ON TABLE config.history_chain TO ark_system;

-- Name: COLUMN history_chain.salts; Type: ACL; Schema: config; Owner: ark_owner

GRANT UPDATE(salts) ON TABLE config.history_chain TO ark_system;

-- Name: COLUMN history_chain.digests; Type: ACL; Schema: config; Owner: ark_owner

GRANT UPDATE(digests) ON TABLE config.history_chain TO ark_system;

-- Name: FUNCTION unsealed_history(p_from xid8, p_from_elsewhere boolean); Type: ACL; Schema: config; Owner: ark_system

REVOKE ALL ON FUNCTION config.unsealed_history(p_from xid8, p_from_elsewhere boolean) FROM PUBLIC;

-- Name: FUNCTION add_member(p_org_id bigint, p_email text, p_name text, p_role text); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.add_member(p_org_id bigint, p_email text, p_name text, p_role text) FROM PUBLIC;

-- Name: FUNCTION change_status(p_slug text, p_from text[], p_to text, p_kind text, p_reason text); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.change_status(p_slug text, p_from text[], p_to text, p_kind text, p_reason text) FROM PUBLIC;

-- Name: FUNCTION content_tables(p_schema name); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.content_tables(p_schema name) FROM PUBLIC;

-- Name: FUNCTION export_about(p_slug text, OUT schema name, OUT about jsonb, OUT org_id bigint); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.export_about(p_slug text, OUT schema name, OUT about jsonb, OUT org_id bigint) FROM PUBLIC;

-- Name: FUNCTION export_schema(p_slug text); Type: ACL; Schema: core; Owner: ark_owner

REVOKE ALL ON FUNCTION core.export_schema(p_slug text) FROM PUBLIC;
GRANT ALL ON FUNCTION core.export_schema(p_slug text) TO ark_system;

-- Name: FUNCTION find_organization(p_name text); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.find_organization(p_name text) FROM PUBLIC;

-- Name: FUNCTION follow_owner(p_org_id bigint); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.follow_owner(p_org_id bigint) FROM PUBLIC;

-- Name: FUNCTION hold_open(p_org_id bigint); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.hold_open(p_org_id bigint) FROM PUBLIC;

-- Name: FUNCTION import_content(p_schema name, p_org_id bigint); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.import_content(p_schema name, p_org_id bigint) FROM PUBLIC;

-- Name: FUNCTION import_members(p_schema name, p_org_id bigint); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.import_members(p_schema name, p_org_id bigint) FROM PUBLIC;

-- Name: FUNCTION keep_an_owner(p_org_id bigint, p_user_id bigint); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.keep_an_owner(p_org_id bigint, p_user_id bigint) FROM PUBLIC;

-- Name: FUNCTION make_export_schema(p_schema name, p_keep boolean); Type: ACL; Schema: core; Owner: ark_owner

REVOKE ALL ON FUNCTION core.make_export_schema(p_schema name, p_keep boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION core.make_export_schema(p_schema name, p_keep boolean) TO ark_system;

-- Name: FUNCTION owner_of(p_org_id bigint); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.owner_of(p_org_id bigint) FROM PUBLIC;

-- Name: FUNCTION raise_identity(p_relation regclass, p_column name, p_least bigint); Type: ACL; Schema: core; Owner: ark_owner

REVOKE ALL ON FUNCTION core.raise_identity(p_relation regclass, p_column name, p_least bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION core.raise_identity(p_relation regclass, p_column name, p_least bigint) TO ark_system;

-- Name: FUNCTION random_id(); Type: ACL; Schema: core; Owner: ark_owner

REVOKE ALL ON FUNCTION core.random_id() FROM PUBLIC;
GRANT ALL ON FUNCTION core.random_id() TO ark_system;

-- Name: FUNCTION record_event(p_org_id bigint, p_what text, p_detail jsonb, p_reason text); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.record_event(p_org_id bigint, p_what text, p_detail jsonb, p_reason text) FROM PUBLIC;

-- Name: FUNCTION require_open(p_org_id bigint); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.require_open(p_org_id bigint) FROM PUBLIC;

-- Name: FUNCTION require_slug(p_slug text); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.require_slug(p_slug text) FROM PUBLIC;

-- Name: FUNCTION session(OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.session(OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text) FROM PUBLIC;
GRANT ALL ON FUNCTION core.session(OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text) TO ark_owner;
GRANT ALL ON FUNCTION core.session(OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text) TO ark_app;
GRANT ALL ON FUNCTION core.session(OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text) TO ark_app_strict;
GRANT ALL ON FUNCTION core.session(OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text) TO ark_dba;
GRANT ALL ON FUNCTION core.session(OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text) TO ark_gateway;

-- Name: FUNCTION tg_append_only(); Type: ACL; Schema: core; Owner: ark_owner

REVOKE ALL ON FUNCTION core.tg_append_only() FROM PUBLIC;

-- Name: FUNCTION wall_in(p_relation regclass); Type: ACL; Schema: core; Owner: ark_system

REVOKE ALL ON FUNCTION core.wall_in(p_relation regclass) FROM PUBLIC;

-- Name: FUNCTION bill_lines(p_org_id bigint, p_from timestamp with time zone, p_to timestamp with time zone); Type: ACL; Schema: finops; Owner: ark_system

REVOKE ALL ON FUNCTION finops.bill_lines(p_org_id bigint, p_from timestamp with time zone, p_to timestamp with time zone) FROM PUBLIC;

-- Name: TABLE quota_changes; Type: ACL; Schema: finops; Owner: ark_owner

GRANT SELECT,INSERT ON TABLE finops.quota_changes TO ark_system;
GRANT SELECT ON TABLE finops.quota_changes TO ark_app;
GRANT SELECT ON TABLE finops.quota_changes TO ark_app_ro;
GRANT SELECT ON TABLE finops.quota_changes TO ark_dba;
GRANT SELECT ON TABLE finops.quota_changes TO ark_app_strict;

-- Name: FUNCTION effective_quota(p_org_id bigint, p_at timestamp with time zone); Type: ACL; Schema: finops; Owner: ark_system

REVOKE ALL ON FUNCTION finops.effective_quota(p_org_id bigint, p_at timestamp with time zone) FROM PUBLIC;

-- Name: FUNCTION efficiency_rows(p_org_id bigint, p_from timestamp with time zone, p_to timestamp with time zone); Type: ACL; Schema: finops; Owner: ark_system

REVOKE ALL ON FUNCTION finops.efficiency_rows(p_org_id bigint, p_from timestamp with time zone, p_to timestamp with time zone) FROM PUBLIC;

-- Name: FUNCTION forget_usage(p_limit integer); Type: ACL; Schema: finops; Owner: ark_system

REVOKE ALL ON FUNCTION finops.forget_usage(p_limit integer) FROM PUBLIC;

-- Name: FUNCTION import_quota(p_schema name, p_org_id bigint, p_reason text); Type: ACL; Schema: finops; Owner: ark_system

REVOKE ALL ON FUNCTION finops.import_quota(p_schema name, p_org_id bigint, p_reason text) FROM PUBLIC;

-- Name: FUNCTION ingest_usage(p_answer jsonb, p_step interval, OUT series bigint, OUT samples bigint, OUT written bigint, OUT unknown bigint); Type: ACL; Schema: finops; Owner: ark_system

REVOKE ALL ON FUNCTION finops.ingest_usage(p_answer jsonb, p_step interval, OUT series bigint, OUT samples bigint, OUT written bigint, OUT unknown bigint) FROM PUBLIC;

-- Name: FUNCTION mirror_due_quotas(); Type: ACL; Schema: finops; Owner: ark_system

REVOKE ALL ON FUNCTION finops.mirror_due_quotas() FROM PUBLIC;

-- Name: FUNCTION mirror_quota(p_quota finops.quota_changes); Type: ACL; Schema: finops; Owner: ark_system

REVOKE ALL ON FUNCTION finops.mirror_quota(p_quota finops.quota_changes) FROM PUBLIC;

-- Name: FUNCTION require_range(p_from timestamp with time zone, p_to timestamp with time zone); Type: ACL; Schema: finops; Owner: ark_owner

REVOKE ALL ON FUNCTION finops.require_range(p_from timestamp with time zone, p_to timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION finops.require_range(p_from timestamp with time zone, p_to timestamp with time zone) TO ark_system;

-- Name: FUNCTION tg_books__forwards(); Type: ACL; Schema: finops; Owner: ark_owner

REVOKE ALL ON FUNCTION finops.tg_books__forwards() FROM PUBLIC;

-- Name: FUNCTION tg_closed_books(); Type: ACL; Schema: finops; Owner: ark_system

REVOKE ALL ON FUNCTION finops.tg_closed_books() FROM PUBLIC;
GRANT ALL ON FUNCTION finops.tg_closed_books() TO ark_owner;

-- Name: FUNCTION tg_open_books(); Type: ACL; Schema: finops; Owner: ark_system

REVOKE ALL ON FUNCTION finops.tg_open_books() FROM PUBLIC;
GRANT ALL ON FUNCTION finops.tg_open_books() TO ark_owner;

-- Name: FUNCTION tg_prices__closed_books(); Type: ACL; Schema: finops; Owner: ark_system

REVOKE ALL ON FUNCTION finops.tg_prices__closed_books() FROM PUBLIC;
GRANT ALL ON FUNCTION finops.tg_prices__closed_books() TO ark_owner;

-- Name: FUNCTION tg_quota_changes__mirror(); Type: ACL; Schema: finops; Owner: ark_system

REVOKE ALL ON FUNCTION finops.tg_quota_changes__mirror() FROM PUBLIC;
GRANT ALL ON FUNCTION finops.tg_quota_changes__mirror() TO ark_owner;

-- Name: FUNCTION lo_creat(integer); Type: ACL; Schema: pg_catalog; Owner: postgres

REVOKE ALL ON FUNCTION pg_catalog.lo_creat(integer) FROM PUBLIC;

-- Name: FUNCTION lo_create(oid); Type: ACL; Schema: pg_catalog; Owner: postgres

REVOKE ALL ON FUNCTION pg_catalog.lo_create(oid) FROM PUBLIC;

-- Name: FUNCTION lo_from_bytea(oid, bytea); Type: ACL; Schema: pg_catalog; Owner: postgres

REVOKE ALL ON FUNCTION pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC;

-- Name: FUNCTION pg_cancel_backend(integer); Type: ACL; Schema: pg_catalog; Owner: postgres

REVOKE ALL ON FUNCTION pg_catalog.pg_cancel_backend(integer) FROM PUBLIC;
GRANT ALL ON FUNCTION pg_catalog.pg_cancel_backend(integer) TO pg_signal_backend;
GRANT ALL ON FUNCTION pg_catalog.pg_cancel_backend(integer) TO ark_migrator;
GRANT ALL ON FUNCTION pg_catalog.pg_cancel_backend(integer) TO ark_dba;

-- Name: FUNCTION pg_stat_get_activity(pid integer, OUT datid oid, OUT pid integer, OUT usesysid oid, OUT application_name text, OUT state text, OUT query text, OUT wait_event_type text, OUT wait_event text, OUT xact_start timestamp with time zone, OUT query_start timestamp with time zone, OUT backend_start timestamp with time zone, OUT state_change timestamp with time zone, OUT client_addr inet, OUT client_hostname text, OUT client_port integer, OUT backend_xid xid, OUT backend_xmin xid, OUT backend_type text, OUT ssl boolean, OUT sslversion text, OUT sslcipher text, OUT sslbits integer, OUT ssl_client_dn text, OUT ssl_client_serial numeric, OUT ssl_issuer_dn text, OUT gss_auth boolean, OUT gss_princ text, OUT gss_enc boolean, OUT leader_pid integer, OUT query_id bigint); Type: ACL; Schema: pg_catalog; Owner: postgres

REVOKE ALL ON FUNCTION pg_catalog.pg_stat_get_activity(pid integer, OUT datid oid, OUT pid integer, OUT usesysid oid, OUT application_name text, OUT state text, OUT query text, OUT wait_event_type text, OUT wait_event text, OUT xact_start timestamp with time zone, OUT query_start timestamp with time zone, OUT backend_start timestamp with time zone, OUT state_change timestamp with time zone, OUT client_addr inet, OUT client_hostname text, OUT client_port integer, OUT backend_xid xid, OUT backend_xmin xid, OUT backend_type text, OUT ssl boolean, OUT sslversion text, OUT sslcipher text, OUT sslbits integer, OUT ssl_client_dn text, OUT ssl_client_serial numeric, OUT ssl_issuer_dn text, OUT gss_auth boolean, OUT gss_princ text, OUT gss_enc boolean, OUT leader_pid integer, OUT query_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION pg_catalog.pg_stat_get_activity(pid integer, OUT datid oid, OUT pid integer, OUT usesysid oid, OUT application_name text, OUT state text, OUT query text, OUT wait_event_type text, OUT wait_event text, OUT xact_start timestamp with time zone, OUT query_start timestamp with time zone, OUT backend_start timestamp with time zone, OUT state_change timestamp with time zone, OUT client_addr inet, OUT client_hostname text, OUT client_port integer, OUT backend_xid xid, OUT backend_xmin xid, OUT backend_type text, OUT ssl boolean, OUT sslversion text, OUT sslcipher text, OUT sslbits integer, OUT ssl_client_dn text, OUT ssl_client_serial numeric, OUT ssl_issuer_dn text, OUT gss_auth boolean, OUT gss_princ text, OUT gss_enc boolean, OUT leader_pid integer, OUT query_id bigint) TO pg_read_all_stats;
GRANT ALL ON FUNCTION pg_catalog.pg_stat_get_activity(pid integer, OUT datid oid, OUT pid integer, OUT usesysid oid, OUT application_name text, OUT state text, OUT query text, OUT wait_event_type text, OUT wait_event text, OUT xact_start timestamp with time zone, OUT query_start timestamp with time zone, OUT backend_start timestamp with time zone, OUT state_change timestamp with time zone, OUT client_addr inet, OUT client_hostname text, OUT client_port integer, OUT backend_xid xid, OUT backend_xmin xid, OUT backend_type text, OUT ssl boolean, OUT sslversion text, OUT sslcipher text, OUT sslbits integer, OUT ssl_client_dn text, OUT ssl_client_serial numeric, OUT ssl_issuer_dn text, OUT gss_auth boolean, OUT gss_princ text, OUT gss_enc boolean, OUT leader_pid integer, OUT query_id bigint) TO ark_migrator;
GRANT ALL ON FUNCTION pg_catalog.pg_stat_get_activity(pid integer, OUT datid oid, OUT pid integer, OUT usesysid oid, OUT application_name text, OUT state text, OUT query text, OUT wait_event_type text, OUT wait_event text, OUT xact_start timestamp with time zone, OUT query_start timestamp with time zone, OUT backend_start timestamp with time zone, OUT state_change timestamp with time zone, OUT client_addr inet, OUT client_hostname text, OUT client_port integer, OUT backend_xid xid, OUT backend_xmin xid, OUT backend_type text, OUT ssl boolean, OUT sslversion text, OUT sslcipher text, OUT sslbits integer, OUT ssl_client_dn text, OUT ssl_client_serial numeric, OUT ssl_issuer_dn text, OUT gss_auth boolean, OUT gss_princ text, OUT gss_enc boolean, OUT leader_pid integer, OUT query_id bigint) TO ark_system;
GRANT ALL ON FUNCTION pg_catalog.pg_stat_get_activity(pid integer, OUT datid oid, OUT pid integer, OUT usesysid oid, OUT application_name text, OUT state text, OUT query text, OUT wait_event_type text, OUT wait_event text, OUT xact_start timestamp with time zone, OUT query_start timestamp with time zone, OUT backend_start timestamp with time zone, OUT state_change timestamp with time zone, OUT client_addr inet, OUT client_hostname text, OUT client_port integer, OUT backend_xid xid, OUT backend_xmin xid, OUT backend_type text, OUT ssl boolean, OUT sslversion text, OUT sslcipher text, OUT sslbits integer, OUT ssl_client_dn text, OUT ssl_client_serial numeric, OUT ssl_issuer_dn text, OUT gss_auth boolean, OUT gss_princ text, OUT gss_enc boolean, OUT leader_pid integer, OUT query_id bigint) TO ark_dba;
GRANT ALL ON FUNCTION pg_catalog.pg_stat_get_activity(pid integer, OUT datid oid, OUT pid integer, OUT usesysid oid, OUT application_name text, OUT state text, OUT query text, OUT wait_event_type text, OUT wait_event text, OUT xact_start timestamp with time zone, OUT query_start timestamp with time zone, OUT backend_start timestamp with time zone, OUT state_change timestamp with time zone, OUT client_addr inet, OUT client_hostname text, OUT client_port integer, OUT backend_xid xid, OUT backend_xmin xid, OUT backend_type text, OUT ssl boolean, OUT sslversion text, OUT sslcipher text, OUT sslbits integer, OUT ssl_client_dn text, OUT ssl_client_serial numeric, OUT ssl_issuer_dn text, OUT gss_auth boolean, OUT gss_princ text, OUT gss_enc boolean, OUT leader_pid integer, OUT query_id bigint) TO ark_monitor;

-- Name: FUNCTION pg_stat_get_backend_activity(integer); Type: ACL; Schema: pg_catalog; Owner: postgres

REVOKE ALL ON FUNCTION pg_catalog.pg_stat_get_backend_activity(integer) FROM PUBLIC;
GRANT ALL ON FUNCTION pg_catalog.pg_stat_get_backend_activity(integer) TO pg_read_all_stats;
GRANT ALL ON FUNCTION pg_catalog.pg_stat_get_backend_activity(integer) TO ark_migrator;
GRANT ALL ON FUNCTION pg_catalog.pg_stat_get_backend_activity(integer) TO ark_system;
GRANT ALL ON FUNCTION pg_catalog.pg_stat_get_backend_activity(integer) TO ark_dba;
GRANT ALL ON FUNCTION pg_catalog.pg_stat_get_backend_activity(integer) TO ark_monitor;

-- Name: FUNCTION pg_terminate_backend(pid integer, timeout bigint); Type: ACL; Schema: pg_catalog; Owner: postgres

REVOKE ALL ON FUNCTION pg_catalog.pg_terminate_backend(pid integer, timeout bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION pg_catalog.pg_terminate_backend(pid integer, timeout bigint) TO pg_signal_backend;
GRANT ALL ON FUNCTION pg_catalog.pg_terminate_backend(pid integer, timeout bigint) TO ark_migrator;
GRANT ALL ON FUNCTION pg_catalog.pg_terminate_backend(pid integer, timeout bigint) TO ark_dba;

-- Name: FUNCTION advance_rollout(p_rollout_id bigint); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.advance_rollout(p_rollout_id bigint) FROM PUBLIC;

-- Name: FUNCTION blueprint_errors(); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.blueprint_errors() FROM PUBLIC;

-- Name: FUNCTION change_rollout(p_rollout_id bigint, p_from text[], p_to text, p_reason text); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.change_rollout(p_rollout_id bigint, p_from text[], p_to text, p_reason text) FROM PUBLIC;

-- Name: FUNCTION check_database(); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.check_database() FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.check_database() TO ark_provisioner;

-- Name: FUNCTION claim(p_worker text, p_lease interval); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.claim(p_worker text, p_lease interval) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.claim(p_worker text, p_lease interval) TO ark_provisioner;

-- Name: FUNCTION compare_due(p_batch integer); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.compare_due(p_batch integer) FROM PUBLIC;

-- Name: FUNCTION comparisons(p_org text, p_after bigint, p_batch integer); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.comparisons(p_org text, p_after bigint, p_batch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.comparisons(p_org text, p_after bigint, p_batch integer) TO ark_provisioner;

-- Name: FUNCTION compile(p_plan text, p_kind text, p_status text, OUT steps text, OUT variables text[]); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.compile(p_plan text, p_kind text, p_status text, OUT steps text, OUT variables text[]) FROM PUBLIC;

-- Name: FUNCTION complete(p_org_id bigint, p_job_id bigint, p_fence bigint, p_namespace_uid text, p_steps jsonb); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.complete(p_org_id bigint, p_job_id bigint, p_fence bigint, p_namespace_uid text, p_steps jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.complete(p_org_id bigint, p_job_id bigint, p_fence bigint, p_namespace_uid text, p_steps jsonb) TO ark_provisioner;

-- Name: FUNCTION enqueue(p_org_id bigint, p_kind text, p_run_at timestamp with time zone, p_rollout_id bigint); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.enqueue(p_org_id bigint, p_kind text, p_run_at timestamp with time zone, p_rollout_id bigint) FROM PUBLIC;

-- Name: FUNCTION escaped(p_value text); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.escaped(p_value text) FROM PUBLIC;

-- Name: FUNCTION fail(p_org_id bigint, p_job_id bigint, p_fence bigint, p_code text, p_message text, p_retry_after interval, p_steps jsonb, OUT next text, OUT run_at timestamp with time zone); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.fail(p_org_id bigint, p_job_id bigint, p_fence bigint, p_code text, p_message text, p_retry_after interval, p_steps jsonb, OUT next text, OUT run_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.fail(p_org_id bigint, p_job_id bigint, p_fence bigint, p_code text, p_message text, p_retry_after interval, p_steps jsonb, OUT next text, OUT run_at timestamp with time zone) TO ark_provisioner;

-- Name: FUNCTION find_strays(p_namespaces jsonb); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.find_strays(p_namespaces jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.find_strays(p_namespaces jsonb) TO ark_provisioner;

-- Name: FUNCTION finish(p_org_id bigint, p_job_id bigint, p_state text); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.finish(p_org_id bigint, p_job_id bigint, p_state text) FROM PUBLIC;

-- Name: FUNCTION forget_jobs(p_batch integer); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.forget_jobs(p_batch integer) FROM PUBLIC;

-- Name: FUNCTION give_up(p_org_id bigint, p_job_id bigint, p_code text, p_error text); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.give_up(p_org_id bigint, p_job_id bigint, p_code text, p_error text) FROM PUBLIC;

-- Name: FUNCTION heartbeat(p_org_id bigint, p_job_id bigint, p_fence bigint, p_lease interval); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.heartbeat(p_org_id bigint, p_job_id bigint, p_fence bigint, p_lease interval) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.heartbeat(p_org_id bigint, p_job_id bigint, p_fence bigint, p_lease interval) TO ark_provisioner;

-- Name: TABLE jobs; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE provisioning.jobs TO ark_system;

-- Name: FUNCTION held_job(p_org_id bigint, p_job_id bigint, p_fence bigint); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.held_job(p_org_id bigint, p_job_id bigint, p_fence bigint) FROM PUBLIC;

-- Name: FUNCTION intervene(p_job_id bigint, p_how text, p_reason text); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.intervene(p_job_id bigint, p_how text, p_reason text) FROM PUBLIC;

-- Name: FUNCTION jump_fence(p_org_id bigint, p_job_id bigint, p_fence bigint, p_seen bigint); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.jump_fence(p_org_id bigint, p_job_id bigint, p_fence bigint, p_seen bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.jump_fence(p_org_id bigint, p_job_id bigint, p_fence bigint, p_seen bigint) TO ark_provisioner;

-- Name: FUNCTION maintain(); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.maintain() FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.maintain() TO ark_provisioner;

-- Name: FUNCTION next_due(); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.next_due() FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.next_due() TO ark_provisioner;

-- Name: FUNCTION next_job(p_org_id bigint, p_now timestamp with time zone); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.next_job(p_org_id bigint, p_now timestamp with time zone) FROM PUBLIC;

-- Name: FUNCTION next_lane(p_now timestamp with time zone); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.next_lane(p_now timestamp with time zone) FROM PUBLIC;

-- Name: FUNCTION place(p_since timestamp with time zone, p_priority integer); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.place(p_since timestamp with time zone, p_priority integer) FROM PUBLIC;

-- Name: FUNCTION plan_objects(p_org text); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.plan_objects(p_org text) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.plan_objects(p_org text) TO ark_provisioner;

-- Name: FUNCTION record_drift(p_org_id bigint, p_job_id bigint, p_fence bigint); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.record_drift(p_org_id bigint, p_job_id bigint, p_fence bigint) FROM PUBLIC;

-- Name: FUNCTION record_steps(p_org_id bigint, p_job_id bigint, p_fence bigint, p_steps jsonb); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.record_steps(p_org_id bigint, p_job_id bigint, p_fence bigint, p_steps jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.record_steps(p_org_id bigint, p_job_id bigint, p_fence bigint, p_steps jsonb) TO ark_provisioner;

-- Name: FUNCTION release(p_org_id bigint, p_job_id bigint, p_fence bigint); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.release(p_org_id bigint, p_job_id bigint, p_fence bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.release(p_org_id bigint, p_job_id bigint, p_fence bigint) TO ark_provisioner;

-- Name: FUNCTION render(p_org_id bigint, p_kind text, p_fence bigint); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.render(p_org_id bigint, p_kind text, p_fence bigint) FROM PUBLIC;

-- Name: FUNCTION report_namespaces(p_namespaces jsonb); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.report_namespaces(p_namespaces jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.report_namespaces(p_namespaces jsonb) TO ark_provisioner;

-- Name: FUNCTION report_samples(p_resource text, p_end bigint, p_answer jsonb, p_step bigint, OUT series bigint, OUT samples bigint, OUT written bigint, OUT unknown bigint, OUT warnings text); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.report_samples(p_resource text, p_end bigint, p_answer jsonb, p_step bigint, OUT series bigint, OUT samples bigint, OUT written bigint, OUT unknown bigint, OUT warnings text) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.report_samples(p_resource text, p_end bigint, p_answer jsonb, p_step bigint, OUT series bigint, OUT samples bigint, OUT written bigint, OUT unknown bigint, OUT warnings text) TO ark_provisioner;

-- Name: FUNCTION report_task(p_task text, p_result text, p_error text); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.report_task(p_task text, p_result text, p_error text) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.report_task(p_task text, p_result text, p_error text) TO ark_provisioner;

-- Name: FUNCTION report_usage(p_org_id bigint, p_cpu text, p_memory text, p_storage text); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.report_usage(p_org_id bigint, p_cpu text, p_memory text, p_storage text) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.report_usage(p_org_id bigint, p_cpu text, p_memory text, p_storage text) TO ark_provisioner;

-- Name: FUNCTION required_rights(); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.required_rights() FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.required_rights() TO ark_provisioner;

-- Name: FUNCTION single_ports(p_policy jsonb); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.single_ports(p_policy jsonb) FROM PUBLIC;

-- Name: FUNCTION standing(p_steps jsonb); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.standing(p_steps jsonb) FROM PUBLIC;

-- Name: FUNCTION status(p_most integer); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.status(p_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.status(p_most integer) TO ark_provisioner;

-- Name: FUNCTION store_steps(p_org_id bigint, p_job_id bigint, p_fence bigint, p_steps jsonb); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.store_steps(p_org_id bigint, p_job_id bigint, p_fence bigint, p_steps jsonb) FROM PUBLIC;

-- Name: FUNCTION subjects(p_org_id bigint); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.subjects(p_org_id bigint) FROM PUBLIC;

-- Name: FUNCTION tg_compile(); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.tg_compile() FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.tg_compile() TO ark_owner;

-- Name: FUNCTION turn_lane(p_org_id bigint); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.turn_lane(p_org_id bigint) FROM PUBLIC;

-- Name: FUNCTION usage_due(); Type: ACL; Schema: provisioning; Owner: ark_system

REVOKE ALL ON FUNCTION provisioning.usage_due() FROM PUBLIC;
GRANT ALL ON FUNCTION provisioning.usage_due() TO ark_provisioner;

-- Name: FUNCTION chain_hash(bytea, smallint, bigint, bigint, timestamp with time zone, bytea); Type: ACL; Schema: config; Owner: ark_owner

REVOKE ALL ON FUNCTION config.chain_hash(bytea, smallint, bigint, bigint, timestamp with time zone, bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION config.chain_hash(bytea, smallint, bigint, bigint, timestamp with time zone, bytea) TO ark_system;

-- Name: TABLE changes; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.changes TO ark_dba;
GRANT SELECT ON TABLE admin.changes TO ark_auditor;

-- Name: TABLE drift; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.drift TO ark_dba;
GRANT SELECT ON TABLE admin.drift TO ark_monitor;

-- Name: TABLE jobs; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.jobs TO ark_dba;
GRANT SELECT ON TABLE admin.jobs TO ark_monitor;

-- Name: TABLE lanes; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.lanes TO ark_dba;
GRANT SELECT ON TABLE admin.lanes TO ark_monitor;

-- Name: TABLE maintenance; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.maintenance TO ark_dba;
GRANT SELECT ON TABLE admin.maintenance TO ark_monitor;

-- Name: TABLE organizations; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.organizations TO ark_dba;
GRANT SELECT ON TABLE admin.organizations TO ark_monitor;
GRANT SELECT ON TABLE admin.organizations TO ark_auditor;

-- Name: TABLE pods; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.pods TO ark_dba;
GRANT SELECT ON TABLE admin.pods TO ark_monitor;

-- Name: TABLE queue; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.queue TO ark_dba;
GRANT SELECT ON TABLE admin.queue TO ark_monitor;

-- Name: TABLE ready; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.ready TO ark_dba;
GRANT SELECT ON TABLE admin.ready TO ark_monitor;
GRANT SELECT ON TABLE admin.ready TO ark_auditor;

-- Name: TABLE reload_latency; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.reload_latency TO ark_dba;
GRANT SELECT ON TABLE admin.reload_latency TO ark_monitor;

-- Name: TABLE rollouts; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.rollouts TO ark_dba;
GRANT SELECT ON TABLE admin.rollouts TO ark_monitor;

-- Name: TABLE security_audit; Type: ACL; Schema: admin; Owner: ark_owner

GRANT SELECT ON TABLE admin.security_audit TO ark_dba;
GRANT SELECT ON TABLE admin.security_audit TO ark_auditor;
GRANT SELECT ON TABLE admin.security_audit TO ark_monitor;

-- Name: TABLE signing_keys; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.signing_keys TO ark_dba;
GRANT SELECT ON TABLE admin.signing_keys TO ark_auditor;
GRANT SELECT ON TABLE admin.signing_keys TO ark_monitor;

-- Name: TABLE stuck_jobs; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.stuck_jobs TO ark_dba;
GRANT SELECT ON TABLE admin.stuck_jobs TO ark_monitor;

-- Name: TABLE tenant_drift; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.tenant_drift TO ark_dba;
GRANT SELECT ON TABLE admin.tenant_drift TO ark_monitor;

-- Name: TABLE verify_chain; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.verify_chain TO ark_dba;
GRANT SELECT ON TABLE admin.verify_chain TO ark_auditor;

-- Name: TABLE workers; Type: ACL; Schema: admin; Owner: ark_system

GRANT SELECT ON TABLE admin.workers TO ark_dba;
GRANT SELECT ON TABLE admin.workers TO ark_monitor;

-- Name: TABLE access_tokens; Type: ACL; Schema: auth; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.access_tokens TO ark_system;

-- Name: TABLE jti_denylist; Type: ACL; Schema: auth; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.jti_denylist TO ark_system;

-- Name: TABLE sessions; Type: ACL; Schema: auth; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.sessions TO ark_system;

-- Name: TABLE boot; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,INSERT,DELETE ON TABLE config.boot TO ark_system;

-- Name: SEQUENCE feed_awake; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,UPDATE ON SEQUENCE config.feed_awake TO ark_system;

-- Name: TABLE feed_ring; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,INSERT,DELETE ON TABLE config.feed_ring TO ark_system;

-- Name: TABLE feed_services; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,INSERT,UPDATE ON TABLE config.feed_services TO ark_system;

-- Name: TABLE flag_evaluations; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE config.flag_evaluations TO ark_system;

-- Name: TABLE history_cursor; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,UPDATE ON TABLE config.history_cursor TO ark_system;

-- Name: TABLE history_heads; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,INSERT,UPDATE ON TABLE config.history_heads TO ark_system;

-- Name: TABLE pods; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE config.pods TO ark_system;

-- Name: TABLE subscriptions; Type: ACL; Schema: config; Owner: ark_owner

GRANT SELECT,INSERT,DELETE ON TABLE config.subscriptions TO ark_system;

-- Name: TABLE organization_events; Type: ACL; Schema: core; Owner: ark_owner

GRANT SELECT,INSERT ON TABLE core.organization_events TO ark_system;
GRANT SELECT ON TABLE core.organization_events TO ark_app;
GRANT SELECT ON TABLE core.organization_events TO ark_app_strict;
GRANT SELECT ON TABLE core.organization_events TO ark_app_ro;
GRANT SELECT ON TABLE core.organization_events TO ark_dba;

-- Name: TABLE users; Type: ACL; Schema: core; Owner: ark_owner

GRANT SELECT,INSERT,DELETE ON TABLE core.users TO ark_system;
GRANT SELECT ON TABLE core.users TO ark_app;
GRANT SELECT ON TABLE core.users TO ark_app_strict;
GRANT SELECT ON TABLE core.users TO ark_app_ro;
GRANT SELECT ON TABLE core.users TO ark_dba;

-- Name: TABLE advice_rules; Type: ACL; Schema: finops; Owner: ark_owner

GRANT SELECT ON TABLE finops.advice_rules TO ark_system;

-- Name: TABLE books; Type: ACL; Schema: finops; Owner: ark_owner

GRANT SELECT,UPDATE ON TABLE finops.books TO ark_system;

-- Name: TABLE invoices; Type: ACL; Schema: finops; Owner: ark_owner

GRANT SELECT,INSERT ON TABLE finops.invoices TO ark_system;

-- Name: TABLE quota_usage; Type: ACL; Schema: finops; Owner: ark_owner

GRANT SELECT,INSERT,UPDATE ON TABLE finops.quota_usage TO ark_system;
GRANT SELECT ON TABLE finops.quota_usage TO ark_app;
GRANT SELECT ON TABLE finops.quota_usage TO ark_app_strict;
GRANT SELECT ON TABLE finops.quota_usage TO ark_app_ro;
GRANT SELECT ON TABLE finops.quota_usage TO ark_dba;

-- Name: TABLE resources; Type: ACL; Schema: finops; Owner: ark_owner

GRANT SELECT ON TABLE finops.resources TO ark_system;

-- Name: TABLE usage_queries; Type: ACL; Schema: finops; Owner: ark_owner

GRANT SELECT,UPDATE ON TABLE finops.usage_queries TO ark_system;

-- Name: TABLE usage_samples; Type: ACL; Schema: finops; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE finops.usage_samples TO ark_system;

-- Name: TABLE blueprint; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT SELECT ON TABLE provisioning.blueprint TO ark_system;

-- Name: TABLE drift; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE provisioning.drift TO ark_system;

-- Name: TABLE failure_codes; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT SELECT ON TABLE provisioning.failure_codes TO ark_system;

-- Name: TABLE kinds; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT SELECT ON TABLE provisioning.kinds TO ark_system;

-- Name: TABLE lanes; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT SELECT,INSERT,UPDATE ON TABLE provisioning.lanes TO ark_system;

-- Name: TABLE maintenance; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT SELECT,UPDATE ON TABLE provisioning.maintenance TO ark_system;

-- Name: TABLE plans; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT SELECT ON TABLE provisioning.plans TO ark_system;

-- Name: COLUMN plans.compare_every; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT UPDATE(compare_every) ON TABLE provisioning.plans TO ark_system;

-- Name: COLUMN plans.on_drift; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT UPDATE(on_drift) ON TABLE provisioning.plans TO ark_system;

-- Name: TABLE rollouts; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT SELECT,INSERT,UPDATE ON TABLE provisioning.rollouts TO ark_system;

-- Name: TABLE steps; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE provisioning.steps TO ark_system;

-- Name: TABLE stray_namespaces; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE provisioning.stray_namespaces TO ark_system;

-- Name: TABLE templates; Type: ACL; Schema: provisioning; Owner: ark_owner

GRANT SELECT,INSERT,DELETE ON TABLE provisioning.templates TO ark_system;

-- Name: DEFAULT PRIVILEGES FOR FUNCTIONS; Type: DEFAULT ACL; Schema: -; Owner: ark_owner

ALTER DEFAULT PRIVILEGES FOR ROLE ark_owner REVOKE ALL ON FUNCTIONS  FROM PUBLIC;

-- Name: DEFAULT PRIVILEGES FOR FUNCTIONS; Type: DEFAULT ACL; Schema: -; Owner: ark_system

ALTER DEFAULT PRIVILEGES FOR ROLE ark_system REVOKE ALL ON FUNCTIONS  FROM PUBLIC;

-- PostgreSQL database dump complete


-- Roles, the database and PostgreSQL's own functions, which pg_dump leaves out

CREATE ROLE ark_app NOLOGIN;
CREATE ROLE ark_app_ro NOLOGIN;
CREATE ROLE ark_app_strict NOLOGIN;
CREATE ROLE ark_auditor NOLOGIN;
CREATE ROLE ark_bridge NOLOGIN;
CREATE ROLE ark_dba NOLOGIN;
CREATE ROLE ark_gateway NOLOGIN;
CREATE ROLE ark_migrator NOLOGIN NOINHERIT;
CREATE ROLE ark_monitor NOLOGIN;
CREATE ROLE ark_owner NOLOGIN;
CREATE ROLE ark_pod NOLOGIN;
CREATE ROLE ark_provisioner NOLOGIN;
CREATE ROLE ark_system NOLOGIN;

GRANT ark_owner TO ark_migrator;
GRANT ark_system TO ark_migrator;

GRANT CONNECT ON DATABASE CURRENT TO PUBLIC;
GRANT CREATE ON DATABASE CURRENT TO ark_owner;
ALTER DATABASE CURRENT SET search_path="$user", core, config, finops, api, public;

REVOKE EXECUTE ON FUNCTION lo_creat(integer) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION lo_from_bytea(oid,bytea) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION pg_cancel_backend(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_cancel_backend(integer) TO ark_dba, ark_migrator, pg_signal_backend;
REVOKE EXECUTE ON FUNCTION pg_stat_get_activity(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_stat_get_activity(integer) TO ark_dba, ark_migrator, ark_monitor, ark_system, pg_read_all_stats;
REVOKE EXECUTE ON FUNCTION pg_stat_get_backend_activity(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_stat_get_backend_activity(integer) TO ark_dba, ark_migrator, ark_monitor, ark_system, pg_read_all_stats;
REVOKE EXECUTE ON FUNCTION pg_terminate_backend(integer,bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_terminate_backend(integer,bigint) TO ark_dba, ark_migrator, pg_signal_backend;
