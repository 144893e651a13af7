# shellcheck shell=bash
# A private Kubernetes: etcd, kube-apiserver, and the controllers without which an API server alone
# would falsify tests (an empty ClusterRole admin, quotas without status, namespaces that never end).

kubernetes_controllers=namespace,resourcequota,clusterrole-aggregation,serviceaccount,serviceaccount-token,root-ca-cert-publisher,garbagecollector

kubernetes_start() {
  local kubectl
  kubectl=$(command -v kubectl) || die "kubectl is not installed" "Install it with: scripts/packages"
  state_set ARK_KUBECTL "$kubectl"
  if [ -n "${KUBECONFIG:-}" ]; then
    kubernetes_use_given
  else
    kubernetes_start_own
  fi
  kubernetes_deploy
}

# The user's own cluster: the current context alone, with everything that it refers to.
kubernetes_use_given() {
  local folder="$dir/kubernetes"
  mkdir -p "$folder"
  chmod 700 "$folder"
  (umask 077 && "$(state_get ARK_KUBECTL)" config view --minify --raw --flatten \
    >"$folder/given.kubeconfig" 2>>"$dir/log/deploy.log") ||
    die "KUBECONFIG has no usable current context: $KUBECONFIG" "Choose one with: kubectl config use-context"
  state_set ARK_KUBECONFIG_ADMIN "$folder/given.kubeconfig"
  kubernetes_kubectl config view --raw -o 'jsonpath={.clusters[0].cluster.certificate-authority-data}' |
    base64 -d >"$folder/given-ca.crt"
  [ -s "$folder/given-ca.crt" ] ||
    die "the cluster of $KUBECONFIG names no certificate authority" "Add certificate-authority-data to its entry."
  state_set ARK_KUBERNETES_CA "$folder/given-ca.crt"
}

kubernetes_start_own() {
  local folder="$dir/kubernetes" bin etcd etcd_port peer_port port manager_port url
  state_set ARK_KUBECONFIG_ADMIN "$folder/admin.kubeconfig"
  state_set ARK_KUBERNETES_CA "$folder/ca.crt"
  bin=$("$here/kubernetes-binaries" --print) || exit 1
  etcd=$(kubernetes_etcd)
  mkdir -p "$folder"
  chmod 700 "$folder"
  port=$(port_of ARK_APISERVER_PORT)
  etcd_port=$(port_of ARK_ETCD_PORT)
  peer_port=$(port_of ARK_ETCD_PEER_PORT)
  manager_port=$(port_of ARK_MANAGER_PORT)
  url="https://127.0.0.1:$port"

  certificate_authority "$folder" agent-ready-k8s
  certificate "$folder" etcd /CN=etcd DNS:localhost,IP:127.0.0.1
  certificate "$folder" apiserver /CN=kube-apiserver \
    DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.0.0.1
  certificate "$folder" admin /O=system:masters/CN=ark-admin
  certificate "$folder" manager /CN=system:kube-controller-manager
  if [ ! -f "$folder/accounts.key" ]; then
    openssl ecparam -genkey -name prime256v1 -noout -out "$folder/accounts.key" 2>/dev/null
  fi
  kubernetes_kubeconfig "$folder/admin.kubeconfig" "$url" "$folder/ca.crt" \
    "client-certificate: $folder/admin.crt" "client-key: $folder/admin.key"
  kubernetes_kubeconfig "$folder/manager.kubeconfig" "$url" "$folder/ca.crt" \
    "client-certificate: $folder/manager.crt" "client-key: $folder/manager.key"

  if ! process_pid etcd >/dev/null; then
    process_start etcd "$etcd" --name ark --data-dir "$folder/etcd" \
      --listen-client-urls "https://127.0.0.1:$etcd_port" --advertise-client-urls "https://127.0.0.1:$etcd_port" \
      --listen-peer-urls "http://127.0.0.1:$peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
      --initial-cluster "ark=http://127.0.0.1:$peer_port" \
      --client-cert-auth --trusted-ca-file "$folder/ca.crt" \
      --cert-file "$folder/etcd.crt" --key-file "$folder/etcd.key"
  fi
  state_set ARK_AUDIT_LOG "$folder/audit.log"
  if ! process_pid apiserver >/dev/null; then
    process_start apiserver "$bin/kube-apiserver" \
      --etcd-servers "https://127.0.0.1:$etcd_port" --etcd-cafile "$folder/ca.crt" \
      --etcd-certfile "$folder/etcd.crt" --etcd-keyfile "$folder/etcd.key" \
      --bind-address 127.0.0.1 --secure-port "$port" --endpoint-reconciler-type none \
      --tls-cert-file "$folder/apiserver.crt" --tls-private-key-file "$folder/apiserver.key" \
      --client-ca-file "$folder/ca.crt" --authorization-mode RBAC \
      --service-cluster-ip-range 10.0.0.0/24 \
      --service-account-issuer https://kubernetes.default.svc \
      --api-audiences https://kubernetes.default.svc \
      --service-account-signing-key-file "$folder/accounts.key" \
      --service-account-key-file "$folder/accounts.key" --cert-dir "$folder" \
      --audit-policy-file "$here/stack.d/audit-policy.yaml" --audit-log-path "$folder/audit.log" \
      --audit-log-maxsize 500 --audit-log-maxbackup 1
  fi
  wait_until 60 kube-apiserver "$dir/log/apiserver.log" kubernetes_kubectl get --raw /readyz
  if ! process_pid controller-manager >/dev/null; then
    local insecure=()
    # Older ones open a port without TLS on every address unless told not to. Not by `grep -q` on a
    # pipe: that ends its writer early, and pipefail then says that nothing was found.
    case "$("$bin/kube-controller-manager" --help 2>/dev/null)" in *' --port int'*) insecure=(--port 0) ;; esac
    process_start controller-manager "$bin/kube-controller-manager" \
      --kubeconfig "$folder/manager.kubeconfig" --controllers "$kubernetes_controllers" \
      --use-service-account-credentials \
      --service-account-private-key-file "$folder/accounts.key" --root-ca-file "$folder/ca.crt" \
      --leader-elect=false --bind-address 127.0.0.1 --secure-port "$manager_port" \
      --cert-dir "$folder" "${insecure[@]}"
  fi
  # The controller gathers the rules of `admin`: until then binding it grants nothing.
  wait_until 60 kube-controller-manager "$dir/log/controller-manager.log" kubernetes_has_admin
}

kubernetes_etcd() {
  if [ -x "${KUBEBUILDER_ASSETS:-/nowhere}/etcd" ]; then
    printf '%s\n' "$KUBEBUILDER_ASSETS/etcd"
  else
    command -v etcd || die "etcd is not installed" "Install it with: scripts/packages"
  fi
}

kubernetes_kubectl() {
  "$(state_get ARK_KUBECTL)" --kubeconfig "$(state_get ARK_KUBECONFIG_ADMIN)" --request-timeout 5s "$@"
}

kubernetes_has_admin() {
  [ -n "$(kubernetes_kubectl get clusterrole admin -o 'jsonpath={.rules[0]}')" ]
}

# kubernetes_kubeconfig FILE SERVER CA-FILE USER-LINE…
kubernetes_kubeconfig() {
  local file=$1 server=$2 ca=$3
  shift 3
  {
    printf 'apiVersion: v1\nkind: Config\ncurrent-context: ark\n'
    printf 'contexts:\n- name: ark\n  context: {cluster: ark, user: ark}\n'
    printf 'clusters:\n- name: ark\n  cluster:\n    server: %s\n    certificate-authority: %s\n' "$server" "$ca"
    printf 'users:\n- name: ark\n  user:\n'
    printf '    %s\n' "$@"
  } >"$file.new"
  chmod 600 "$file.new"
  mv "$file.new" "$file"
}

# The rights of deploy/kubernetes, and the provisioner's own kubeconfig: a token of its service
# account, never that of an administrator.
kubernetes_deploy() {
  local folder="$dir/kubernetes" server token
  mkdir -p "$folder"
  chmod 700 "$folder"
  kubernetes_kubectl apply -k "$root/deploy/kubernetes" >>"$dir/log/deploy.txt" 2>&1 ||
    die "the rights of deploy/kubernetes could not be applied" "$(tail -n 2 "$dir/log/deploy.txt")"
  # 30 days; starting the stack again renews it.
  printf '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":2592000}}' \
    >"$folder/token-request.json"
  token=$(kubernetes_kubectl create -f "$folder/token-request.json" \
    --raw /api/v1/namespaces/agent-ready-k8s-system/serviceaccounts/provisioner/token |
    sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
  [ -n "$token" ] || die "no token for the provisioner's service account"
  (umask 077 && printf '%s' "$token" >"$folder/provisioner.token")
  server=$(kubernetes_kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}')
  kubernetes_kubeconfig "$folder/provisioner.kubeconfig" "$server" "$(state_get ARK_KUBERNETES_CA)" \
    "tokenFile: $folder/provisioner.token"
  state_set ARK_ADDRESS_kubernetes "$server"
  state_set ARK_KUBECONFIG_PROVISIONER "$folder/provisioner.kubeconfig"
}

kubernetes_stop() {
  process_stop controller-manager TERM 5
  process_stop apiserver TERM 10
  process_stop etcd TERM 10
}

kubernetes_address() { state_get ARK_ADDRESS_kubernetes || true; }
