# shellcheck shell=bash disable=SC2034,SC2154
# What it costs those who change configuration that a bridge hears of it, beside one that runs: nobody
# wakes it (it polls); the handshake, as it is; a NOTIFY in every transaction.
"$ARK_BRIDGE" run -d "host=$PGHOST port=$PGPORT dbname=bench user=bridge" --redis "rediss://bridge@127.0.0.1:$ARK_REDIS_PORT" \
  --redis-ca-file "$ARK_REDIS_CA" --redis-password-file "$ARK_REDIS_USERS/bridge" >"$work/bridge.log" 2>&1 &
bridge=$!
trap 'kill $bridge 2>/dev/null; wait $bridge 2>/dev/null || true' EXIT
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
kill $bridge
wait $bridge || true
