SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.looks_like_secret(p_key text, p_value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p_key ~* '(^|[_.-])(password|passwd|passphrase|secret|private_?key|api_?key|access_?key|credentials?)($|[_.-])'
        OR p_value ~ '-----BEGIN [A-Z ]*PRIVATE KEY-----'
        -- JSON Web Token: three base64url parts, the first of which begins with {"
        OR p_value ~ '\meyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*'
        -- user:password@host in any URL or connection string
        OR p_value ~* '[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@'
        OR p_value ~* '\m(password|pwd|secret|token|api[_-]?key|account_?key)\s*[=:]\s*[^\s;&]{4,}'
        -- AWS, GitHub, GitLab, Slack, Google, Stripe, OpenAI
        OR p_value ~ '\m(AKIA|ASIA)[0-9A-Z]{16}\M'
        OR p_value ~ '\m(ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{30,}'
        OR p_value ~ '\mgithub_pat_[A-Za-z0-9_]{30,}'
        OR p_value ~ '\mglpat-[A-Za-z0-9_-]{20,}'
        OR p_value ~ '\mxox[abeoprs]-[A-Za-z0-9-]{10,}'
        OR p_value ~ '\mAIza[A-Za-z0-9_-]{35}'
        OR p_value ~ '\m(sk|rk|pk)_(live|test)_[A-Za-z0-9]{16,}'
        OR p_value ~ '\msk-[A-Za-z0-9_-]{20,}'
$$;

COMMENT ON FUNCTION config.looks_like_secret(text, text) IS
    'Whether a key''s name or a value''s shape is that of a secret: private keys, JSON Web Tokens, cloud keys, credentials in URLs.';
REVOKE EXECUTE ON FUNCTION config.looks_like_secret(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.looks_like_secret(text, text) TO ark_system, ark_app, ark_app_strict, ark_dba;

-- Holds even where the trigger is disabled. NOT VALID: a stricter rule must not fail on rows that an
-- older one let in.
ALTER TABLE config.service_configs DROP CONSTRAINT IF EXISTS value_is_no_secret;
ALTER TABLE config.service_configs
    ADD CONSTRAINT value_is_no_secret CHECK (NOT config.looks_like_secret(key, value)) NOT VALID;
