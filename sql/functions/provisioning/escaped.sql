SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.escaped(p_value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
    -- As the inside of a JSON string, so that no value can end the string it stands in. A second $
    -- tells the provisioner that ${ begins no reference.
    SELECT coalesce(
        substr(j.text, 2, length(j.text) - 2), '')
    FROM (SELECT to_json(regexp_replace(p_value, '^\$(?=\$*\{)', '$$'))::text) AS j (text)
$body$;

COMMENT ON FUNCTION provisioning.escaped(text) IS
    'A value as it stands inside a string of the blueprint; nothing if it is NULL.';
REVOKE EXECUTE ON FUNCTION provisioning.escaped(text) FROM PUBLIC;
