# shellcheck shell=bash disable=SC2154
# Tenants, from commit to isolated namespace. Other tables than those of `compare`. Beside each figure stand
# the same calls sent bare by libcurl (bare.c), to the same API server, in turn.
#   TENANTS (200) of each row; QUEUE_SECONDS (180) with another transaction's snapshot held.
tenants=${TENANTS:-200} queue_seconds=${QUEUE_SECONDS:-180}
sql() { psql -XAtqU postgres -v ON_ERROR_STOP=1 -c "$1"; }

sql 'SELECT measure.calls()' >"$work/calls"
# bare COUNT IN-FLIGHT [CONNECTIONS]: as bare.c prints it, with the calls of the file $calls.
calls=$work/calls
bare() {
  "$ARK_BARE" "$ARK_ADDRESS_kubernetes" "$ARK_KUBERNETES_CA" "$ARK_STACK_DIR/kubernetes/provisioner.token" \
    "$calls" "org-bare-${EPOCHREALTIME/[.,]/-}" "$1" "$2" "${3:-1}"
}

# How many creations the API server has let in so far, and of how many it looked a second time, 50 ms later, for
# the namespace, which its cache did not have yet (admission plugin NamespaceLifecycle, by its own histogram).
waits() {
  "$ARK_KUBECTL" --kubeconfig "$ARK_KUBECONFIG_ADMIN" get --raw /metrics | awk '
    /^apiserver_admission_controller_admission_duration_seconds_/ && /name="NamespaceLifecycle"/ && /operation="CREATE"/ && /type="admit"/ {
      if (/_count\{/) all += $NF
      if (/_bucket\{/ && /le="0.025"/) quick += $NF
    }
    END { print all + 0, all - quick }'
}
# waited WHAT TENANTS COMMAND…: a row of what it comes to meanwhile.
waited() {
  local what=$1 count=$2 before after
  shift 2
  before=$(waits)
  "$@" >/dev/null
  after=$(waits)
  awk -v what="$what" -v count="$count" -v before="$before" -v after="$after" 'BEGIN {
    split(before, b); split(after, a)
    printf "| %s | %d | %d | %d | %.2f |\n", what, count, a[1] - b[1], a[2] - b[2], (a[2] - b[2]) / count }'
}

provisioner=''
start_provisioner() {
  "$ARK_PROVISIONER" run -d "host=$PGHOST port=$PGPORT dbname=bench user=provisioner" \
    --kubeconfig "$ARK_KUBECONFIG_PROVISIONER" --workers "$1" >>"$work/provisioner.log" 2>&1 &
  provisioner=$!
  # It is connected, and has done whatever was due when it started.
  sql "CALL measure.creations('warm', 10)"
}
stop_provisioner() {
  kill "$provisioner" 2>/dev/null || true
  wait "$provisioner" 2>/dev/null || true
}
trap 'stop_provisioner' EXIT

# percentile WHAT P
percentile() { sql "SELECT round(percentile_cont($2) WITHIN GROUP (ORDER BY ms)::numeric, 2) FROM measure.took WHERE what = '$1'"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
# met EXPRESSION
met() { awk "BEGIN { print ($1) ? \"yes\" : \"NO\" }"; }

start_provisioner 8
bare 10 1 >/dev/null
for ((round = 0; round < tenants / 10; round++)); do
  bare 10 1 | sed -n "s/^\([0-9.]*\)\$/INSERT INTO measure.took VALUES ('bare', \1);/p" | psql -Xq -U postgres
  sql "CALL measure.creations('ours', 10)"
done
bare=$(percentile bare 0.5) bare99=$(percentile bare 0.99) median=$(percentile ours 0.5) p99=$(percentile ours 0.99)
printf '\n| create_organization, commit → COMMITTED, one at a time | ms | times the bare calls | at most | met |\n|---|---:|---:|---:|---|\n'
printf '| the same calls bare, in sequence over one connection: median | %s | 1 | | |\n' "$bare"
printf '| … p99 | %s | %s | | |\n' "$bare99" "$(ratio "$bare99" "$bare")"
printf '| median | %s | %s | 1.5, and 120 ms | %s |\n' "$median" "$(ratio "$median" "$bare")" "$(met "$median <= 1.5 * $bare && $median < 120")"
printf '| p99 | %s | %s | 3, and 120 ms | %s |\n' "$p99" "$(ratio "$p99" "$bare")" "$(met "$p99 <= 3 * $bare && $p99 < 120")"

# Ours and the bare calls in turn: a PATCH of the quota's limits, then asking until the API server enforces them,
# which its quota controller brings about.
sql 'SELECT measure.quota_calls()' >"$work/calls.quota"
for ((round = 0; round < tenants / 10; round++)); do
  calls="$work/calls.quota" bare 10 1 | sed -n "s/^\([0-9.]*\)\$/INSERT INTO measure.took VALUES ('bare quota', \1);/p" | psql -Xq -U postgres
  sql "CALL measure.quota_changes('quota', 10)"
done
bare=$(percentile 'bare quota' 0.5) median=$(percentile quota 0.5)
printf '\n| quota change, commit → enforced | ms | times bare | at most | met |\n|---|---:|---:|---:|---|\n'
printf '| bare: PATCH of the limits, then asked for until they are enforced: median | %s | 1 | | |\n' "$bare"
printf '| … p99 | %s | %s | | |\n' "$(percentile 'bare quota' 0.99)" "$(ratio "$(percentile 'bare quota' 0.99)" "$bare")"
printf '| median | %s | %s | 30 ms | %s |\n' "$median" "$(ratio "$median" "$bare")" "$(met "$median <= 30")"
printf '| p99 | %s | %s | | |\n' "$(percentile quota 0.99)" "$(ratio "$(percentile quota 0.99)" "$bare")"

printf '\n| creations that waited 50 ms for the API server to know their namespace | tenants | creations | waited | waited, per tenant |\n|---|---:|---:|---:|---:|\n'
waited 'bare, in sequence' $((tenants / 2)) bare $((tenants / 2)) 1
waited 'ours, one at a time' $((tenants / 2)) sql "CALL measure.creations('waited', $((tenants / 2)))"
waited 'ours, 8 in flight' $((tenants / 2)) sql "CALL measure.together('waited', $((tenants / 2)))"

# Another organisation's jobs, one after the other, all the time.
sql "CALL measure.creations('idle', $((tenants / 2)))"
other=$(sql 'SELECT measure.create_organization()')
sleep 1
sql "INSERT INTO provisioning.jobs (org_id, kind, priority) SELECT $other, 'quota', 2 FROM generate_series(1, 10000);
  UPDATE provisioning.lanes SET next_at = clock_timestamp(), priority = 2 WHERE org_id = $other; NOTIFY provisioning" >/dev/null
sql "CALL measure.creations('beside', $((tenants / 2)))"
left=$(sql "SELECT count(*) FROM provisioning.jobs WHERE org_id = $other AND state = 'queued'")
idle=$(percentile idle 0.5) beside=$(percentile beside 0.5)
printf '\n| create_organization beside another organisation with 10,000 jobs (%s left at the end) | ms | times idle | at most | met |\n|---|---:|---:|---:|---|\n' "$left"
printf '| idle: median | %s | 1 | | |\n| beside: median | %s | %s | 1.5 | %s |\n' \
  "$idle" "$beside" "$(ratio "$beside" "$idle")" "$(met "$beside <= 1.5 * $idle")"
sql "DELETE FROM provisioning.jobs WHERE org_id = $other AND state = 'queued'"
stop_provisioner

# middle COLUMN: of $work/rates.
middle() { awk -v c="$1" '{ print $c }' "$work/rates" | sort -g | sed -n 3p; }

printf '\n| tenants per second | the API server sustains (bare) | ours | share | at least | met |\n|---|---:|---:|---:|---:|---|\n'
best=0
for flight in 1 4 16; do
  start_provisioner "$flight"
  # In turn, as the machine is not always equally fast: bare over a single connection, ours, bare over several.
  for ((round = 0; round < 5; round++)); do
    one=$(bare "$tenants" "$flight" | sed -n 's/rate //p')
    sql "CALL measure.together('together $flight', $tenants)"
    ours=$(sql "SELECT round($tenants * 1000 / ms::numeric, 1) FROM measure.took WHERE what = 'together $flight' ORDER BY ctid DESC LIMIT 1")
    several=$(bare "$tenants" "$flight" 4 | sed -n 's/rate //p')
    printf '%s %s %s\n' "$one" "$several" "$ours"
  done >"$work/rates"
  stop_provisioner
  # Whichever way the API server sustains more; each is the middle one of five.
  rate=$( (middle 1; middle 2) | sort -g | tail -n 1) ours=$(middle 3)
  share=$(ratio "$ours" "$rate")
  best=$(awk -v a="$best" -v b="$ours" 'BEGIN { print (a > b ? a : b) }')
  printf '| %s in flight | %s | %s | %s | 0.80 | %s |\n' "$flight" "$rate" "$ours" "$share" "$(met "$ours >= 0.8 * $rate")"
done

# jobs_per_second SECONDS
jobs_per_second() {
  local output
  output=$(PGUSER=provisioner "$pgbench" -n -M prepared -c 8 -j 1 -T "$1" -f "$folder/nothing.sql" 2>&1) || { printf '%s\n' "$output" >&2; return 1; }
  awk '/^tps/ { printf "%d\n", $3 }' <<<"$output"
}
sql "CALL measure.fill(3000, $((queue_seconds / 2)))"
# What it has left to be cleaned and written is not the queue's.
sql 'VACUUM (ANALYZE) provisioning.jobs, provisioning.lanes, core.organizations' && sql CHECKPOINT
printf '\n| the queue alone: jobs that do nothing, 8 workers | jobs per second | times the tenants above | at least | met |\n|---|---:|---:|---:|---|\n'
jobs=$(jobs_per_second 10)
printf '| nobody else | %s | %s | 10 | %s |\n' "$jobs" "$(ratio "$jobs" "$best")" "$(met "$jobs >= 10 * $best")"
psql -XqU postgres -c 'BEGIN ISOLATION LEVEL REPEATABLE READ' -c 'SELECT 1' -c "SELECT pg_sleep($((queue_seconds + 5)))" >/dev/null &
holder=$!
# What it was at the end: by then the dead rows of all that time are there.
jobs_per_second "$((queue_seconds - 10))" >/dev/null
jobs=$(jobs_per_second 10)
printf '| in the last 10 of %s s in which another transaction holds the xmin horizon | %s | %s | 10 | %s |\n' "$queue_seconds" "$jobs" "$(ratio "$jobs" "$best")" "$(met "$jobs >= 10 * $best")"
kill "$holder" 2>/dev/null || true
wait "$holder" 2>/dev/null || true
trap - EXIT
