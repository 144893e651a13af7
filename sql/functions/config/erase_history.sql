SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION config.erase_history(
    p_org bigint, p_history_id bigint, p_fields text[], p_reason text) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_row    config.config_history;
    v_fields text[];
BEGIN
    PERFORM core.require_reason(p_reason);
    IF p_fields IS NULL OR NOT p_fields <@ config.erasable_fields() THEN
        RAISE EXCEPTION 'no personal data lies in %', coalesce(p_fields, '{}')
            USING ERRCODE = '22023', HINT = format('Fields: %s.', array_to_string(config.erasable_fields(), ', '));
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'history is erased under READ COMMITTED only' USING ERRCODE = '55000';
    END IF;

    -- Nobody seals the row between the statements below.
    INSERT INTO config.history_heads (org_id)
    SELECT o.id FROM core.organizations AS o WHERE o.id = p_org
    ON CONFLICT DO NOTHING;
    PERFORM FROM config.history_heads AS t WHERE t.org_id = p_org FOR UPDATE;

    SELECT * INTO v_row FROM config.config_history AS h WHERE h.org_id = p_org AND h.history_id = p_history_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'organisation % has no history %', p_org, p_history_id USING ERRCODE = 'P0002';
    END IF;
    v_fields := ARRAY(
        SELECT f.field
        FROM (VALUES ('old_value', v_row.old_value), ('new_value', v_row.new_value),
                     ('changed_by', v_row.changed_by), ('login', v_row.login::text),
                     ('reason', v_row.reason)) AS f (field, content)
        WHERE f.field = ANY (p_fields) AND f.content <> '[erased]'
          -- Who can still log in is no case for erasure, and does not hide what he did.
          AND NOT (f.field = 'login' AND EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = f.content)));
    IF v_fields = '{}' THEN
        RETURN v_fields;
    END IF;

    -- Recorded first: by this record the triggers let the rest pass.
    INSERT INTO config.history_erasures (org_id, history_id, fields, erased_by, login, erased_at, reason, xid)
    VALUES (p_org, p_history_id, v_fields,
            core.actor(), session_user,
            clock_timestamp(), p_reason, pg_current_xact_id());

    -- The salts go with the text. What remains are digests, which prove the rest of the row and say
    -- nothing of what was there.
    UPDATE config.history_chain AS c
    SET digests = ARRAY(
            SELECT CASE WHEN c.salts[f.n] IS NOT NULL AND f.field = ANY (v_fields) THEN
                       config.history_digest(c.salts[f.n], f.content)
                   ELSE c.digests[f.n] END
            FROM (VALUES (1, 'old_value', v_row.old_value), (2, 'new_value', v_row.new_value),
                         (3, 'changed_by', v_row.changed_by), (4, 'login', v_row.login::text),
                         (5, 'reason', v_row.reason)) AS f (n, field, content)
            ORDER BY f.n),
        salts = ARRAY(
            SELECT CASE WHEN f.field = ANY (v_fields) THEN NULL ELSE c.salts[f.n] END
            FROM unnest(config.erasable_fields()) WITH ORDINALITY AS f (field, n)
            ORDER BY f.n)
    WHERE c.org_id = p_org AND c.history_id = p_history_id;

    UPDATE config.config_history AS h
    SET old_value = CASE WHEN 'old_value' = ANY (v_fields) THEN '[erased]' ELSE h.old_value END,
        new_value = CASE WHEN 'new_value' = ANY (v_fields) THEN '[erased]' ELSE h.new_value END,
        changed_by = CASE WHEN 'changed_by' = ANY (v_fields) THEN '[erased]' ELSE h.changed_by END,
        login = CASE WHEN 'login' = ANY (v_fields) THEN '[erased]' ELSE h.login END,
        reason = CASE WHEN 'reason' = ANY (v_fields) THEN '[erased]' ELSE h.reason END
    WHERE h.org_id = p_org AND h.history_id = p_history_id;
    RETURN v_fields;
END
$$;

COMMENT ON FUNCTION config.erase_history(bigint, bigint, text[], text) IS
    'Replaces fields of one row of config_history by [erased], drops their salts from the chain and records it in history_erasures. The name of a login that still exists stays. Returns the fields in which there was something to erase. 22023: no reason, or a field that is none of config.erasable_fields(); P0002: no such row; 55000: not READ COMMITTED.';
REVOKE EXECUTE ON FUNCTION config.erase_history(bigint, bigint, text[], text) FROM PUBLIC;
