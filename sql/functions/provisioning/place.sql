SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.place(p_since timestamptz, p_priority integer) RETURNS timestamptz
LANGUAGE sql STABLE
AS $$
    SELECT p_since - (3 - p_priority) * interval '5 minutes'
$$;

COMMENT ON FUNCTION provisioning.place(timestamptz, integer) IS
    'The place in the queue of what waits since then: the smallest is served first. Each priority counts as five minutes of waiting.';
REVOKE EXECUTE ON FUNCTION provisioning.place(timestamptz, integer) FROM PUBLIC;
