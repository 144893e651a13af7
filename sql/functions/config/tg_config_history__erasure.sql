SET LOCAL ROLE ark_owner;

-- The one UPDATE that history knows: columns that this transaction has recorded in history_erasures
-- become [erased], and everything else stays as it is.
CREATE OR REPLACE FUNCTION config.tg_config_history__erasure() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_fields   text[];
    v_expected config.config_history := OLD;
BEGIN
    SELECT array_agg(f) INTO v_fields
    FROM config.history_erasures AS e, unnest(e.fields) AS f
    WHERE e.org_id = OLD.org_id AND e.history_id = OLD.history_id AND e.xid = pg_current_xact_id();

    v_expected.old_value := CASE WHEN 'old_value' = ANY (v_fields) THEN '[erased]' ELSE OLD.old_value END;
    v_expected.new_value := CASE WHEN 'new_value' = ANY (v_fields) THEN '[erased]' ELSE OLD.new_value END;
    v_expected.changed_by := CASE WHEN 'changed_by' = ANY (v_fields) THEN '[erased]' ELSE OLD.changed_by END;
    v_expected.login := CASE WHEN 'login' = ANY (v_fields) THEN '[erased]' ELSE OLD.login END;
    v_expected.reason := CASE WHEN 'reason' = ANY (v_fields) THEN '[erased]' ELSE OLD.reason END;

    IF v_fields IS NULL OR NEW IS DISTINCT FROM v_expected THEN
        RAISE EXCEPTION 'config.config_history is append-only: UPDATE is refused'
            USING ERRCODE = '42501', HINT = 'admin.erase_personal_data erases a person.';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION config.tg_config_history__erasure() IS
    'Refuses every UPDATE of a row (42501) but the erasure that the same transaction has recorded in config.history_erasures.';
REVOKE EXECUTE ON FUNCTION config.tg_config_history__erasure() FROM PUBLIC;

CREATE OR REPLACE TRIGGER erasure
    BEFORE UPDATE ON config.config_history
    FOR EACH ROW EXECUTE FUNCTION config.tg_config_history__erasure();
ALTER TABLE config.config_history ENABLE ALWAYS TRIGGER erasure;
