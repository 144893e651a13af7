-- Refresh tokens that rotate, access tokens that can be denied, the public parts of signing keys.
SET LOCAL ROLE ark_owner;

-- A session is one row, however often it is refreshed: the family, which is in every one of its refresh
-- tokens, is proved by handle_hash (the handle is made of it), the place in the rotation by a counter.
ALTER TABLE auth.sessions
    ADD COLUMN refresh_counter bigint,
    ADD COLUMN refresh_hash bytea,
    ADD COLUMN previous_hash bytea,
    ADD COLUMN refresh_salt bytea,
    ADD COLUMN refreshed_at timestamptz,
    ADD COLUMN access_until timestamptz,
    ADD COLUMN end_reason text,
    ADD CONSTRAINT refreshes_or_not CHECK (
        num_nonnulls(refresh_counter, refresh_hash, refreshed_at, access_until) IN (0, 4)),
    ADD CONSTRAINT counter_is_positive CHECK (refresh_counter > 0),
    ADD CONSTRAINT refresh_hashes_are_sha256 CHECK (
        length(refresh_hash) = 32 AND length(previous_hash) = 32 AND length(refresh_salt) = 32),
    ADD CONSTRAINT first_has_no_previous CHECK (
        (previous_hash IS NULL) = (refresh_salt IS NULL)
        AND (coalesce(refresh_counter, 1) = 1) = (previous_hash IS NULL)),
    ADD CONSTRAINT reason_is_of_an_end CHECK (end_reason IS NULL OR ended_at IS NOT NULL);
COMMENT ON COLUMN auth.sessions.refresh_counter IS 'Number of the current refresh token, from 1; NULL: a session without tokens, by its handle only.';
COMMENT ON COLUMN auth.sessions.refresh_hash IS 'SHA-256 of the current refresh token''s secret.';
COMMENT ON COLUMN auth.sessions.previous_hash IS 'SHA-256 of the previous one''s secret, which is accepted for a little while; NULL: there was none.';
COMMENT ON COLUMN auth.sessions.refresh_salt IS 'Random. The current secret is SHA-256 of this and the previous secret, so that who asks again with the previous token gets the same answer, and nobody else can compute it.';
COMMENT ON COLUMN auth.sessions.refreshed_at IS 'When the current refresh token was issued.';
COMMENT ON COLUMN auth.sessions.access_until IS 'When the last access token expires. The handle binds no transaction after that; NULL: until expires_at.';
COMMENT ON COLUMN auth.sessions.end_reason IS 'Why it ended before its time.';
CREATE INDEX sessions_by_user ON auth.sessions (org_id, user_id);
CREATE INDEX sessions_by_end ON auth.sessions (least(ended_at, expires_at));
COMMENT ON INDEX auth.sessions_by_user IS 'The sessions of a member.';
COMMENT ON INDEX auth.sessions_by_end IS 'Which sessions can be forgotten.';
GRANT DELETE ON auth.sessions TO ark_system;

-- Which access tokens are out, so that they can be denied when their session ends.
CREATE TABLE auth.access_tokens (
    org_id     bigint NOT NULL,
    jti        uuid NOT NULL,
    session_id bigint NOT NULL,
    issued_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (org_id, jti),
    FOREIGN KEY (org_id, session_id) REFERENCES auth.sessions (org_id, session_id) ON DELETE CASCADE
);
CREATE INDEX access_tokens_of_session ON auth.access_tokens (org_id, session_id);
CREATE INDEX access_tokens_by_expiry ON auth.access_tokens (expires_at);
COMMENT ON INDEX auth.access_tokens_of_session IS 'What to deny when a session ends.';
COMMENT ON INDEX auth.access_tokens_by_expiry IS 'Which ones can be forgotten.';
COMMENT ON TABLE auth.access_tokens IS 'Access tokens that were issued and have not expired long ago: their names, never the tokens.';
COMMENT ON COLUMN auth.access_tokens.org_id IS 'The organisation.';
COMMENT ON COLUMN auth.access_tokens.jti IS 'Claim jti of the token (RFC 7519, section 4.1.7).';
COMMENT ON COLUMN auth.access_tokens.session_id IS 'The session it was issued in.';
COMMENT ON COLUMN auth.access_tokens.issued_at IS 'Claim iat.';
COMMENT ON COLUMN auth.access_tokens.expires_at IS 'Claim exp.';

-- Random names and a time: nobody's.
CREATE TABLE auth.jti_denylist (
    jti        uuid PRIMARY KEY,
    expires_at timestamptz NOT NULL,
    denied_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX jti_denylist_by_expiry ON auth.jti_denylist (expires_at);
CREATE INDEX jti_denylist_feed ON auth.jti_denylist (xid);
COMMENT ON INDEX auth.jti_denylist_by_expiry IS 'Which ones can be forgotten.';
COMMENT ON INDEX auth.jti_denylist_feed IS 'What is new: rows by the transaction that wrote them.';
COMMENT ON TABLE auth.jti_denylist IS 'Access tokens that are refused before they expire. The truth; a copy in Redis is a faster one.';
COMMENT ON COLUMN auth.jti_denylist.jti IS 'Claim jti of the token.';
COMMENT ON COLUMN auth.jti_denylist.expires_at IS 'When the token expires by itself: the entry is needed as long.';
COMMENT ON COLUMN auth.jti_denylist.denied_at IS 'When it was denied.';
COMMENT ON COLUMN auth.jti_denylist.xid IS 'Transaction that denied it; readers find what is new by it.';

CREATE TABLE auth.signing_keys (
    kid        text PRIMARY KEY,
    algorithm  text NOT NULL,
    public_key jsonb NOT NULL,
    not_before timestamptz NOT NULL DEFAULT clock_timestamp(),
    not_after  timestamptz,
    added_by   text NOT NULL,
    added_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_by text,
    retire_reason text,
    CONSTRAINT kid_is_a_name CHECK (kid ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    CONSTRAINT algorithm_is_known CHECK (algorithm IN ('RS256', 'ES256')),
    -- RFC 7518, sections 6.2.2 and 6.3.2: what a private key has, and a public one has not.
    CONSTRAINT public_key_is_public CHECK (NOT public_key ?| ARRAY['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']),
    CONSTRAINT ends_after_it_begins CHECK (not_after >= not_before)
);
COMMENT ON TABLE auth.signing_keys IS 'The public parts of the keys that access tokens are signed with. The private parts are files of the gateway, never here.';
COMMENT ON COLUMN auth.signing_keys.kid IS 'Names the key in a token''s header and in the key set (RFC 7517, section 4.5). Never used again.';
COMMENT ON COLUMN auth.signing_keys.algorithm IS 'RS256 or ES256 (RFC 7518, section 3.1).';
COMMENT ON COLUMN auth.signing_keys.public_key IS 'The key as a JWK (RFC 7517): kty, n and e of RSA; kty, crv, x and y of P-256.';
COMMENT ON COLUMN auth.signing_keys.not_before IS 'Tokens are signed with it from then on; it is in the key set before, so that verifiers have it in time.';
COMMENT ON COLUMN auth.signing_keys.not_after IS 'No token of it is accepted from then on, whenever it was issued; NULL: no end yet.';
COMMENT ON COLUMN auth.signing_keys.added_by IS 'Who added it.';
COMMENT ON COLUMN auth.signing_keys.added_at IS 'When.';
COMMENT ON COLUMN auth.signing_keys.retired_by IS 'Who set its end.';
COMMENT ON COLUMN auth.signing_keys.retire_reason IS 'Why.';

GRANT SELECT, INSERT, UPDATE, DELETE ON auth.access_tokens, auth.jti_denylist TO ark_system;
GRANT SELECT, INSERT, UPDATE (not_after, retired_by, retire_reason) ON auth.signing_keys TO ark_system;
ALTER TABLE auth.access_tokens ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

INSERT INTO provisioning.maintenance (task, period, description) VALUES
    ('forget-tokens', '1 minute', 'Deletes access tokens and entries of the denylist that have expired, a batch at a time.'),
    ('forget-sessions', '1 minute', 'Deletes sessions that ended more than 30 days ago, a batch at a time.');
