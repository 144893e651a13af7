# shellcheck shell=bash disable=SC2034,SC2154
# What an evaluation costs beside reading the organisation's own value by its key: the definition is read
# past row-level security, the organisation's choice through it, and the rest is computed.
org=$(psql -XAtU postgres -c "SELECT id FROM core.organizations WHERE slug = 'o8'")
options="-c app.current_org=$org"
for flag in simple share rules; do
  compare "api.flag, $flag" - prepared 1 app read.sql app $flag.sql
done
compare 'api.flag, rules' - prepared 2 app read.sql app rules.sql
# In a pod: beside a look-up in a dictionary and the hash of a rollout, by the same library.
"$ARK_MEASURE_FLAGS" --pod "host=$PGHOST port=$PGPORT dbname=bench user=pod_features" --org "$org" --rounds "$((rounds < 2 ? 2 : rounds))"
