SET LOCAL ROLE ark_owner;

-- No application reads this table: only the functions of ark_system do.
DROP POLICY IF EXISTS ark_system_all_everything ON auth.access_tokens;
CREATE POLICY ark_system_all_everything ON auth.access_tokens
    TO ark_system
    USING (true)
    WITH CHECK (true);
