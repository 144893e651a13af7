-- What an application login sees and changes of the tenants' tables.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS
SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id AS acme,
       (api.create_organization(gen_random_uuid(), 'Beta', 'b@beta.example')).id AS beta;

SELECT is(try_as('app', acme::text, 'SELECT slug FROM organizations'), 'acme', 'its own organisation') FROM org;
SELECT is(try_as('app', NULL, 'SELECT slug FROM organizations'), '', 'none without a setting');
SELECT is(try_as('app', 'x', 'SELECT slug FROM organizations'), '22023', 'what is no number is refused');

SELECT * FROM finish();
