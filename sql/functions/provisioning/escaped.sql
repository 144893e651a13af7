SET LOCAL ROLE ark_system;

-- Not LANGUAGE sql: that would be planned anew for every job.
CREATE OR REPLACE FUNCTION provisioning.escaped(p_value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    -- A second $ tells the provisioner that ${ begins no reference.
    v_json text := to_json(regexp_replace(p_value, '^\$(?=\$*\{)', '$$'))::text;
BEGIN
    -- As the inside of a JSON string, so that no value can end the string it stands in.
    RETURN coalesce(substr(v_json, 2, length(v_json) - 2), '');
END
$body$;

COMMENT ON FUNCTION provisioning.escaped(text) IS
    'A value as it stands inside a string of the blueprint; nothing if it is NULL.';
REVOKE EXECUTE ON FUNCTION provisioning.escaped(text) FROM PUBLIC;
