SET LOCAL ROLE ark_owner;

-- A user is seen by the organisations that he belongs to. The condition reads memberships, which has
-- its own policies. An array, not IN: its members are looked up in the index of users, instead of
-- every user of the platform in it.
DROP POLICY IF EXISTS scope_all_current_org ON core.users;
CREATE POLICY scope_all_current_org ON core.users
    AS RESTRICTIVE
    TO ark_app, ark_app_strict, ark_app_ro, ark_dba
    USING (id = ANY (ARRAY(SELECT m.user_id FROM core.memberships AS m WHERE m.org_id = (SELECT core.current_org()))))
    WITH CHECK (false);

-- Of which organisation, the scope says: asking twice would cost every statement twice.
DROP POLICY IF EXISTS ark_app_select_members ON core.users;
CREATE POLICY ark_app_select_members ON core.users
    FOR SELECT TO ark_app, ark_app_strict, ark_app_ro, ark_dba
    USING (id > 0);

DROP POLICY IF EXISTS ark_system_all_everything ON core.users;
CREATE POLICY ark_system_all_everything ON core.users
    TO ark_system
    USING (true)
    WITH CHECK (true);
