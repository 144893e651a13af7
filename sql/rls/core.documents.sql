SET LOCAL ROLE ark_owner;

-- RESTRICTIVE: no policy that is added later can show more than the current organisation. Names its
-- roles, because TO PUBLIC would hide everything from ark_system, too.
DROP POLICY IF EXISTS scope_all_current_org ON core.documents;
CREATE POLICY scope_all_current_org ON core.documents
    AS RESTRICTIVE
    TO ark_app, ark_app_strict, ark_app_ro, ark_dba
    USING (org_id = (SELECT core.current_org()))
    WITH CHECK (org_id = (SELECT core.current_org()));

-- Of which organisation, the scope says: asking twice would cost every statement twice.
DROP POLICY IF EXISTS ark_app_all_current_org ON core.documents;
CREATE POLICY ark_app_all_current_org ON core.documents
    TO ark_app, ark_app_strict, ark_dba
    USING (org_id > 0)
    WITH CHECK (org_id > 0);

DROP POLICY IF EXISTS ark_app_ro_select_current_org ON core.documents;
CREATE POLICY ark_app_ro_select_current_org ON core.documents
    FOR SELECT TO ark_app_ro
    USING (org_id > 0);

-- In strict mode the user's role decides, too: a viewer changes nothing.
DROP POLICY IF EXISTS role_insert_member ON core.documents;
CREATE POLICY role_insert_member ON core.documents
    AS RESTRICTIVE FOR INSERT TO ark_app_strict
    WITH CHECK ((SELECT core.may('member')));
DROP POLICY IF EXISTS role_update_member ON core.documents;
CREATE POLICY role_update_member ON core.documents
    AS RESTRICTIVE FOR UPDATE TO ark_app_strict
    USING ((SELECT core.may('member')))
    WITH CHECK ((SELECT core.may('member')));
DROP POLICY IF EXISTS role_delete_member ON core.documents;
CREATE POLICY role_delete_member ON core.documents
    AS RESTRICTIVE FOR DELETE TO ark_app_strict
    USING ((SELECT core.may('member')));

DROP POLICY IF EXISTS ark_system_all_everything ON core.documents;
CREATE POLICY ark_system_all_everything ON core.documents
    TO ark_system
    USING (true)
    WITH CHECK (true);

ALTER TABLE core.documents ALTER COLUMN org_id SET DEFAULT core.require();
