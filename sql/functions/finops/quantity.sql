SET LOCAL ROLE ark_owner;

-- Kubernetes, k8s.io/apimachinery/pkg/api/resource/quantity.go: a decimal number with a suffix:
-- powers of 1000 (n u m, none, k M G T P E), powers of 1024 (Ki Mi Gi Ti Pi Ei), or an exponent (e3, E3).
CREATE OR REPLACE FUNCTION finops.quantity(p_text text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_parts text[] := regexp_match(
        p_text, '^([+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,9})?|\.[0-9]{1,9}))(?:([numkMGTPE]|[KMGTPE]i)?|[eE]([+-]?[0-9]{1,2}))$');
BEGIN
    IF v_parts IS NULL THEN
        RAISE EXCEPTION '% is no quantity', quote_literal(left(p_text, 40))
            USING ERRCODE = '22023', HINT = 'Kubernetes writes 2, 500m, 20Gi, 1.5T.';
    END IF;
    RETURN v_parts[1]::numeric * CASE
        WHEN v_parts[3] IS NOT NULL THEN ('1e' || v_parts[3])::numeric
        WHEN v_parts[2] LIKE '_i' THEN 1024::numeric ^ strpos('KMGTPE', left(v_parts[2], 1))
        WHEN v_parts[2] IN ('n', 'u', 'm') THEN 1000::numeric ^ (strpos('num', v_parts[2]) - 4)
        ELSE 1000::numeric ^ coalesce(nullif(strpos('kMGTPE', v_parts[2]), 0), 0)
    END;
END
$$;

COMMENT ON FUNCTION finops.quantity(text) IS
    'The value of a Kubernetes quantity: 500m is 0.5, 1Ki is 1024. Quantities are compared by it, not as text. 22023 if it is none.';
GRANT EXECUTE ON FUNCTION finops.quantity(text) TO PUBLIC;

-- Holds for every writer. NOT VALID: what an earlier rule has let in stays.
ALTER TABLE finops.quota_changes DROP CONSTRAINT IF EXISTS quantities_are_not_negative;
ALTER TABLE finops.quota_changes ADD CONSTRAINT quantities_are_not_negative CHECK (
    finops.quantity(cpu) >= 0 AND finops.quantity(memory) >= 0 AND finops.quantity(storage) >= 0) NOT VALID;
