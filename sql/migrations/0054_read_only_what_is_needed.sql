SET LOCAL ROLE ark_owner;

-- A service account that its controller has made first was read, of which nobody needed anything.
COMMENT ON COLUMN provisioning.blueprint.on_exists IS 'compare: an existing object must say the same, else it is replaced. accept: whatever is there will do, and is not read, so no later step can refer to it.';
