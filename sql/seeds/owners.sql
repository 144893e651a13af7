-- Organisations from before there were members: their owner becomes one.
SET LOCAL ROLE ark_system;
SET LOCAL row_security = on;

DO $$
BEGIN
    PERFORM core.add_member(o.id, o.owner_email, split_part(o.owner_email, '@', 1), 'owner')
    FROM core.organizations AS o
    WHERE o.status IN ('PENDING', 'COMMITTED', 'SUSPENDED')
      AND NOT EXISTS (SELECT FROM core.memberships AS m WHERE m.org_id = o.id);
END
$$;
