SET LOCAL ROLE ark_owner;

-- Only functions read and write it.
DROP POLICY IF EXISTS ark_system_all_everything ON finops.adjustments;
CREATE POLICY ark_system_all_everything ON finops.adjustments
    TO ark_system
    USING (true)
    WITH CHECK (true);
