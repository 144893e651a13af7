SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.adjust_bill(
    p_org_id bigint, p_amount numeric, p_reason text, p_corrects timestamptz DEFAULT NULL, p_currency text DEFAULT 'EUR')
RETURNS finops.adjustments
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_row finops.adjustments;
BEGIN
    PERFORM core.require_reason(p_reason);
    IF NOT EXISTS (SELECT FROM core.organizations AS o WHERE o.id = p_org_id AND o.id > 0) THEN
        RAISE EXCEPTION 'there is no organisation %', coalesce(p_org_id::text, 'NULL') USING ERRCODE = 'P0002';
    END IF;
    IF p_amount IS NULL OR p_amount = 0 OR NOT abs(p_amount) < 1e12 OR scale(trim_scale(p_amount)) > 2
        OR p_currency IS NULL OR p_currency !~ '^[A-Z]{3}$' THEN
        RAISE EXCEPTION '% % is no amount', coalesce(p_amount::text, 'NULL'), coalesce(p_currency, 'NULL')
            USING ERRCODE = '22023', HINT = 'Not 0, at most two decimals, negative for a credit; the currency as EUR.';
    END IF;
    IF p_corrects > clock_timestamp() THEN
        RAISE EXCEPTION 'what has not come yet needs no correction' USING ERRCODE = '22023';
    END IF;
    INSERT INTO finops.adjustments AS j (org_id, corrects, amount, currency, reason, actor)
    VALUES (p_org_id, p_corrects, trim_scale(p_amount), p_currency, p_reason, core.actor())
    RETURNING * INTO v_row;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION admin.adjust_bill(bigint, numeric, text, timestamptz, text) IS
    'Books a correction, negative for a credit, on an organisation''s bill: a line of the time at which it is booked, with the time that it corrects. It stays; another one takes it back. P0002: no such organisation. 22023: no amount or no reason. AR422: the reason holds what looks like a secret. Example: SELECT * FROM admin.adjust_bill(123, -42.50, ''outage of 12 October'', ''2025-10-12'');';
REVOKE EXECUTE ON FUNCTION admin.adjust_bill(bigint, numeric, text, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.adjust_bill(bigint, numeric, text, timestamptz, text) TO ark_dba;
