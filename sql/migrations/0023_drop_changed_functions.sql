-- Their arguments or columns change, which CREATE OR REPLACE does not do; sql/functions makes them anew.
SET LOCAL ROLE ark_owner;
DROP FUNCTION IF EXISTS admin.required_guards();
DROP FUNCTION IF EXISTS admin.audit_database(integer);
SET LOCAL ROLE ark_system;
DROP FUNCTION IF EXISTS admin.explain_access(name, regclass, bigint);
