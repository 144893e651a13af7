SET LOCAL ROLE ark_owner;

-- Granted to no application. RESTRICTIVE all the same: no policy or grant that is added later can show
-- more than the current organisation.
DROP POLICY IF EXISTS scope_all_current_org ON config.history_heads;
CREATE POLICY scope_all_current_org ON config.history_heads
    AS RESTRICTIVE
    TO ark_app, ark_app_strict, ark_app_ro, ark_dba
    USING (org_id = (SELECT core.current_org()))
    WITH CHECK (org_id = (SELECT core.current_org()));

DROP POLICY IF EXISTS ark_system_all_everything ON config.history_heads;
CREATE POLICY ark_system_all_everything ON config.history_heads
    TO ark_system
    USING (true)
    WITH CHECK (true);
