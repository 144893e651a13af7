# shellcheck shell=bash disable=SC2154
# Live configuration, from commit to memory. Other tables than those of `compare`: milliseconds, each
# beside its floor or its peer, measured in turn within one process.
org=$(psql -XAtU postgres -c "SELECT id FROM core.organizations WHERE slug = 'bench'")
pooled="host=$ARK_PGBOUNCER_PODS_HOST port=$ARK_PGBOUNCER_PODS_PORT dbname=bench user=pod_ai"
servers=(--writer "host=$PGHOST port=$PGPORT dbname=bench user=app" --pod "$pooled" --redis "rediss://pod-ai@127.0.0.1:$ARK_REDIS_PORT"
  --redis-ca-file "$ARK_REDIS_CA" --redis-password-file "$ARK_REDIS_USERS/pod-ai" --org "$org")
ours=("SELECT version FROM api.set_config('ai', 'k' || \$1, \$2, 'measured')" 'config:ai:k*')
plain=("UPDATE service_configs SET value = \$2 WHERE service = 'ai' AND key = 'k' || \$1 RETURNING version" 'config:ai:k*')
peers=("UPDATE plain.configs SET value = \$2, version = version + 1 WHERE key = 'k' || \$1 RETURNING version" 'config:plain:*')

bridge=''
start_bridge() {
  "$ARK_BRIDGE" run -d "host=$PGHOST port=$PGPORT dbname=bench user=bridge" --redis "rediss://bridge@127.0.0.1:$ARK_REDIS_PORT" \
    --redis-ca-file "$ARK_REDIS_CA" --redis-password-file "$ARK_REDIS_USERS/bridge" >>"$work/bridge.log" 2>&1 &
  bridge=$!
  for ((second = 0; second < 100; second++)); do
    [ "$(psql -XAtU postgres -c 'SELECT leads FROM config.feed_status()')" = t ] && return
    sleep 0.1
  done
  cat "$work/bridge.log" >&2
  return 1
}
start_peer() {
  : >"$work/peer.log"
  /usr/bin/python3 "$folder/bridge.py" "host=$PGHOST port=$PGPORT dbname=bench user=bridge" "$ARK_REDIS_USERS/operator" >"$work/peer.log" 2>&1 &
  bridge=$!
  for ((second = 0; second < 100; second++)); do
    grep -q listens "$work/peer.log" && return
    sleep 0.1
  done
  cat "$work/peer.log" >&2
  return 1
}
stop_bridge() {
  kill "${1:--TERM}" "$bridge" 2>/dev/null || true
  wait "$bridge" 2>/dev/null || true
}
trap 'stop_bridge -KILL' EXIT

printf '\n| one subscriber, ms | NOTIFY → LISTEN | the same, of a row that reaches the disk | PUBLISH → SUBSCRIBE | indexed read | commit → announced | commit → memory | p99 | times the sum of the last three | at most 2, under 5 ms |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---|\n'
start_bridge
# Alone, as a person changes things; and so close together that the bridge stays awake.
for pause in 200 20; do
  "$ARK_MEASURE" commit-to-memory "${servers[@]}" --pause "$pause" --rounds "$((pause == 200 ? 120 : 400))"
done

printf '\n| commit → memory, ms | each: median | each: p99 | the last one: median | the last one: p99 | bare: median | bare: p99 | ratio | under 100 ms |\n|---|---:|---:|---:|---:|---:|---:|---:|---|\n'
for subscribers in 100 1000; do
  "$ARK_MEASURE" fan-out "${servers[@]}" --subscribers "$subscribers"
  "$ARK_MEASURE" fan-out "${servers[@]}" --subscribers "$subscribers" --linger 0
done

# Private memory and processor time of a bridge that has nothing to do.
sleep 5
ticks() { awk '{ print $14 + $15 }' "/proc/$bridge/stat"; }
before=$(ticks)
sleep 20
after=$(ticks)
printf '\n| idle bridge | | at most | met |\n|---|---:|---:|---|\n'
awk -v rss="$(awk '/RssAnon/ { print $2 / 1024 }' "/proc/$bridge/status")" -v cpu="$((after - before))" -v hertz="$(getconf CLK_TCK)" 'BEGIN {
  share = cpu / hertz / 20 * 100
  printf "| private memory (RssAnon), MB | %.1f | 30 | %s |\n| share of a core, %% | %.2f | 1 | %s |\n", rss, rss < 30 ? "yes" : "NO", share, share < 1 ? "yes" : "NO" }'

# announced NAME CHANGE PATTERN: the largest rate at which the p99 from commit to announcement stays under
# 100 ms. A writer for each 50 changes per second: what cannot be kept up with shows as latency.
announced() {
  local rate=100 result reached p50 p99 lost
  best=0
  figures=''
  while [ "$rate" -le 20000 ]; do
    result=$("$ARK_MEASURE" announcements "${servers[@]}" --change "$2" --pattern "$3" --rate "$rate" \
      --writers "$((rate / 50 < 8 ? 8 : rate / 50 > 90 ? 90 : rate / 50))")
    read -r reached p50 p99 lost <<<"$result"
    awk -v p99="$p99" 'BEGIN { exit !(p99 + 0 < 100) }' || break
    [ "$reached" -le "$best" ] || best=$reached figures="$p50 | $p99 | $lost"
    # Writers that cannot go faster end it as well.
    [ "$((reached * 10))" -ge "$((rate * 8))" ] || break
    rate=$((rate * 3 / 2))
  done
  printf '| %s | %s | %s | %s |\n' "$1" "$best" "$figures" "$(awk -v a="$best" -v b="${peer:-$best}" 'BEGIN { printf "%.2f", a / b }')"
}
printf '\n| commit → announcement | changes/s with p99 under 100 ms | median, ms | p99, ms | lost | times bridge.py |\n|---|---:|---:|---:|---:|---:|\n'
stop_bridge
start_peer
peer=''
announced 'bridge.py, plain UPDATE' "${peers[@]}"
peer=$best
stop_bridge
start_bridge
announced 'bridge, plain UPDATE' "${plain[@]}"
announced 'bridge, api.set_config' "${ours[@]}"
stop_bridge

# Killed in the middle, started again a second later.
printf '\n| killed with -9 while 200 changes/s are made | keys whose last version nobody heard |\n|---|---:|\n'
for which in bridge peer; do
  "start_$which"
  if [ "$which" = bridge ]; then change=("${ours[@]}"); else change=("${peers[@]}"); fi
  # The writers end while it is away: what is made then is the test.
  "$ARK_MEASURE" announcements "${servers[@]}" --change "${change[0]}" --pattern "${change[1]}" --rate 200 --seconds 3 --settle 6 >"$work/lost" &
  measure=$!
  sleep 2.5
  stop_bridge -KILL
  sleep 1.5
  "start_$which"
  wait "$measure"
  read -r _ _ _ lost <"$work/lost"
  printf '| %s | %s |\n' "$([ "$which" = bridge ] && echo bridge || echo bridge.py)" "$lost"
  stop_bridge
done
trap - EXIT
