# shellcheck shell=bash disable=SC2154
# How long a change takes, from before its transaction to the last of thousands of readers of one agent;
# beside it, in turn, the floor: a process that writes the same event to as many sockets and does
# nothing else. Readers are event streams over TCP, in four processes; no reader shares a connection.
#   EVENTS (100) changes a row; the first ten warm up.
events=${EVENTS:-100}
processes=4
psql='psql -XAtq -v ON_ERROR_STOP=1'
redis=(--redis-ca-file "$ARK_REDIS_CA")
database="host=$PGHOST port=$PGPORT dbname=bench"
org=$($psql -U postgres -c "SELECT max(id) FROM core.organizations")

pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true' EXIT
"$ARK_AGENT" run -d "$database user=bridge" --redis "rediss://bridge@127.0.0.1:$ARK_REDIS_PORT" \
  "${redis[@]}" --redis-password-file "$ARK_REDIS_USERS/bridge" >"$work/bridge.log" 2>&1 &
pids+=($!)

# wait_for FILE WORD COUNT
wait_for() {
  local tenth
  for ((tenth = 0; tenth < 600; tenth++)); do
    [ "$(grep -c "$2" "$1")" -ge "$3" ] && return
    sleep 0.1
  done
  echo "bench: error: no $2 in $1" >&2
  cat "$1" >&2
  return 1
}

# now: microseconds since 1970
now() { local LC_ALL=C; printf '%s' "${EPOCHREALTIME/./}"; }

# row READERS: both sides with as many readers each.
row() {
  local readers=$1 side port last got mark i pid own=() fans=()
  mkfifo "$work/floor.in" "$work/change.in"
  "$ARK_AGENT" agent --service ai -d "$database user=agent" --redis "rediss://agent@127.0.0.1:$ARK_REDIS_PORT" \
    "${redis[@]}" --redis-password-file "$ARK_REDIS_USERS/agent" --listen 127.0.0.1:0 \
    --max-readers "$readers" --max-readers-per-org "$readers" >"$work/agent.log" 2>&1 &
  own+=($!)
  "$ARK_FAN" floor <"$work/floor.in" >"$work/floor.log" &
  own+=($!)
  exec {floor}>"$work/floor.in"
  $psql -U app -c "SET app.current_org = $org" -f - <"$work/change.in" >/dev/null &
  own+=($!)
  exec {change}>"$work/change.in"
  pids+=("${own[@]}")
  wait_for "$work/agent.log" ' serves ' 1
  wait_for "$work/agent.log" ' subscribed ' 1
  for side in floor agent; do
    : >"$work/$side.out"
    if [ "$side" = floor ]; then
      port=$(cat "$work/floor.log")
    else
      port=$(sed -n 's/.* listens .*address=127.0.0.1:\([0-9]*\).*/\1/p' "$work/agent.log")
    fi
    for ((i = 0; i < processes; i++)); do
      "$ARK_FAN" read "$port" "/v1/config/ai/events?org=$org" $((readers / processes)) >>"$work/$side.out" &
      fans+=($!)
      pids+=($!)
    done
    wait_for "$work/$side.out" ready "$processes"
  done
  : >"$work/rounds"
  for ((i = 0; i < events; i++)); do
    for side in floor agent; do
      mark=$(now)
      if [ "$side" = floor ]; then
        echo "$mark" >&"$floor"
      else
        echo "SELECT api.set_config('ai', 'mark', '$mark', 'bench');" >&"$change"
      fi
      wait_for "$work/$side.out" "^$mark " "$processes"
      last=0
      while read -r got; do [ "$got" -gt "$last" ] && last=$got; done \
        < <(sed -n "s/^$mark //p" "$work/$side.out")
      printf '%s ' $((last - mark)) >>"$work/rounds"
    done
    echo >>"$work/rounds"
  done
  exec {floor}>&- {change}>&-
  for pid in "${fans[@]}" "${own[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm "$work"/*.in
  sed -i 1,10d "$work/rounds"
  figures 'a change to the last reader, median' 50 -
  figures 'a change to the last reader, p99' 99 100000
}

# figures WHAT PERCENTILE TARGET: a row of the table. Each side's percentile by itself; the ratio is
# theirs. Beside a median stand the quartiles of the rounds' ratios.
figures() {
  local base ours
  base=$(percentile 1 "$2") ours=$(percentile 2 "$2")
  awk '{ print $2 / $1 }' "$work/rounds" | sort -g |
    awk -v what="$1" -v target="$3" -v readers="$readers" -v base="$base" -v ours="$ours" '
      { ratio[NR] = $1 }
      END {
        q = int((NR + 3) / 4)
        spread = what ~ /median/ ? sprintf(" (%.2f-%.2f)", ratio[q], ratio[NR + 1 - q]) : ""
        met = target == "-" ? "" : ours <= target ? "yes" : "NO"
        printf "| %s | SSE | %d | %.1f | %.1f | %.2f%s | %s | %s |\n", what, readers, base, ours,
          ours / base, spread, target == "-" ? "-" : "100 ms", met
      }'
}

percentile() {
  cut -d' ' -f"$1" "$work/rounds" | sort -g | awk -v p="$2" '{ t[NR] = $1 } END { print t[int((NR * p + 99) / 100)] }'
}

for readers in 300 3000 10000; do row "$readers"; done
kill "${pids[@]}" 2>/dev/null || true
wait || true
