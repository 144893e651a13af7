SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION finops.tg_open_books() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_closed timestamptz := (SELECT b.closed_until FROM finops.books AS b FOR SHARE);
BEGIN
    IF v_closed IS NULL OR v_closed > '-infinity' THEN
        RAISE EXCEPTION 'the books are closed until %: % of %.% would change bills before', v_closed, TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = '55000', HINT = 'admin.adjust_bill corrects a bill, in the period that is open.';
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION finops.tg_open_books() IS
    'Refuses (55000) what has no time, and so would change every bill, once a period is closed.';
REVOKE EXECUTE ON FUNCTION finops.tg_open_books() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION finops.tg_open_books() TO ark_owner;

SET LOCAL ROLE ark_owner;
CREATE OR REPLACE TRIGGER open_books BEFORE INSERT OR DELETE OR UPDATE OF resource, unit, units, billed_in OR TRUNCATE ON finops.resources
    FOR EACH STATEMENT EXECUTE FUNCTION finops.tg_open_books();
CREATE OR REPLACE TRIGGER open_books BEFORE TRUNCATE ON finops.prices
    FOR EACH STATEMENT EXECUTE FUNCTION finops.tg_open_books();
ALTER TABLE finops.resources ENABLE ALWAYS TRIGGER open_books;
ALTER TABLE finops.prices ENABLE ALWAYS TRIGGER open_books;
