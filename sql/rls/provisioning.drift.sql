SET LOCAL ROLE ark_owner;

-- No application reads this table: only the functions of ark_system do.
DROP POLICY IF EXISTS ark_system_all_everything ON provisioning.drift;
CREATE POLICY ark_system_all_everything ON provisioning.drift
    TO ark_system
    USING (true)
    WITH CHECK (true);
