# shellcheck shell=bash disable=SC2034,SC2154
# Row-level security against the same query with WHERE org_id, by a login that passes it.
org=$(psql -XAtU postgres -c "SELECT id FROM core.organizations WHERE slug = 'o8'")
handle=$(psql -XAtU postgres -c "SELECT api.open_session($org, user_id) FROM core.memberships WHERE org_id = $org")
variables=$(psql -XAtU postgres -c "SELECT format('-D org=%s -D project=%s -D note=%s', $org, (SELECT min(id) FROM core.projects WHERE org_id = $org), (SELECT min(id) FROM core.notes WHERE org_id = $org))")
options="-c app.current_org=$org"
for protocol in simple prepared; do
  compare 'a note by its id' 1.15 $protocol 1 bench_bypass note_where.sql app note.sql
  compare 'the 20 notes of a project' 1.15 $protocol 1 bench_bypass project_where.sql app project.sql
  compare 'all 400 notes, counted' 1.15 $protocol 1 bench_bypass all_where.sql app all.sql
  compare 'a note is changed' 1.15 $protocol 1 bench_bypass change_where.sql app change.sql
done
options="-c app.session=$handle"
for protocol in simple prepared; do
  compare 'a note by its id, strict' - $protocol 1 bench_bypass note_where.sql app_strict note.sql
  compare 'the 20 notes of a project, strict' - $protocol 1 bench_bypass project_where.sql app_strict project.sql
done
