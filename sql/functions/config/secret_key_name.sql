SET LOCAL ROLE ark_owner;

-- The last word decides, apart from a number or an environment behind it: db_password and password_prod
-- hold one, password_min_length and token_ttl do not.
CREATE OR REPLACE FUNCTION config.secret_key_name(p_key text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$
    SELECT p_key OPERATOR(pg_catalog.~*) (
        '(^|[_.-])('
        'pass|passwd|passwords?|passphrase|pwd|passcode'
        '|secrets?|clientsecret|credentials?|creds'
        '|token|authtoken|accesstoken|bearer'
        '|(api|access|account|auth|client|cookie|crypt|encryption|hmac|jwt|licen[cs]e|master|private|root|secret|server|session|shared|signing|ssh|storage|stream|webhook|account)[_.-]?keys?'
        '|apikey|accountkey|accesskey'
        ')[0-9]*([_.-](prod|production|staging|dev|test|live|old|new|current|previous|value|plain|b64|base64|[0-9]+))?$')
$$;

COMMENT ON FUNCTION config.secret_key_name(text) IS
    'Whether a key is named like one that holds a secret: db_password, client_secret, api_key; not token_ttl, password_min_length or secret_name.';
REVOKE EXECUTE ON FUNCTION config.secret_key_name(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.secret_key_name(text) TO ark_system, ark_app, ark_app_strict, ark_dba;
