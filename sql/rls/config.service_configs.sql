SET LOCAL ROLE ark_owner;

-- RESTRICTIVE: no policy that is added later can show more than the current organisation. Names its
-- roles, because TO PUBLIC would hide everything from ark_system, too.
DROP POLICY IF EXISTS scope_all_current_org ON config.service_configs;
CREATE POLICY scope_all_current_org ON config.service_configs
    AS RESTRICTIVE
    TO ark_app, ark_app_strict, ark_app_ro, ark_dba
    USING (org_id = (SELECT core.current_org()))
    WITH CHECK (org_id = (SELECT core.current_org()));

-- Of which organisation, the scope says: asking twice would cost every statement twice.
DROP POLICY IF EXISTS ark_app_all_current_org ON config.service_configs;
CREATE POLICY ark_app_all_current_org ON config.service_configs
    TO ark_app, ark_app_strict, ark_dba
    USING (org_id > 0)
    WITH CHECK (org_id > 0);

DROP POLICY IF EXISTS ark_app_ro_select_current_org ON config.service_configs;
CREATE POLICY ark_app_ro_select_current_org ON config.service_configs
    FOR SELECT TO ark_app_ro
    USING (org_id > 0);

-- In strict mode the user's role decides, too: configuration is for admins.
DROP POLICY IF EXISTS role_insert_admin ON config.service_configs;
CREATE POLICY role_insert_admin ON config.service_configs
    AS RESTRICTIVE FOR INSERT TO ark_app_strict
    WITH CHECK ((SELECT core.may('admin')));
DROP POLICY IF EXISTS role_update_admin ON config.service_configs;
CREATE POLICY role_update_admin ON config.service_configs
    AS RESTRICTIVE FOR UPDATE TO ark_app_strict
    USING ((SELECT core.may('admin')))
    WITH CHECK ((SELECT core.may('admin')));

DROP POLICY IF EXISTS ark_system_all_everything ON config.service_configs;
CREATE POLICY ark_system_all_everything ON config.service_configs
    TO ark_system
    USING (true)
    WITH CHECK (true);

ALTER TABLE config.service_configs ALTER COLUMN org_id SET DEFAULT core.require();
