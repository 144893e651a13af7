SET LOCAL ROLE ark_system;

-- What a bill is made of. FOR SHARE: who closes the books waits for us, or we see that they are closed,
-- under REPEATABLE READ by a serialization failure.
CREATE OR REPLACE FUNCTION finops.tg_closed_books() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_closed timestamptz := (SELECT b.closed_until FROM finops.books AS b FOR SHARE);
    v_at     timestamptz := CASE TG_TABLE_NAME
        WHEN 'quota_changes' THEN (to_jsonb(NEW) ->> 'effective_at')::timestamptz
        WHEN 'organization_events' THEN (to_jsonb(NEW) ->> 'occurred_at')::timestamptz
        WHEN 'adjustments' THEN (to_jsonb(NEW) ->> 'booked_at')::timestamptz
        WHEN 'organizations' THEN least((to_jsonb(OLD) ->> 'committed_at')::timestamptz, (to_jsonb(NEW) ->> 'committed_at')::timestamptz)
        END;
BEGIN
    IF v_closed IS NULL THEN
        RAISE EXCEPTION 'finops.books has no row' USING ERRCODE = '55000';
    END IF;
    IF v_at < v_closed THEN
        RAISE EXCEPTION 'the books are closed until %: %.% takes nothing of %', v_closed, TG_TABLE_SCHEMA, TG_TABLE_NAME, v_at
            USING ERRCODE = '55000', HINT = 'admin.adjust_bill corrects a bill, in the period that is open.';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION finops.tg_closed_books() IS
    'Refuses (55000) what would change a bill of a period that is closed, whoever writes it.';
REVOKE EXECUTE ON FUNCTION finops.tg_closed_books() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION finops.tg_closed_books() TO ark_owner;

SET LOCAL ROLE ark_owner;
CREATE OR REPLACE TRIGGER closed_books BEFORE INSERT ON finops.quota_changes
    FOR EACH ROW EXECUTE FUNCTION finops.tg_closed_books();
CREATE OR REPLACE TRIGGER closed_books BEFORE INSERT ON core.organization_events
    FOR EACH ROW WHEN (NEW.what = 'status') EXECUTE FUNCTION finops.tg_closed_books();
CREATE OR REPLACE TRIGGER closed_books BEFORE INSERT ON finops.adjustments
    FOR EACH ROW EXECUTE FUNCTION finops.tg_closed_books();
CREATE OR REPLACE TRIGGER closed_books BEFORE UPDATE ON core.organizations
    FOR EACH ROW WHEN (OLD.committed_at IS DISTINCT FROM NEW.committed_at) EXECUTE FUNCTION finops.tg_closed_books();
ALTER TABLE finops.quota_changes ENABLE ALWAYS TRIGGER closed_books;
ALTER TABLE core.organization_events ENABLE ALWAYS TRIGGER closed_books;
ALTER TABLE finops.adjustments ENABLE ALWAYS TRIGGER closed_books;
ALTER TABLE core.organizations ENABLE ALWAYS TRIGGER closed_books;
