SET LOCAL ROLE ark_owner;

-- RESTRICTIVE: no policy that is added later can show more than the current organisation. Names its
-- roles, because TO PUBLIC would hide everything from ark_system, too.
DROP POLICY IF EXISTS scope_all_current_org ON core.memberships;
CREATE POLICY scope_all_current_org ON core.memberships
    AS RESTRICTIVE
    TO ark_app, ark_app_strict, ark_app_ro, ark_dba
    USING (org_id = (SELECT core.current_org()))
    WITH CHECK (org_id = (SELECT core.current_org()));

-- Of which organisation, the scope says: asking twice would cost every statement twice.
DROP POLICY IF EXISTS ark_app_select_current_org ON core.memberships;
CREATE POLICY ark_app_select_current_org ON core.memberships
    FOR SELECT TO ark_app, ark_app_strict, ark_app_ro, ark_dba
    USING (org_id > 0);

DROP POLICY IF EXISTS ark_system_all_everything ON core.memberships;
CREATE POLICY ark_system_all_everything ON core.memberships
    TO ark_system
    USING (true)
    WITH CHECK (true);
