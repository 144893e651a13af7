# shellcheck shell=bash disable=SC2034,SC2154
# What it costs those who change configuration that a bridge hears of it, beside one that runs: nobody
# wakes it (it polls); the handshake, as it is; a NOTIFY in every transaction.
"$ARK_BRIDGE" run -d "host=$PGHOST port=$PGPORT dbname=bench user=bridge" --redis "rediss://bridge@127.0.0.1:$ARK_REDIS_PORT" \
  --redis-ca-file "$ARK_REDIS_CA" --redis-password-file "$ARK_REDIS_USERS/bridge" >"$work/bridge.log" 2>&1 &
bridge=$!
trap 'kill $bridge 2>/dev/null || true; wait $bridge 2>/dev/null || true' EXIT
for ((second = 0; second < 100; second++)); do
  [ "$(psql -XAtU postgres -c 'SELECT leads FROM config.feed_status()')" = t ] && break
  sleep 0.1
done
variables="-D first=$(psql -XAtU postgres -c "SELECT min(id) - 1 FROM core.organizations WHERE id > 0")"
for clients in 1 8 32; do
  transactions=$((clients == 1 ? 200 : 60))
  compare 'set_config beside a bridge, woken by handshake' 1.25 prepared "$clients" app nobody.sql app handshake.sql
  compare 'the same, woken by NOTIFY every time' - prepared "$clients" app nobody.sql app notify.sql
done

# calls CLIENTS FILE: calls per second, all of them counted, the slow ones too.
calls() {
  local output
  # shellcheck disable=SC2086
  output=$(PGUSER=app "$pgbench" -n -M prepared -c "$1" -j 1 -T 3 $variables -f "$folder/$2" 2>&1) || { printf '%s\n' "$output" >&2; return 1; }
  awk '/^tps/ { printf "%d\n", $3 }' <<<"$output"
}

printf '\n| set_config beside a bridge, calls per second | no wake-up | as it is | ratio | at least | met | a NOTIFY every time | ratio |\n|---|---:|---:|---:|---:|---|---:|---:|\n'
for clients in 1 8 32; do
  for ((round = 0; round < 5; round++)); do
    printf '%s %s %s\n' "$(calls "$clients" nobody.sql)" "$(calls "$clients" handshake.sql)" "$(calls "$clients" notify.sql)"
  done | sort -n -k2 | awk -v clients="$clients" '
    # The middle one of the ratios of five rounds; the rates are those of that round.
    { none[NR] = $1; ours[NR] = $2; notify[NR] = $3; ratio[NR] = $2 / $1; order[NR] = NR }
    END {
      for (i = 1; i <= NR; i++) for (j = i + 1; j <= NR; j++)
        if (ratio[order[j]] < ratio[order[i]]) { t = order[i]; order[i] = order[j]; order[j] = t }
      m = order[int((NR + 1) / 2)]
      printf "| %d clients | %d | %d | %.2f | 0.80 | %s | %d | %.2f |\n", clients, none[m], ours[m], ratio[m],
        (ratio[m] >= 0.8 ? "yes" : "NO"), notify[m], notify[m] / none[m]
    }'
done
kill $bridge
wait $bridge || true
