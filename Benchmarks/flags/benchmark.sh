# shellcheck shell=bash disable=SC2034
# What an evaluation costs beside reading the organisation's own value by its key: the definition is read
# past row-level security, the organisation's choice through it, and the rest is computed.
org=$(psql -XAtU postgres -c "SELECT id FROM core.organizations WHERE slug = 'o8'")
options="-c app.current_org=$org"
for flag in simple share rules; do
  compare "api.flag, $flag" - prepared 1 app read.sql app $flag.sql
done
compare 'api.flag, rules' - prepared 2 app read.sql app rules.sql
