SET LOCAL ROLE ark_owner;

CREATE TABLE config.flag_evaluations (
    key         text NOT NULL,
    variant     text NOT NULL,
    evaluations bigint NOT NULL,
    first_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (key, variant),
    CONSTRAINT evaluations_are_positive CHECK (evaluations > 0),
    CONSTRAINT key_is_a_name CHECK (key ~ '^[a-z0-9][a-z0-9_.-]{0,126}$'),
    CONSTRAINT variant_is_a_name CHECK (variant ~ '^[a-z0-9][a-z0-9_.-]{0,62}$')
);
COMMENT ON TABLE config.flag_evaluations IS 'How often pods have evaluated a flag to which variant, as they report it in batches. All organisations together.';
COMMENT ON COLUMN config.flag_evaluations.key IS 'The flag.';
COMMENT ON COLUMN config.flag_evaluations.variant IS 'What came of it.';
COMMENT ON COLUMN config.flag_evaluations.evaluations IS 'How often.';
COMMENT ON COLUMN config.flag_evaluations.first_at IS 'When that was reported first.';
COMMENT ON COLUMN config.flag_evaluations.last_at IS 'When that was reported last.';
GRANT SELECT, INSERT, UPDATE ON config.flag_evaluations TO ark_system;
