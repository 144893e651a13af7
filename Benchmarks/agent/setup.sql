-- One organisation with a number that changes.
SELECT (api.create_organization(gen_random_uuid(), 'readers', 'o@example.com')).id;
SELECT admin.define_key('ai', 'mark', 'integer', 'A point in time.');
