SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.set_price(
    p_resource text, p_price numeric, p_from timestamptz, p_reason text, p_currency text DEFAULT 'EUR')
RETURNS finops.prices
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_row finops.prices;
BEGIN
    PERFORM core.require_reason(p_reason);
    IF NOT EXISTS (SELECT FROM finops.resources AS r WHERE r.resource = p_resource) THEN
        RAISE EXCEPTION 'nothing is billed for %', quote_nullable(p_resource) USING ERRCODE = '22023',
            HINT = 'Billed are ' || (SELECT string_agg(r.resource, ', ' ORDER BY r.resource) FROM finops.resources AS r) || '.';
    END IF;
    IF p_from IS NULL OR p_from = 'infinity' THEN
        RAISE EXCEPTION 'a price needs a time from which it holds' USING ERRCODE = '22023';
    END IF;
    IF p_price IS NULL OR p_price < 0 OR p_price >= 1e9 OR scale(trim_scale(p_price)) > 12 OR p_currency IS NULL OR p_currency !~ '^[A-Z]{3}$' THEN
        RAISE EXCEPTION '% % is no price', coalesce(p_price::text, 'NULL'), coalesce(p_currency, 'NULL')
            USING ERRCODE = '22023', HINT = 'Per unit and hour, 0 or more, at most 12 decimals; the currency as EUR.';
    END IF;
    DELETE FROM finops.prices AS p WHERE p.resource = p_resource AND lower(p.valid) >= p_from;
    UPDATE finops.prices AS p SET valid = tstzrange(lower(p.valid), p_from)
    WHERE p.resource = p_resource AND p.valid @> p_from;
    INSERT INTO finops.prices AS p (resource, valid, price, currency, reason, actor)
    VALUES (p_resource, tstzrange(p_from, NULL), trim_scale(p_price), p_currency, p_reason, core.actor())
    RETURNING * INTO v_row;
    RETURN v_row;
END
$$;

COMMENT ON FUNCTION admin.set_price(text, numeric, timestamptz, text, text) IS
    'Sets what an hour of a unit of cpu (core), memory or storage (GiB) costs from a time on, until further notice: the price before ends there, and what was set for later gives way. Not for a time whose books are closed (55000). 22023: no such resource, price, time or reason. 23P01: somebody else is setting one at this moment. AR422: the reason holds what looks like a secret. Example: SELECT * FROM admin.set_price(''cpu'', 0.031, ''2026-01-01'', ''price list 2026'');';
REVOKE EXECUTE ON FUNCTION admin.set_price(text, numeric, timestamptz, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.set_price(text, numeric, timestamptz, text, text) TO ark_dba;
