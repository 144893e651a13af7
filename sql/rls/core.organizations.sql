SET LOCAL ROLE ark_owner;

-- RESTRICTIVE: no policy that is added later can show more than the current organisation. Names its
-- roles, because TO PUBLIC would hide everything from ark_system, too.
DROP POLICY IF EXISTS scope_all_current_org ON core.organizations;
CREATE POLICY scope_all_current_org ON core.organizations
    AS RESTRICTIVE
    TO ark_app, ark_app_strict, ark_app_ro, ark_dba
    USING (id = (SELECT core.current_org()))
    WITH CHECK (id = (SELECT core.current_org()));

-- Of which organisation, the scope says: asking twice would cost every statement twice.
DROP POLICY IF EXISTS ark_app_select_current_org ON core.organizations;
CREATE POLICY ark_app_select_current_org ON core.organizations
    FOR SELECT TO ark_app, ark_app_strict, ark_app_ro, ark_dba
    USING (id > 0);

DROP POLICY IF EXISTS ark_system_all_everything ON core.organizations;
CREATE POLICY ark_system_all_everything ON core.organizations
    TO ark_system
    USING (true)
    WITH CHECK (true);
