SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION auth.permissions(p_role text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- What core.require and the policies ask for, in words.
    RETURN CASE p_role
        WHEN 'viewer' THEN ARRAY['data:read']
        WHEN 'member' THEN ARRAY['data:read', 'data:write']
        WHEN 'admin' THEN ARRAY['data:read', 'data:write', 'config:write', 'members:write', 'quota:write']
        WHEN 'owner' THEN ARRAY['data:read', 'data:write', 'config:write', 'members:write', 'quota:write', 'owners:write']
        ELSE '{}'
    END;
END
$$;

COMMENT ON FUNCTION auth.permissions(text) IS
    'What a role may, for the claim permissions of an access token. The database decides by the role itself, every time; this tells whoever shows buttons.';
REVOKE EXECUTE ON FUNCTION auth.permissions(text) FROM PUBLIC;
