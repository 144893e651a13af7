SET LOCAL ROLE ark_owner;

CREATE TABLE core.projects (
    org_id     bigint NOT NULL REFERENCES core.organizations,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    CONSTRAINT name_is_a_line CHECK (name = btrim(name) AND name !~ '[[:cntrl:]]' AND length(name) BETWEEN 1 AND 200)
);
COMMENT ON TABLE core.projects IS 'What an organisation''s notes and documents belong to.';
COMMENT ON COLUMN core.projects.org_id IS 'The organisation.';
COMMENT ON COLUMN core.projects.id IS 'Names the project.';
COMMENT ON COLUMN core.projects.name IS 'Name for people, 1 to 200 characters.';
COMMENT ON COLUMN core.projects.created_at IS 'When it was created.';

CREATE TABLE core.notes (
    org_id     bigint NOT NULL REFERENCES core.organizations,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    project_id bigint NOT NULL,
    content    text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, project_id) REFERENCES core.projects (org_id, id),
    CONSTRAINT content_fits CHECK (length(content) <= 1000000)
);
CREATE INDEX notes_by_project ON core.notes (org_id, project_id, id);
COMMENT ON INDEX core.notes_by_project IS 'A project''s notes, oldest first.';
COMMENT ON TABLE core.notes IS 'What people write.';
COMMENT ON COLUMN core.notes.org_id IS 'The organisation.';
COMMENT ON COLUMN core.notes.id IS 'Names the note.';
COMMENT ON COLUMN core.notes.project_id IS 'The project, of the same organisation.';
COMMENT ON COLUMN core.notes.content IS 'The text, at most a million characters.';
COMMENT ON COLUMN core.notes.created_at IS 'When it was created.';

CREATE TABLE core.documents (
    org_id     bigint NOT NULL REFERENCES core.organizations,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    project_id bigint NOT NULL,
    file_path  text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, project_id) REFERENCES core.projects (org_id, id),
    CONSTRAINT file_path_is_unique UNIQUE (org_id, file_path),
    -- It becomes a path in an object store or on a disk: none that leads out of the organisation's own.
    CONSTRAINT file_path_stays_inside CHECK (
        length(file_path) BETWEEN 1 AND 1024 AND file_path !~ '[[:cntrl:]\\]'
        AND file_path !~ '(^|/)\.{0,2}(/|$)')
);
CREATE INDEX documents_by_project ON core.documents (org_id, project_id, id);
COMMENT ON INDEX core.documents_by_project IS 'A project''s documents, oldest first.';
COMMENT ON TABLE core.documents IS 'Files, which lie elsewhere, under their paths.';
COMMENT ON COLUMN core.documents.org_id IS 'The organisation.';
COMMENT ON COLUMN core.documents.id IS 'Names the document.';
COMMENT ON COLUMN core.documents.project_id IS 'The project, of the same organisation.';
COMMENT ON COLUMN core.documents.file_path IS 'Relative path below the organisation''s own folder or bucket.';
COMMENT ON COLUMN core.documents.created_at IS 'When it was created.';

GRANT SELECT ON core.projects, core.notes, core.documents
    TO ark_system, ark_app, ark_app_strict, ark_app_ro, ark_dba;
GRANT INSERT (org_id, name), UPDATE (name), DELETE ON core.projects TO ark_app, ark_app_strict, ark_dba;
GRANT INSERT (org_id, project_id, content), UPDATE (project_id, content), DELETE ON core.notes
    TO ark_app, ark_app_strict, ark_dba;
GRANT INSERT (org_id, project_id, file_path), UPDATE (project_id, file_path), DELETE ON core.documents
    TO ark_app, ark_app_strict, ark_dba;
ALTER TABLE core.projects ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.documents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
