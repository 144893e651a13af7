SET LOCAL ROLE ark_owner;

-- What is offered instead of a secret: where it is kept.
ALTER TABLE config.key_schema DROP CONSTRAINT type_is_known;
ALTER TABLE config.key_schema ADD CONSTRAINT type_is_known
    CHECK (type IN ('text', 'integer', 'number', 'boolean', 'json', 'secret_ref'));
COMMENT ON COLUMN config.key_schema.type IS
    'text, integer, number, boolean, json or secret_ref: the name of a secret in an external store, like vault://kv/payments#token.';
