# shellcheck shell=bash
# A private Redis: TLS only, a user per service.

redis_start() {
  process_pid redis >/dev/null && return
  local port folder="$dir/redis"
  command -v redis-server >/dev/null || die "redis-server is not installed" "Install it with: scripts/packages"
  port=$(port_of ARK_REDIS_PORT)
  mkdir -p "$folder"
  chmod 700 "$folder"
  certificate_authority "$folder" agent-ready-k8s-redis
  certificate "$folder" server /CN=localhost DNS:localhost,IP:127.0.0.1
  "$root/deploy/redis/acl" "$folder/users.acl" "$folder/users" \
    ai email webhook features api quota
  sed "s|@PORT@|$port|; s|@FOLDER@|$folder|" "$root/deploy/redis/redis.conf" >"$folder/redis.conf"
  state_set ARK_REDIS_CA "$folder/ca.crt"
  state_set ARK_REDIS_USERS "$folder/users"
  process_start redis redis-server "$folder/redis.conf"
  wait_until 15 Redis "$dir/log/redis.log" redis_ping "$port" "$folder"
}

redis_ping() {
  [ "$(REDISCLI_AUTH=$(cat "$2/users/operator") redis-cli --tls --cacert "$2/ca.crt" -h 127.0.0.1 -p "$1" \
    --user operator --no-auth-warning ping)" = PONG ]
}

redis_stop() { process_stop redis TERM 10; }
redis_crash() { process_stop redis KILL 5; }
redis_address() { printf 'rediss://127.0.0.1:%s' "$(state_get ARK_REDIS_PORT)"; }
