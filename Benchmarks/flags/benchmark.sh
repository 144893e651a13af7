# shellcheck shell=bash disable=SC2034,SC2154
# What an evaluation costs beside reading the organisation's own value by its key: the definition is read
# past row-level security, the organisation's choice through it, and the rest is computed.
org=$(psql -XAtU postgres -c "SELECT id FROM core.organizations WHERE slug = 'o8'")
options="-c app.current_org=$org"
for flag in simple share rules; do
  compare "api.flag, $flag" - prepared 1 app read.sql app $flag.sql
done
compare 'api.flag, rules' - prepared 2 app read.sql app rules.sql
# In a pod, by the library that services use: beside a look-up in a dictionary, and where there are shares
# the hash of a rollout.
measure_flags() { "$ARK_MEASURE_FLAGS" --pod "host=$PGHOST port=$PGPORT dbname=bench user=pod_features" --org "$org" --rounds "$((rounds < 2 ? 2 : rounds))" "$@"; }
measure_flags

# The same as a number in a second, of all clients or tasks together: each on its own, and as many as there
# are processors, since definitions in memory lie behind one lock.
per_second() {
  local clients=$1 flag output cells=''
  for flag in simple share rules; do
    output=$(PGUSER=app PGOPTIONS=$options "$pgbench" -n -M prepared -c "$clients" -j "$clients" -T 3 -f "$folder/$flag.sql" 2>&1) || { printf '%s\n' "$output" >&2; return 1; }
    case $output in *'failed transactions: 0 (0'*) ;; *) printf '%s\n' "$output" >&2; return 1 ;; esac
    cells+=" $(sed -nE 's/^tps = ([0-9]+).*without initial.*/\1/p' <<<"$output") |"
  done
  printf '| api.flag, SQL | %d |%s\n' "$clients" "$cells"
}
cores=$(nproc)
printf '\n| evaluations per second | clients, tasks | simple | share | rules |\n|---|---:|---:|---:|---:|\n'
for count in 1 "$cores"; do per_second "$count"; done
for count in 1 "$cores"; do measure_flags --tasks "$count"; done
