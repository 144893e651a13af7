SET LOCAL ROLE ark_owner;

-- Only functions read and write it.
DROP POLICY IF EXISTS ark_system_all_everything ON finops.usage_samples;
CREATE POLICY ark_system_all_everything ON finops.usage_samples
    TO ark_system
    USING (true)
    WITH CHECK (true);
