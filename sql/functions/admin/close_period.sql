SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.close_period(p_from timestamptz, p_to timestamptz, p_reason text)
RETURNS finops.periods
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_closed timestamptz;
    v_first  timestamptz;
    v_row    finops.periods;
BEGIN
    PERFORM core.require_reason(p_reason);
    PERFORM finops.require_range(p_from, p_to);
    -- After the lock the next statement must see what those have written whom it has waited for.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'books are closed under READ COMMITTED only' USING ERRCODE = '55000';
    END IF;
    IF p_from = p_to OR NOT isfinite(p_from) OR NOT isfinite(p_to) THEN
        RAISE EXCEPTION '% to % is no period', p_from, p_to USING ERRCODE = '22023';
    END IF;
    SELECT b.closed_until INTO STRICT v_closed FROM finops.books AS b FOR UPDATE;
    IF isfinite(v_closed) AND p_from <> v_closed THEN
        RAISE EXCEPTION 'the books are closed until %: the next period begins there', v_closed USING ERRCODE = '55000';
    END IF;
    -- What was done in time may be committed a little later. now(), not the clock: a transaction is billed
    -- up to its begin, and one that is older than the period's end would leave the rest out for good.
    IF p_to > now() - interval '1 hour' THEN
        RAISE EXCEPTION 'a period is closed an hour after its end at the earliest'
            USING ERRCODE = '55000', HINT = 'Counted from the begin of the transaction.';
    END IF;
    -- What lies before the first period is closed with it, and would never be invoiced.
    SELECT min(lower(l.during)) INTO v_first FROM finops.bill_lines(NULL, '-infinity', p_from) AS l
    WHERE NOT isfinite(v_closed) AND l.exact IS DISTINCT FROM 0;
    IF v_first IS NOT NULL THEN
        RAISE EXCEPTION 'the first period must begin where the first bill does, at % or before', v_first USING ERRCODE = '55000';
    END IF;
    IF EXISTS (SELECT FROM finops.bill_lines(NULL, p_from, p_to) AS l WHERE l.exact IS NULL) THEN
        RAISE EXCEPTION 'something has no price from % to %', p_from, p_to
            USING ERRCODE = '55000', HINT = 'SELECT DISTINCT resource FROM admin.bill(…) WHERE price IS NULL; then admin.set_price.';
    END IF;
    INSERT INTO finops.periods (starts_at, ends_at, reason, actor)
    VALUES (p_from, p_to, p_reason, core.actor())
    RETURNING * INTO v_row;
    INSERT INTO finops.invoices (org_id, period_id, currency, exact, amount)
    SELECT l.org_id, v_row.period_id, l.currency, trim_scale(sum(l.exact)), finops.rounded(sum(l.exact), 2)
    FROM finops.bill_lines(NULL, p_from, p_to) AS l
    GROUP BY l.org_id, l.currency;
    UPDATE finops.books AS b SET closed_until = p_to;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION admin.close_period(timestamptz, timestamptz, text) IS
    'Closes the books of a period, which begins where the last one ended (the first: not after anything that is billed), and records what each organisation''s bill comes to in finops.invoices. From then on nothing that is billed before p_to can be changed, by nobody: quotas, statuses, prices, what is billed when (55000); admin.adjust_bill corrects it in a later period. 22023: no period or no reason. 55000: it does not follow the last one, leaves out what is billed before the first one, ended less than an hour before the transaction began, something has no price, or not READ COMMITTED. AR422: the reason holds what looks like a secret. Example: SELECT * FROM admin.close_period(''2025-10-01'', ''2025-11-01'', ''October'');';
REVOKE EXECUTE ON FUNCTION admin.close_period(timestamptz, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.close_period(timestamptz, timestamptz, text) TO ark_dba;
