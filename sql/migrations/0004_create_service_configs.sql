SET LOCAL ROLE ark_owner;

CREATE TABLE config.key_schema (
    service       text NOT NULL,
    key           text NOT NULL,
    type          text NOT NULL,
    minimum       numeric,
    maximum       numeric,
    pattern       text,
    choices       text[],
    default_value text,
    description   text NOT NULL,
    PRIMARY KEY (service, key),
    CONSTRAINT service_is_a_name CHECK (service ~ '^[a-z][a-z0-9_-]{0,62}$'),
    CONSTRAINT key_is_a_name_or_all CHECK (key = '*' OR key ~ '^[a-z0-9][a-z0-9_.-]{0,126}$'),
    CONSTRAINT type_is_known CHECK (type IN ('text', 'integer', 'number', 'boolean', 'json')),
    CONSTRAINT range_is_for_numbers CHECK ((minimum IS NULL AND maximum IS NULL) OR type IN ('integer', 'number'))
);
COMMENT ON TABLE config.key_schema IS 'The type of every configuration key. A key that is not here cannot be set.';
COMMENT ON COLUMN config.key_schema.service IS 'Service that reads the key.';
COMMENT ON COLUMN config.key_schema.key IS 'Key within the service; * stands for every key that has no row of its own.';
COMMENT ON COLUMN config.key_schema.type IS 'text, integer, number, boolean or json.';
COMMENT ON COLUMN config.key_schema.minimum IS 'Smallest number allowed.';
COMMENT ON COLUMN config.key_schema.maximum IS 'Largest number allowed.';
COMMENT ON COLUMN config.key_schema.pattern IS 'Regular expression that a text must match.';
COMMENT ON COLUMN config.key_schema.choices IS 'The texts allowed, if they can be counted.';
COMMENT ON COLUMN config.key_schema.default_value IS 'What holds where an organisation has set nothing.';
COMMENT ON COLUMN config.key_schema.description IS 'One line for people.';
GRANT SELECT ON config.key_schema TO ark_system, ark_app, ark_app_ro, ark_dba;

INSERT INTO config.key_schema (service, key, type, minimum, maximum, pattern, default_value, description) VALUES
    ('ai',       'threshold',   'number',  0, 1,       NULL,          '0.75',  'Score from which an answer is accepted.'),
    ('email',    'max_retries', 'integer', 0, 100,     NULL,          '3',     'How often a mail is tried again.'),
    ('webhook',  'url',         'text',    NULL, NULL, '^https?://\S+$', NULL, 'Where events are posted.'),
    ('features', '*',           'boolean', NULL, NULL, NULL,          'false', 'A feature that is on or off.'),
    ('api',      'rate_limit',  'integer', 1, 1000000, NULL,          '600',   'Requests per minute before HTTP 429.'),
    ('quota',    'cpu',         'text',    NULL, NULL, '^[0-9.]+(m|[kMGTPE]i?)?$', NULL, 'Mirror of quota_changes: cores.'),
    ('quota',    'memory',      'text',    NULL, NULL, '^[0-9.]+(m|[kMGTPE]i?)?$', NULL, 'Mirror of quota_changes: memory.'),
    ('quota',    'storage',     'text',    NULL, NULL, '^[0-9.]+(m|[kMGTPE]i?)?$', NULL, 'Mirror of quota_changes: storage.');

CREATE TABLE config.service_configs (
    org_id     bigint NOT NULL REFERENCES core.organizations,
    config_id  bigint GENERATED ALWAYS AS IDENTITY,
    service    text NOT NULL,
    key        text NOT NULL,
    value      text,
    version    bigint NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (org_id, config_id),
    CONSTRAINT key_is_unique UNIQUE (org_id, service, key),
    CONSTRAINT service_is_a_name CHECK (service ~ '^[a-z][a-z0-9_-]{0,62}$'),
    -- A leading letter or digit keeps names like _hb, the heartbeat's, for the feed itself.
    CONSTRAINT key_is_a_name CHECK (key ~ '^[a-z0-9][a-z0-9_.-]{0,126}$'),
    CONSTRAINT version_is_positive CHECK (version > 0)
);
CREATE INDEX service_configs_feed ON config.service_configs (xid);
COMMENT ON INDEX config.service_configs_feed IS 'The feed: rows by the transaction that wrote them last.';
COMMENT ON TABLE config.service_configs IS
    'Live configuration. A plain INSERT or UPDATE is right, too: triggers keep version, history and wake-up.';
COMMENT ON COLUMN config.service_configs.org_id IS 'The organisation.';
COMMENT ON COLUMN config.service_configs.config_id IS 'Names the row in config_history.';
COMMENT ON COLUMN config.service_configs.service IS 'The service that reads the key; first part of the channel config:<service>:<key>.';
COMMENT ON COLUMN config.service_configs.key IS 'The key within the service.';
COMMENT ON COLUMN config.service_configs.value IS 'The value as text, of the type in key_schema. NULL is a tombstone: deleted, version kept.';
COMMENT ON COLUMN config.service_configs.version IS 'Rises by one with every change, never falls.';
COMMENT ON COLUMN config.service_configs.changed_at IS 'When the value was last changed.';
COMMENT ON COLUMN config.service_configs.xid IS 'Transaction that wrote the row last; the feed finds changes by it.';

ALTER TABLE config.service_configs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON config.service_configs TO ark_system;
GRANT SELECT ON config.service_configs TO ark_app, ark_app_ro, ark_dba;
GRANT INSERT (org_id, service, key, value), UPDATE (value) ON config.service_configs TO ark_app, ark_dba;

CREATE TABLE config.config_history (
    org_id     bigint NOT NULL,
    history_id bigint GENERATED ALWAYS AS IDENTITY,
    config_id  bigint NOT NULL,
    service    text NOT NULL,
    key        text NOT NULL,
    version    bigint NOT NULL,
    old_value  text,
    new_value  text,
    changed_by text NOT NULL,
    login      name NOT NULL,
    changed_at timestamptz NOT NULL,
    reason     text NOT NULL,
    xid        xid8 NOT NULL,
    PRIMARY KEY (org_id, history_id),
    CONSTRAINT version_is_recorded_once UNIQUE (org_id, config_id, version),
    FOREIGN KEY (org_id, config_id) REFERENCES config.service_configs (org_id, config_id)
);
COMMENT ON TABLE config.config_history IS 'Who changed what, when and why. Append-only for everybody.';
COMMENT ON COLUMN config.config_history.org_id IS 'The organisation.';
COMMENT ON COLUMN config.config_history.history_id IS 'Order of recording.';
COMMENT ON COLUMN config.config_history.config_id IS 'The row of service_configs.';
COMMENT ON COLUMN config.config_history.service IS 'The service, as in service_configs.';
COMMENT ON COLUMN config.config_history.key IS 'The key, as in service_configs.';
COMMENT ON COLUMN config.config_history.version IS 'The version that this change made.';
COMMENT ON COLUMN config.config_history.old_value IS 'The value before; NULL if there was none.';
COMMENT ON COLUMN config.config_history.new_value IS 'The value after; NULL if it was deleted.';
COMMENT ON COLUMN config.config_history.changed_by IS 'Who: app.actor as the application claims, else the login.';
COMMENT ON COLUMN config.config_history.login IS 'The database login that did it, which nobody can claim.';
COMMENT ON COLUMN config.config_history.changed_at IS 'When.';
COMMENT ON COLUMN config.config_history.reason IS 'Why: app.reason or the argument of set_config.';
COMMENT ON COLUMN config.config_history.xid IS 'The transaction.';

ALTER TABLE config.config_history ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON config.config_history TO ark_system;
GRANT SELECT ON config.config_history TO ark_app, ark_app_ro, ark_dba;
