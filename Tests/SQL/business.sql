-- Projects, notes and documents: as functions and as plain SQL, within one organisation.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS
SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id::text AS acme,
       (api.create_organization(gen_random_uuid(), 'Beta', 'b@beta.example')).id::text AS beta;

SELECT is(do_as('app', acme, $$SELECT (api.create_project(' Notes App ')).name$$), 'Notes App', 'a project') FROM org;
SELECT is(do_as('app', beta, $$SELECT (api.create_project('Theirs')).name$$), 'Theirs', 'another one''s project') FROM org;
CREATE TEMP TABLE project AS
SELECT (SELECT id FROM core.projects WHERE name = 'Notes App') AS acme,
       (SELECT id FROM core.projects WHERE name = 'Theirs') AS beta;

-- As an application writes it who knows nothing of organisations.
SELECT is(do_as('app', o.acme, format($$INSERT INTO notes (project_id, content) VALUES (%s, 'Meeting with customer')$$, p.acme)),
    '1 row', 'a plain INSERT') FROM org AS o, project AS p;
SELECT is(do_as('app', o.acme, format($$SELECT (api.create_note(%s, 'second')).content$$, p.acme)), 'second', 'a note by function')
FROM org AS o, project AS p;
SELECT is(try_as('app', o.acme, format('SELECT content FROM notes WHERE project_id = %s ORDER BY id', p.acme)),
    'Meeting with customer,second', 'SELECT * FROM notes WHERE project_id = … just works') FROM org AS o, project AS p;
SELECT is(try_as('app', o.beta, format('SELECT content FROM notes WHERE project_id = %s', p.acme)), '', 'not for another organisation')
FROM org AS o, project AS p;
SELECT is(try_as('app', NULL, format('SELECT content FROM notes WHERE project_id = %s', p.acme)), '', 'nor for none')
FROM org AS o, project AS p;

SELECT is(try_as('app', o.beta, format($$SELECT api.create_note(%s, 'x')$$, p.acme)), '23503', 'no note in another one''s project')
FROM org AS o, project AS p;
SELECT is(try_as('app', o.acme, format($$INSERT INTO notes (org_id, project_id, content) VALUES (%s, %s, 'x')$$, o.beta, p.beta)),
    '42501', 'no row for another organisation') FROM org AS o, project AS p;
SELECT is(try_as('app', o.acme, format('UPDATE notes SET org_id = %s', o.beta)), '42501', 'no row is given away') FROM org AS o;
SELECT is(try_as('app_ro', o.acme, 'DELETE FROM notes'), '42501', 'who reads deletes nothing') FROM org AS o;
SELECT is(try_as('app', o.beta, 'DELETE FROM notes'), '0 rows', 'no other one''s rows are deleted') FROM org AS o;

CREATE TEMP TABLE note AS SELECT min(id) AS first, max(id) AS last FROM core.notes;
SELECT is(do_as('app', acme, $$SELECT (api.create_project('Archive')).name$$), 'Archive', 'a second project') FROM org;
SELECT is(do_as('app', o.acme, format($$SELECT (api.move_note(%s, (SELECT id FROM projects WHERE name = 'Archive'))).id$$, n.first)),
    n.first::text, 'a note is moved') FROM org AS o, note AS n;
SELECT is(do_as('app', o.acme, format($$SELECT (api.edit_note(%s, 'edited')).content$$, n.last)), 'edited', 'a note is edited')
FROM org AS o, note AS n;
SELECT is(try_as('app', o.acme, format('SELECT api.move_note(%s, %s)', n.first, p.beta)), '23503', 'but not to another organisation')
FROM org AS o, note AS n, project AS p;
SELECT is(try_as('app', o.beta, format($$SELECT api.edit_note(%s, 'x')$$, n.first)), 'P0002', 'another one''s note is not there')
FROM org AS o, note AS n;
SELECT is(try_as('app', o.acme, format('SELECT api.delete_project(%s)', p.acme)), '23503', 'a project that is not empty stays')
FROM org AS o, project AS p;
SELECT is(try_as('app', o.acme, format('SELECT api.delete_project(%s, true)', p.acme)), '', 'unless with its contents')
FROM org AS o, project AS p;
SELECT is(try_as('app', o.acme, format($$SELECT (api.rename_project(%s, 'New')).name$$, p.acme)), 'New', 'a project is renamed')
FROM org AS o, project AS p;
SELECT is(try_as('app', o.acme, format('SELECT api.delete_note(%s)', n.first)), '', 'a note is deleted') FROM org AS o, note AS n;
SELECT is(try_as('app', o.acme, 'SELECT api.delete_note(0)'), 'P0002', 'one that is not there is told') FROM org AS o;
SELECT is(try_as('app', NULL, $$SELECT api.create_project('x')$$), '55000', 'no organisation, no project');
SELECT is(try_as('app', acme, $$SELECT api.create_project(E'a\nb')$$), '23514', 'a name is a line') FROM org;

SELECT is(do_as('app', o.acme, format($$SELECT (api.create_document(%s, 'plans/2026.pdf')).file_path$$, p.acme)), 'plans/2026.pdf', 'a document')
FROM org AS o, project AS p;
SELECT is(try_as('app', o.acme, format($$SELECT api.create_document(%s, 'plans/2026.pdf')$$, p.acme)), '23505', 'a path is taken once')
FROM org AS o, project AS p;
SELECT is(do_as('app', o.beta, format($$SELECT (api.create_document(%s, 'plans/2026.pdf')).file_path$$, p.beta)), 'plans/2026.pdf',
    'in each organisation') FROM org AS o, project AS p;
SELECT is(try_as('app', o.acme, format('SELECT api.create_document(%s, %L)', p.acme, path)), '23514', format('no path: %L', path))
FROM org AS o, project AS p, unnest(ARRAY['', '/etc/passwd', '../x', 'a/../b', 'a//b', './a', 'a/', E'a\tb', 'a\b']) AS path;
SELECT is(try_as('app', o.acme, format('SELECT file_path FROM api.rename_document((SELECT id FROM documents), %L)', path)), path, format('a path: %L', path))
FROM org AS o, unnest(ARRAY['a', '.hidden/b', 'a..b', 'ü/ß.txt', '...']) AS path;
SELECT is(try_as('app', o.acme, $$SELECT project_id = (SELECT id FROM projects WHERE name = 'Archive')
    FROM api.move_document((SELECT id FROM documents), (SELECT id FROM projects WHERE name = 'Archive'))$$), 'true', 'a document is moved') FROM org AS o;
SELECT is(try_as('app', o.acme, 'SELECT api.delete_document((SELECT id FROM documents))'), '', 'a document is forgotten') FROM org AS o;

SELECT * FROM finish();
