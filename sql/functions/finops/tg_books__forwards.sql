SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION finops.tg_books__forwards() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR NEW.closed_until < OLD.closed_until OR NEW.only_row IS DISTINCT FROM OLD.only_row THEN
        RAISE EXCEPTION 'what is closed stays closed'
            USING ERRCODE = '55000', HINT = 'admin.adjust_bill corrects a bill, in the period that is open.';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION finops.tg_books__forwards() IS 'Refuses (55000) to open books again, whoever tries.';
REVOKE EXECUTE ON FUNCTION finops.tg_books__forwards() FROM PUBLIC;

CREATE OR REPLACE TRIGGER forwards BEFORE UPDATE OR DELETE ON finops.books
    FOR EACH ROW EXECUTE FUNCTION finops.tg_books__forwards();
CREATE OR REPLACE TRIGGER forwards_truncate BEFORE TRUNCATE ON finops.books
    FOR EACH STATEMENT EXECUTE FUNCTION finops.tg_books__forwards();
ALTER TABLE finops.books ENABLE ALWAYS TRIGGER forwards;
ALTER TABLE finops.books ENABLE ALWAYS TRIGGER forwards_truncate;
