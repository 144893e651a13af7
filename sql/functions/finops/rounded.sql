SET LOCAL ROLE ark_owner;

-- div() is an exact integer division; a quotient that is itself rounded first could come to lie on a half.
CREATE OR REPLACE FUNCTION finops.rounded(p_exact numeric, p_digits integer) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN round(sign(p_exact) * div(abs(p_exact) * 10::numeric ^ p_digits + 1800, 3600) / 10::numeric ^ p_digits, p_digits);

COMMENT ON FUNCTION finops.rounded(numeric, integer) IS
    'Units times seconds times price, per hour: p_exact / 3600, rounded once, half away from zero.';
GRANT EXECUTE ON FUNCTION finops.rounded(numeric, integer) TO PUBLIC;
