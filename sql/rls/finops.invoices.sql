SET LOCAL ROLE ark_owner;

-- Only functions read and write it.
DROP POLICY IF EXISTS ark_system_all_everything ON finops.invoices;
CREATE POLICY ark_system_all_everything ON finops.invoices
    TO ark_system
    USING (true)
    WITH CHECK (true);
