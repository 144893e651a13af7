-- migrate up asks this at the end, and fails on an error.
SELECT severity, "check", object, fix FROM admin.security_audit()
