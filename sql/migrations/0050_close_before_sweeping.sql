SET LOCAL ROLE ark_owner;

-- Whoever makes a namespace too late opens it, too, and pods may run in it by then. With a namespace its network
-- policies end as soon as its pods do, in no order: so it is closed and emptied first, like a tenant's.
UPDATE provisioning.blueprint SET kinds = kinds || '{sweep}' WHERE step IN ('hold', 'close', 'pods');
