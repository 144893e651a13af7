SET LOCAL ROLE ark_owner;

GRANT UPDATE (name) ON core.users TO ark_system;

-- A value goes to every pod's memory, and through the expressions that look for secrets. NOT VALID: what
-- is there stays.
ALTER TABLE config.service_configs ADD CONSTRAINT value_fits CHECK (octet_length(value) <= 65536) NOT VALID;
