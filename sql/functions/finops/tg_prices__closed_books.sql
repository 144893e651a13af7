SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION finops.tg_prices__closed_books() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_closed timestamptz := (SELECT b.closed_until FROM finops.books AS b FOR SHARE);
    v_since  timestamptz;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.resource, lower(NEW.valid), NEW.price, NEW.currency) IS DISTINCT FROM (OLD.resource, lower(OLD.valid), OLD.price, OLD.currency) THEN
            RAISE EXCEPTION 'of a price only the end changes' USING ERRCODE = '55000', HINT = 'admin.set_price sets another one.';
        END IF;
        v_since := least(coalesce(upper(OLD.valid), 'infinity'), coalesce(upper(NEW.valid), 'infinity'));
    ELSE
        v_since := coalesce(lower(CASE TG_OP WHEN 'INSERT' THEN NEW.valid ELSE OLD.valid END), '-infinity');
    END IF;
    IF v_closed IS NULL OR (v_since < v_closed) THEN
        RAISE EXCEPTION 'the books are closed until %: prices before stay as they are', v_closed
            USING ERRCODE = '55000', HINT = 'admin.adjust_bill corrects a bill, in the period that is open.';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

COMMENT ON FUNCTION finops.tg_prices__closed_books() IS
    'Refuses (55000) to change a price of a time whose books are closed, and of any price anything but its end.';
REVOKE EXECUTE ON FUNCTION finops.tg_prices__closed_books() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION finops.tg_prices__closed_books() TO ark_owner;

SET LOCAL ROLE ark_owner;
CREATE OR REPLACE TRIGGER closed_books BEFORE INSERT OR UPDATE OR DELETE ON finops.prices
    FOR EACH ROW EXECUTE FUNCTION finops.tg_prices__closed_books();
ALTER TABLE finops.prices ENABLE ALWAYS TRIGGER closed_books;

-- What is closed is closed.
DO $$
DECLARE
    v_table regclass;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['finops.periods', 'finops.invoices', 'finops.adjustments']::regclass[] LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION core.tg_append_only()', v_table);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', v_table);
    END LOOP;
END
$$;
