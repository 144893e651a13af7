SET LOCAL ROLE ark_owner;

-- What issuers write in front of their tokens is their documentation's; what stands before a password,
-- and in which text, is everybody's habit.
--
-- Two expressions decide, one with and one without regard to case: PostgreSQL keeps 32 compiled ones per
-- session, and to compile costs a thousand times what to match does. The names are found afterwards.
CREATE OR REPLACE FUNCTION config.secret_shape(p_value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Most values are numbers, switches and short words.
    IF length(p_value) < 8 THEN
        RETURN NULL;
    END IF;
    IF p_value ~ ('-----BEGIN [A-Z ]*PRIVATE KEY|\mAGE-SECRET-KEY-1'
        -- RFC 7519: three parts, RFC 7516: five; the first begins with {"
        '|\meyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.'
        '|\m(AKIA|ASIA)[0-9A-Z]{16}|\mgh[pousr]_[A-Za-z0-9]{20}|\mgithub_pat_|\mgl(pat|ptt|dt|rt|cbt|ft|soat)-|\mxox[abeoprs]-|\mxapp-[0-9]-'
        '|\m[srp]k_(live|test)_|\mwhsec_|\msk-[A-Za-z0-9_-]{20}|\mSG\.[A-Za-z0-9_-]{16}|\mAIza[A-Za-z0-9_-]{20}|\mGOCSPX-|\mya29\.'
        '|\mSK[0-9a-f]{32}|\mkey-[0-9a-f]{32}|[0-9a-f]{32}-us[0-9]|\mnpm_[A-Za-z0-9]{20}|\mpypi-[A-Za-z0-9_-]{20}|\mdckr_pat_|\mdo[opr]_v1_'
        '|\mhf_[A-Za-z0-9]{20}|\mhvs\.|\mdapi[0-9a-f]{20}|\mshp(at|ca|pa|ss)_|\mlin_api_|\mNRAK-|\mATATT3x'
        '|\m[0-9]{8,10}:AA[A-Za-z0-9_-]{20}|\m[MNO][A-Za-z0-9]{23}\.[A-Za-z0-9_-]{6}\.'
        '|\m([A-Z]+_)*[A-Z]*(PASSWORD|PASSWD|SECRET|TOKEN|API_KEY|ACCESS_KEY)=[^\s$]{5}'
        '|\$(2[abxy]|5|6|1|apr1|y|gy|argon2[id]+|scrypt)\$|\mSCRAM-SHA-[0-9]+\$|\{(SSHA|SHA|SSHA512|CRYPT|PBKDF2)\}|\mpbkdf2_sha[0-9]+\$') THEN
        RETURN CASE
            WHEN p_value ~ 'PRIVATE KEY|AGE-SECRET' THEN 'private key'
            WHEN p_value ~ '\meyJ' THEN 'JSON Web Token'
            WHEN p_value ~ '\$|\{(SSHA|SHA|SSHA512|CRYPT|PBKDF2)\}' THEN 'password hash'
            WHEN p_value ~ '(PASSWORD|PASSWD|SECRET|TOKEN|KEY)=' THEN 'password in a text'
            ELSE 'token of a cloud service'
        END;
    END IF;
    -- Each of the alternatives needs one of these characters.
    IF p_value !~ '[:= ]' THEN
        RETURN NULL;
    END IF;
    IF p_value ~* ('://(hooks\.slack\.com/|([a-z]+\.)?discord(app)?\.com/api/webhooks/|([a-z0-9.-]*webhook|outlook)\.office(365)?\.com/(webhook|[a-z])|hooks\.zapier\.com/)'
        -- Who knows the path may post.
        '|://([a-z0-9.-]*\.)?(web)?hooks?\.[^\s]*/[a-z0-9_-]{24}|://[^\s]*/(web)?hooks?/[^\s]*[0-9a-f]{24}'
        -- Oracle's: jdbc:oracle:thin:user/password@host
        '|\mjdbc:[a-z]+:[a-z]+:[^/\s@]+/[^/\s@]+@'
        -- RFC 3986, section 3.2.1: a name alone is a token as often as not.
        '|://[^/\s:@?#]*:[^/\s@]+@|://[^/\s:@?#.]{20,}@|\mhttps?://[^/\s:@?#]+@'
        '|-----begin\s[a-z0-9\s]*private\s+key'
        '|[?&;](x-)?(access[_-]?|auth[_-]?)?(token|api[_-]?key|key|sig|signature|secret|client[_-]?secret|auth|password|passwd|passwort|pass|pwd|pw)=[^&\s]{8}'
        '|\m(basic|bearer|token|negotiate)\s+[a-z0-9+/_.=~-]{20}|\mbasic\s+[a-z0-9+/]{8,}='
        -- name = value, "name": "value", name: value. Not a placeholder, and no words of a sentence.
        '|(pass|passwd|password|passwort|kennwort|mot de passe|contraseña|senha|passphrase|pwd|secret|secret[_-]?key([_-]?base)?|[a-z][_-]?key|apikey|accountkey|accesskey|key-data|token|"auth")'
        '["'']?\s?([=:]|=>)\s?["'']?(?!(true|false|null|none|required|optional)\M|\$[{(A-Z])[^\s"'';,&{}\[\]<>*/]{5,}(["'';,&\s}]*$|["'';,&}\n]|\s+[a-z_]+\s?[=:])'
        '|"(pass|passwd|password|passphrase|pwd|secret|client_?secret|api_?key)"\s?:\s?"[^"$]{5,}"'
        -- A line of .pgpass.
        '|^[^:\s]+:([0-9]{2,5}|\*):[^:\s]+:[^:\s]+:[^:\s]{6,}$'
        '|\mlogin\s+\S+\s+password\s+\S|\m(curl|mysql|mysqldump|sshpass|redis-cli|mongo|mosquitto_pub)\s.*(-p|-a|-u)\s*[^\s-]\S{5}') THEN
        RETURN CASE
            WHEN p_value ~* '-----begin' THEN 'private key'
            WHEN p_value ~* '://(hooks\.|[a-z.]*discord|[a-z0-9.-]*webhook|outlook\.office)|/(web)?hooks?/' THEN 'webhook URL, which is a credential itself'
            WHEN p_value ~* '://[^/\s@?#]*@|\mjdbc:' THEN 'URL with a password'
            WHEN p_value ~* '://.*[?&;][a-z_-]+=' THEN 'URL with a credential'
            WHEN p_value ~* '\m(basic|bearer|token|negotiate)\s+\S' THEN 'authorization header'
            ELSE 'password in a text'
        END;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION config.secret_shape(text) IS
    'What kind of secret a text contains, by its shape: private key, JSON Web Token, token of a cloud service, webhook URL, URL with a password, password hash and the like. NULL: none that is known. Never says any of the text itself.';
REVOKE EXECUTE ON FUNCTION config.secret_shape(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION config.secret_shape(text) TO ark_system, ark_app, ark_app_strict, ark_dba;
