SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.next_lane(p_now timestamptz) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Where this session last found a lane, by priority, and until when it begins there.
    v_low  timestamptz[] := coalesce(nullif(current_setting('provisioning.low', true), ''), '{}');
    v_head record;
    v_org  bigint;
    v_since timestamptz;
BEGIN
    IF cardinality(v_low) <> 5 OR v_low[5] < p_now THEN
        v_low := array_fill('-infinity'::timestamptz, ARRAY[4]) || (p_now + interval '5 seconds');
    END IF;
    LOOP
        FOR v_head IN
            SELECT p.priority, h.next_at
            FROM generate_series(0, 3) AS p (priority)
            CROSS JOIN LATERAL (
                SELECT l.next_at FROM provisioning.lanes AS l
                WHERE l.priority = p.priority AND l.next_at BETWEEN v_low[p.priority + 1] AND p_now
                ORDER BY l.next_at
                LIMIT 1
            ) AS h
            ORDER BY provisioning.place(h.next_at, p.priority)
        LOOP
            SELECT l.org_id, l.next_at INTO v_org, v_since
            FROM provisioning.lanes AS l
            WHERE l.priority = v_head.priority AND l.next_at BETWEEN v_head.next_at AND p_now
            ORDER BY l.next_at
            LIMIT 1
            FOR UPDATE SKIP LOCKED;
            IF FOUND THEN
                -- The lanes before it were served, and left index entries that a long transaction
                -- anywhere keeps from being removed: not to step over all of them at every claim.
                IF v_low[v_head.priority + 1] < v_head.next_at - interval '2 seconds' THEN
                    v_low[v_head.priority + 1] := v_head.next_at - interval '1 second';
                    PERFORM set_config('provisioning.low', v_low::text, false);
                END IF;
                RETURN v_org;
            END IF;
        END LOOP;
        IF v_low[1:4] = array_fill('-infinity'::timestamptz, ARRAY[4]) THEN
            RETURN NULL;
        END IF;
        -- One that was queued by a long transaction lies before.
        v_low := array_fill('-infinity'::timestamptz, ARRAY[4]) || (p_now + interval '5 seconds');
    END LOOP;
END
$$;

COMMENT ON FUNCTION provisioning.next_lane(timestamptz) IS
    'Locks the lane of one organisation that is next to be served, and nothing else; returns whose, NULL if none is due. By priority, and of a priority that which waits for longest.';
REVOKE EXECUTE ON FUNCTION provisioning.next_lane(timestamptz) FROM PUBLIC;
