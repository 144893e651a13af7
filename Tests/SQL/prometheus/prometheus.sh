# shellcheck shell=bash disable=SC2154
# A real Prometheus, with data that write_data makes. Sourced; `work` is a folder for its files, `web` one that
# configures how it serves (--web.config.file), if not by plain HTTP.

for tool in prometheus promtool curl; do
  command -v "$tool" >/dev/null || { echo "$0: error: $tool is missing; scripts/packages --group tests" >&2; exit 1; }
done
server=''
stop_server() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
}

# Samples of each minute of the hours before $1, in seconds since 1970: acme uses 2.5 cores in two pods,
# one of which is restarted (its counter begins at 0 again, and the minute before counts for nothing), and whose pause containers do not count;
# beta 8 cores, then 1; ghost is nobody's; kube-system is no tenant.
write_data() {
  awk -v end="$1" -v hours="$2" 'BEGIN {
    start = end - hours * 3600
    for (t = start; t <= end; t += 60) {
      e = t - start
      cpu("org-acme", "web", "app", 2 * e, t)
      cpu("org-acme", "web", "", 2.5 * e, t)
      half = hours * 1800
      cpu("org-acme", "job", "app", 0.5 * (e < half ? e : e - half), t)
      cpu("org-beta", "db", "app", e < half ? 8 * e : 8 * half + (e - half), t)
      cpu("org-ghost", "x", "app", e, t)
      cpu("kube-system", "dns", "app", e, t)
    }
    for (t = start; t <= end; t += 60) {
      gauge("container_memory_working_set_bytes{namespace=\"org-acme\",pod=\"web\",container=\"app\"}", 3221225472, t)
      gauge("container_memory_working_set_bytes{namespace=\"org-acme\",pod=\"web\",container=\"\"}", 9221225472, t)
      gauge("container_memory_working_set_bytes{namespace=\"org-beta\",pod=\"db\",container=\"app\"}", 1073741824, t)
    }
    for (t = start; t <= end; t += 60)
      gauge("kubelet_volume_stats_used_bytes{namespace=\"org-acme\",persistentvolumeclaim=\"data\"}", 536870912, t)
  }
  function cpu(namespace, pod, container, value, t) {
    printf "container_cpu_usage_seconds_total{namespace=\"%s\",pod=\"%s\",container=\"%s\"} %.1f %.0f\n", namespace, pod, container, value, t
  }
  function gauge(series, value, t) { printf "%s %.0f %.0f\n", series, value, t }' |
    # The samples of one series together, in the order of time.
    sort -s -k1,1 >"$work/samples"
  {
    for metric in container_cpu_usage_seconds:counter container_memory_working_set_bytes:gauge kubelet_volume_stats_used_bytes:gauge; do
      echo "# TYPE ${metric%:*} ${metric#*:}"
      grep "^${metric%:*}" "$work/samples"
    done
    echo '# EOF'
  } >"$work/data.om"
  promtool tsdb create-blocks-from openmetrics "$work/data.om" "$work/tsdb" >"$work/promtool.log" 2>&1 || {
    cat "$work/promtool.log" >&2
    exit 1
  }
}

start_server() {
  local attempt
  printf 'global: {}\n' >"$work/prometheus.yml"
  for attempt in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 12000))
    # It ends with this script, however that ends.
    setpriv --pdeathsig TERM prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" --storage.tsdb.retention.time=100y \
      ${web:+--web.config.file="$web"} --web.listen-address="127.0.0.1:$port" --log.level=warn >"$work/prometheus.log" 2>&1 &
    server=$!
    while kill -0 "$server" 2>/dev/null; do
      if curl -fsk -o /dev/null "http${web:+s}://127.0.0.1:$port/-/ready"; then return; fi
      sleep 0.1
    done
    wait "$server" 2>/dev/null || true
  done
  echo "$0: error: Prometheus does not start ($attempt attempts)" >&2
  cat "$work/prometheus.log" >&2
  exit 1
}
