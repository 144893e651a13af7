SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION config.tg_history_chain__erasure() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_fields   text[];
    v_expected config.history_chain := OLD;
BEGIN
    SELECT array_agg(f) INTO v_fields
    FROM config.history_erasures AS e, unnest(e.fields) AS f
    WHERE e.org_id = OLD.org_id AND e.history_id = OLD.history_id AND e.xid = pg_current_xact_id();

    v_expected.salts := NEW.salts;
    v_expected.digests := NEW.digests;
    IF v_fields IS NULL OR NEW IS DISTINCT FROM v_expected
        OR EXISTS (
            SELECT FROM unnest(config.erasable_fields()) WITH ORDINALITY AS f (field, n)
            WHERE CASE
                WHEN OLD.salts[n] IS NOT NULL AND f.field = ANY (v_fields)
                    THEN NEW.salts[n] IS NOT NULL OR NEW.digests[n] IS NULL
                ELSE NEW.salts[n] IS DISTINCT FROM OLD.salts[n]
                    OR NEW.digests[n] IS DISTINCT FROM OLD.digests[n]
            END)
    THEN
        RAISE EXCEPTION 'config.history_chain is append-only: UPDATE is refused'
            USING ERRCODE = '42501', HINT = 'admin.erase_personal_data erases a person.';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION config.tg_history_chain__erasure() IS
    'Refuses every UPDATE of the chain (42501) but that a salt gives way to its digest, for a column whose erasure the same transaction has recorded.';
REVOKE EXECUTE ON FUNCTION config.tg_history_chain__erasure() FROM PUBLIC;

CREATE OR REPLACE TRIGGER erasure
    BEFORE UPDATE ON config.history_chain
    FOR EACH ROW EXECUTE FUNCTION config.tg_history_chain__erasure();
ALTER TABLE config.history_chain ENABLE ALWAYS TRIGGER erasure;
