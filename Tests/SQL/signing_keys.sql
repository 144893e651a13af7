-- Signing keys: public parts only, from PEM or JWK; the key set; an end that comes sooner, never later.
SELECT * FROM no_plan();

CREATE TEMP TABLE key (name text, algorithm text, text text, outcome text);
INSERT INTO key VALUES
('rsa', 'RS256', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAx9PWJNmauxENp7ms5uI6
3gt9tzKj89m0y86+Be2zuqAjh7Tsju2WGb/8tNek8oLYEzG7MNRFSCnTXKR7yWk3
7pEwE7a89f8Z1QQ1DR7sPQN/e8xZzC7rXKNMs4hbjB6Zc0V8nufGCgGJLmUAMjbx
7goZafYG3NomDtQWcIEvUaKDofulUvBnQub9e/yRxN7Y/Ee0sTswni4NSYDzbqbH
fgkrnwAOj+KSZCuRvjmM6ScO4U/O/ghLhNWgxTiFuj+/CYl7JrLFqV2WxNf78pNS
81dJw333jYwejsFxm5EwQtXpIASRN053dIKt81BlBO/F8nP64R8Q9sc3QonfhXVm
aQIDAQAB
-----END PUBLIC KEY-----', 'rsa'),
('ec', 'ES256', '-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgetR1In6FwXB/cdWXUlIgbJhsG7p
54uZtsYdVKkMGwGA7KzFqDtOCWKRvNTr538PUS15r8NYDiZ2nQZqUktcLw==
-----END PUBLIC KEY-----', 'ec'),
('jwk', 'ES256', '{"kty":"EC","crv":"P-256","kid":"x","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}', 'jwk'),
('rsa for ES256', 'ES256', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAx9PWJNmauxENp7ms5uI6
3gt9tzKj89m0y86+Be2zuqAjh7Tsju2WGb/8tNek8oLYEzG7MNRFSCnTXKR7yWk3
7pEwE7a89f8Z1QQ1DR7sPQN/e8xZzC7rXKNMs4hbjB6Zc0V8nufGCgGJLmUAMjbx
7goZafYG3NomDtQWcIEvUaKDofulUvBnQub9e/yRxN7Y/Ee0sTswni4NSYDzbqbH
fgkrnwAOj+KSZCuRvjmM6ScO4U/O/ghLhNWgxTiFuj+/CYl7JrLFqV2WxNf78pNS
81dJw333jYwejsFxm5EwQtXpIASRN053dIKt81BlBO/F8nP64R8Q9sc3QonfhXVm
aQIDAQAB
-----END PUBLIC KEY-----', '22023'),
('ec for RS256', 'RS256', '-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgetR1In6FwXB/cdWXUlIgbJhsG7p
54uZtsYdVKkMGwGA7KzFqDtOCWKRvNTr538PUS15r8NYDiZ2nQZqUktcLw==
-----END PUBLIC KEY-----', '22023'),
('1024 bits', 'RS256', '-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDzBh8ck3QiEx43BNIjrorzpPBm
4UoewGPMOiKvXHDIrOtk1trTbcMvKRMxD3kQoGqKnHlI2Mt4xeyhMTRWdjuPj+6d
O8IEda8JQsRM6Qdcm/mQY8tJCjxL78mk4W3QuhRGCy4iXGYr043ZYVKfC//rfsoL
kJ/pfkOqLpjOrRRJRQIDAQAB
-----END PUBLIC KEY-----', '22023'),
('P-384', 'ES256', '-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEidOdbrYQSiJeh8BbMsCJD7mb6iEj+IFj
BKpawXoGB0b9SMREj9gFOb3HVNKsUcbAKhVIpMK98Fl/qwTQ1v5vhRW3q8fU4x4P
b4kRS54Ui6yZP9dl63dt90lVkZkhXPI8
-----END PUBLIC KEY-----', '22023'),
('PEM with a part missing', 'ES256', replace('-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgetR1In6FwXB/cdWXUlIgbJhsG7p
54uZtsYdVKkMGwGA7KzFqDtOCWKRvNTr538PUS15r8NYDiZ2nQZqUktcLw==
-----END PUBLIC KEY-----', 'MFkw', ''), '22023'),
('PEM cut off', 'RS256', replace('-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAx9PWJNmauxENp7ms5uI6
3gt9tzKj89m0y86+Be2zuqAjh7Tsju2WGb/8tNek8oLYEzG7MNRFSCnTXKR7yWk3
7pEwE7a89f8Z1QQ1DR7sPQN/e8xZzC7rXKNMs4hbjB6Zc0V8nufGCgGJLmUAMjbx
7goZafYG3NomDtQWcIEvUaKDofulUvBnQub9e/yRxN7Y/Ee0sTswni4NSYDzbqbH
fgkrnwAOj+KSZCuRvjmM6ScO4U/O/ghLhNWgxTiFuj+/CYl7JrLFqV2WxNf78pNS
81dJw333jYwejsFxm5EwQtXpIASRN053dIKt81BlBO/F8nP64R8Q9sc3QonfhXVm
aQIDAQAB
-----END PUBLIC KEY-----', 'aQIDAQAB', ''), '22023'),
('private PEM', 'ES256', '-----BEGIN PRIVATE KEY-----' || chr(10) || 'AAAA', 'AR422'),
('private PEM of EC', 'ES256', '-----BEGIN EC PRIVATE KEY-----' || chr(10) || 'AAAA', 'AR422'),
('private JWK', 'ES256', '{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"AA"}', 'AR422'),
('symmetric JWK', 'ES256', '{"kty":"oct","k":"AA"}', 'AR422'),
('a coordinate that is short', 'ES256', '{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvR","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}', '22023'),
('no point', 'ES256', '{"kty":"EC","crv":"P-256"}', '22023'),
('another curve', 'ES256', '{"kty":"EC","crv":"P-384"}', '22023'),
('another exponent', 'RS256', '{"kty":"RSA","e":"Aw","n":"x9PWJNmauxENp7ms5uI63gt9tzKj89m0y86-Be2zuqAjh7Tsju2WGb_8tNek8oLYEzG7MNRFSCnTXKR7yWk37pEwE7a89f8Z1QQ1DR7sPQN_e8xZzC7rXKNMs4hbjB6Zc0V8nufGCgGJLmUAMjbx7goZafYG3NomDtQWcIEvUaKDofulUvBnQub9e_yRxN7Y_Ee0sTswni4NSYDzbqbHfgkrnwAOj-KSZCuRvjmM6ScO4U_O_ghLhNWgxTiFuj-_CYl7JrLFqV2WxNf78pNS81dJw333jYwejsFxm5EwQtXpIASRN053dIKt81BlBO_F8nP64R8Q9sc3QonfhXVmaQ"}', '22023'),
('HS256', 'HS256', '{}', '22023'), ('none', 'none', '{}', '22023'), ('no algorithm', NULL, '{}', '22023'),
('nothing', 'ES256', '', '22023'), ('NULL', 'ES256', NULL, '22023'), ('an array', 'ES256', '[]', '22023');
GRANT SELECT ON key TO PUBLIC;
SELECT is(do_as('dba', NULL, format('SELECT kid FROM admin.add_signing_key(%L, %L, %L)', replace(name, ' ', '-'), algorithm, text)), outcome, 'a key: ' || name) FROM key;
SELECT is((SELECT public_key FROM auth.signing_keys WHERE kid = 'rsa'), '{"kty": "RSA", "e": "AQAB", "n": "x9PWJNmauxENp7ms5uI63gt9tzKj89m0y86-Be2zuqAjh7Tsju2WGb_8tNek8oLYEzG7MNRFSCnTXKR7yWk37pEwE7a89f8Z1QQ1DR7sPQN_e8xZzC7rXKNMs4hbjB6Zc0V8nufGCgGJLmUAMjbx7goZafYG3NomDtQWcIEvUaKDofulUvBnQub9e_yRxN7Y_Ee0sTswni4NSYDzbqbHfgkrnwAOj-KSZCuRvjmM6ScO4U_O_ghLhNWgxTiFuj-_CYl7JrLFqV2WxNf78pNS81dJw333jYwejsFxm5EwQtXpIASRN053dIKt81BlBO_F8nP64R8Q9sc3QonfhXVmaQ"}'::jsonb, 'an RSA key as openssl has it');
SELECT is((SELECT public_key FROM auth.signing_keys WHERE kid = 'ec'), '{"kty": "EC", "crv": "P-256", "x": "getR1In6FwXB_cdWXUlIgbJhsG7p54uZtsYdVKkMGwE", "y": "gOysxag7TglikbzU6-d_D1Etea_DWA4mdp0GalJLXC8"}'::jsonb, 'a P-256 key as openssl has it');
SELECT throws_ok($$SELECT admin.add_signing_key('k', 'ES256', '{"kty":"EC","d":"c2VjcmV0"}')$$, 'AR422', 'this is a private key', 'a private key is refused, and not repeated');
SELECT throws_ok($$INSERT INTO auth.signing_keys (kid, algorithm, public_key, added_by) VALUES ('k', 'ES256', '{"d": "x"}', 'x')$$, '23514', NULL, 'also by the table itself');
SELECT is(do_as('dba', NULL, format('SELECT kid FROM admin.add_signing_key(%L, %L, %L)', kid, algorithm, text)), v.outcome, format('again as %L: %s', kid, v.outcome))
FROM (VALUES ('ec', 'ec', 'ec'), ('ec', 'jwk', 'AR409'), ('a b', 'jwk', '23514'), ('', 'jwk', '23514')) AS v (kid, name, outcome) JOIN key USING (name);
SELECT is(do_as('dba', NULL, format('SELECT kid FROM admin.add_signing_key(%s, ''ES256'', %L, %s)', kid, text, begin)), '22023', format('a key %s from %s on', kid, begin))
FROM key, (VALUES ('NULL', 'now()'), ('''nobody''', 'NULL')) AS v (kid, begin) WHERE name = 'jwk';
SELECT is(do_as('dba', NULL, format('SELECT not_after = now() + interval ''3 hours'' FROM admin.add_signing_key(''ends'', ''ES256'', %L, now(), now() + %L::interval)', text, after)), v.outcome, 'a key that ends ' || after)
FROM key, (VALUES ('-1 us', '23514'), ('3 hours', 'true')) AS v (after, outcome) WHERE name = 'jwk' ORDER BY after;
SELECT is(do_as('dba', NULL, $$SELECT not_after <= clock_timestamp() FROM admin.retire_signing_key('ends', 'only to see')$$), 'true', 'which comes sooner then');
SELECT is(do_as('gateway', NULL, $$SELECT api.jwks() @? '$.keys[*] ? (@.kid == "ec" && @.alg == "ES256" && @.use == "sig" && @.x == "getR1In6FwXB_cdWXUlIgbJhsG7p54uZtsYdVKkMGwE")'$$), 'true', 'the key set');
SELECT is(do_as('gateway', NULL, $$SELECT jsonb_array_length(api.jwks() -> 'keys')$$), '3', 'has three');
SELECT is(do_as('dba', NULL, $$SELECT not_after IS NOT NULL FROM admin.retire_signing_key('jwk', 'rotation', now() + interval '2 hours')$$), 'true', 'a key will end');
SELECT is(do_as('dba', NULL, $$SELECT not_after <= clock_timestamp() FROM admin.retire_signing_key('ec', 'leaked')$$), 'true', 'another ends now');
SELECT is(do_as('gateway', NULL, $$SELECT string_agg(k ->> 'kid', ',' ORDER BY k ->> 'kid') FROM jsonb_array_elements(api.jwks() -> 'keys') AS k$$), 'jwk,rsa', 'and is not in the key set');
SELECT is(do_as('dba', NULL, $$SELECT kid FROM admin.add_signing_key('next', 'ES256', (SELECT text FROM key WHERE name = 'ec'), now() + interval '1 hour')$$), 'next', 'one that is to come');
SELECT is(do_as('auditor', NULL, $$SELECT string_agg(kid || ' ' || state, ', ' ORDER BY kid) FROM admin.signing_keys()$$), 'ec retired, ends retired, jwk in use, to be retired, next to come, rsa in use', 'what an auditor sees');
SELECT is(do_as('dba', NULL, format('SELECT kid FROM admin.retire_signing_key(%s)', arguments)), state, 'retire: ' || arguments)
FROM (VALUES ('''ec'', ''r'', now() + interval ''1 hour''', '55000'), ('''ec'', ''r'', NULL', '55000'), ('''none'', ''r''', 'P0002'), ('''rsa'', ''''', '22023'), ('''jwk'', ''sooner''', 'jwk'), ('''next'', ''never used''', 'next')) AS v (arguments, state);
SELECT is((SELECT array_agg(retired_by || ': ' || retire_reason ORDER BY kid) FROM auth.signing_keys WHERE kid IN ('ec', 'jwk')), '{"dba: leaked","dba: sooner"}', 'who and why');

SELECT * FROM finish();
