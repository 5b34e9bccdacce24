#!/usr/bin/env bash
# Makes the real thing on this machine: PostgreSQL and Redis in Docker, a Kubernetes cluster with an ingress controller
# by kind, and the settings in .env that `npm start` reads. What is there is left alone, so it can be run at any time, and
# goes on where it was interrupted. Written for the bash 3.2 of macOS, too.
# Backquotes in single quotes name commands to people:
# shellcheck disable=SC2016
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# The same names stand in kind-config.yaml, docker-compose.yml and ingress-controller.yaml.
cluster=store-platform
context=kind-$cluster
node_container=$cluster-control-plane
ingress_class=traefik
ingress_namespace=traefik

# There while the cluster is being made, and after an interruption of that.
making=.data/making-kind-cluster

block_begin='# >>> Written by ./setup.sh; `./setup.sh --down` takes these lines back while they are unchanged.'
block_end='# <<< ./setup.sh'

usage() {
  cat <<END
./setup.sh              PostgreSQL and Redis in Docker, a kind cluster with an ingress controller, npm packages, .env
./setup.sh --down       takes all of it back, with every shop in that cluster; asks first
./setup.sh --down --yes the same without asking
./setup.sh --help       this
END
}

say() { printf '%s\n' "$*"; }

step() { printf '\n▸ %s\n' "$*"; }

fail() {
  printf '\n✖ %s\n' "$*" >&2
  exit 1
}

misused() {
  printf '%s\n' "$1 ./setup.sh --help shows what there is." >&2
  exit 2
}

# --- What this machine must have ------------------------------------------------------------------------------------

problems=''

# What is wrong, and what to do about it. All of it is shown at once.
problem() { problems+="  ✖ $1"$'\n'"      $2"$'\n'; }

stop_at_problems() {
  [ -z "$problems" ] || fail "This has to be mended first:"$'\n'"${problems%$'\n'}"
}

has() { command -v "$1" >/dev/null 2>&1; }

# at_least TEXT MAJOR MINOR: whether the first version in the text, such as v20.19.1, is not below that one.
at_least() {
  [[ $1 =~ ([0-9]+)\.([0-9]+) ]] || return 1
  ((BASH_REMATCH[1] > $2 || (BASH_REMATCH[1] == $2 && BASH_REMATCH[2] >= $3)))
}

check_docker() {
  if ! has docker; then
    problem 'docker is not installed.' \
      'Debian, Ubuntu: https://docs.docker.com/engine/install/ · macOS: brew install --cask docker-desktop, and open it'
    return
  fi
  docker compose version >/dev/null 2>&1 ||
    problem 'docker has no `docker compose`.' \
      'Debian, Ubuntu: apt-get install docker-compose-plugin (or docker-compose-v2) · macOS: Docker Desktop has it'
  check_daemon
}

check_daemon() {
  local answer
  if answer=$(docker info --format 'cgroup v{{.CgroupVersion}}' 2>&1); then
    # Kubernetes has left cgroup v1 behind with 1.35.
    [[ $answer != *'cgroup v1'* ]] ||
      problem 'Docker uses cgroup v1, on which the cluster of kind-config.yaml does not start.' \
        'Start Linux with systemd.unified_cgroup_hierarchy=1 on its command line'
    return
  fi
  case $answer in
    *'permission denied'*)
      problem 'Docker does not let you in.' \
        'Linux: sudo usermod -aG docker "$USER", then sign in again' ;;
    *)
      problem "Docker's daemon does not answer." \
        'Debian, Ubuntu: sudo systemctl start docker · macOS: open Docker Desktop' ;;
  esac
}

check_kind() {
  local hint='Debian, Ubuntu: https://kind.sigs.k8s.io/docs/user/quick-start/#installing-from-release-binaries · macOS: brew install kind'
  if ! has kind; then
    problem 'kind is not installed.' "$hint"
  elif ! at_least "$(kind --version)" 0 33; then
    problem "$(kind --version) is too old for the node image in kind-config.yaml: it needs 0.33 or newer." "$hint"
  fi
}

check_kubectl() {
  has kubectl || problem 'kubectl is not installed.' \
    'Debian, Ubuntu: https://kubernetes.io/docs/tasks/tools/install-kubectl-linux/ · macOS: brew install kubectl'
}

check_node() {
  local hint='Debian, Ubuntu: https://nodejs.org/en/download · macOS: brew install node'
  if ! has node; then
    problem 'node is not installed.' "$hint"
  elif ! at_least "$(node --version)" 20 19; then
    problem "Node $(node --version) is too old: Store Platform needs 20.19 or newer." "$hint"
  fi
  has npm || problem 'npm is not installed.' 'Debian, Ubuntu: apt-get install npm · macOS: it comes with brew install node'
}

# A port that something else holds would be told by Docker alone, in the middle, one at a time.
check_ports() {
  local running
  running=$(docker ps --format '{{.Names}}') || fail "Docker does not say which containers run."
  check_port "$running" $cluster-db 5432 PostgreSQL
  check_port "$running" $cluster-redis 6379 Redis
  check_port "$running" $node_container 80 'the shops'
  check_port "$running" $node_container 443 'the shops'
}

check_port() {
  local running=$1 container=$2 port=$3 wanted_by=$4
  ! grep -Fqx "$container" <<<"$running" || return 0
  ! is_taken "$port" ||
    problem "Port $port of 127.0.0.1 is taken by another program; it is for $wanted_by." \
      "Which one: sudo ss -ltnp 'sport = :$port' (macOS: sudo lsof -nP -iTCP:$port -sTCP:LISTEN). Stop it"
}

is_taken() {
  node -e '
    const socket = require("node:net").connect({ port: process.argv[1], host: "127.0.0.1" });
    socket.once("connect", () => process.exit(0)).once("error", () => process.exit(1));' "$1"
}

check_machine() {
  step 'Looking for what is needed'
  check_docker
  check_kind
  check_kubectl
  check_node
  stop_at_problems
  check_ports
  stop_at_problems
  say 'docker, kind, kubectl, node and npm are here.'
}

# --- Making ---------------------------------------------------------------------------------------------------------

start_databases() {
  step 'PostgreSQL 15 and Redis 7, in Docker'
  docker compose up --detach --wait --wait-timeout 180 ||
    fail 'PostgreSQL or Redis did not start; why stands above or in `docker compose logs`. Then run ./setup.sh again.'
}

cluster_exists() {
  local clusters
  clusters=$(kind get clusters) || fail 'kind does not say which clusters there are.'
  grep -Fqx "$cluster" <<<"$clusters"
}

make_cluster() {
  step "The kind cluster $cluster"
  if is_half_made; then
    say 'An earlier run was interrupted while it made the cluster. It is made anew.'
    kind delete cluster --name "$cluster"
  fi
  if cluster_exists; then
    wake_node
  else
    create_cluster
  fi
  rm -f "$making"
  reach_cluster
}

# Somebody may have made the cluster by hand since: one with shops is never taken for half-made.
is_half_made() {
  [ -e "$making" ] || return 1
  cluster_exists || return 1
  docker start "$node_container" >/dev/null 2>&1 || true
  ! holds_shops
}

holds_shops() {
  local shops
  kind export kubeconfig --name "$cluster" >/dev/null 2>&1 || return 1
  await_answer || return 1
  shops=$(in_cluster get namespaces --selector store-platform.dev/installation --output name) || return 1
  [ -n "$shops" ]
}

create_cluster() {
  mkdir -p "$(dirname "$making")"
  : >"$making"
  if ! kind create cluster --config kind-config.yaml --wait 180s; then
    # It has cleaned up behind itself.
    rm -f "$making"
    fail 'kind could not make the cluster; why stands above. Then run ./setup.sh again.'
  fi
}

# After the machine has been off, the cluster's node is a container that was stopped.
wake_node() {
  local state
  state=$(docker inspect --format '{{.State.Status}}' "$node_container") ||
    fail "kind knows the cluster, but its node, the container $node_container, is not there. Nothing of it is left: run \`kind delete cluster --name $cluster\`, then ./setup.sh again."
  case $state in
    running) say 'It is there and runs.' ;;
    paused) resume unpause "$state" ;;
    *) resume start "$state" ;;
  esac
}

resume() {
  say "Its node, the container $node_container, is $2. It is started again."
  docker "$1" "$node_container" >/dev/null ||
    fail "The container $node_container does not start. See \`docker logs $node_container\`. What helps in the end is \`kind delete cluster --name $cluster\`, which loses the shops in it, then ./setup.sh again."
}

# Never another context than our own, whatever kubectl talks to by default.
in_cluster() { kubectl --context "$context" "$@"; }

answers() { in_cluster get --raw /readyz --request-timeout=5s >/dev/null 2>&1; }

await_answer() {
  local tries
  for ((tries = 40; tries > 0; tries--)); do
    ! answers || return 0
    sleep 3
  done
  return 1
}

reach_cluster() {
  answers || kind export kubeconfig --name "$cluster" ||
    fail "kind could not write the context $context to your kubeconfig; why stands above."
  await_answer || fail "The cluster does not answer. See \`docker logs $node_container\`, then run ./setup.sh again."
  in_cluster wait --for=condition=Ready nodes --all --timeout=180s ||
    fail "The cluster's node is not ready. See \`kubectl --context $context describe nodes\`, then run ./setup.sh again."
}

install_controller() {
  step 'The ingress controller, Traefik'
  in_cluster apply --filename ingress-controller.yaml ||
    fail 'The cluster did not take ingress-controller.yaml; why stands above.'
  in_cluster --namespace "$ingress_namespace" rollout status deployment/traefik --timeout=300s || controller_not_ready
}

controller_not_ready() {
  in_cluster --namespace "$ingress_namespace" get pods >&2 || true
  fail "The ingress controller is not ready after five minutes. See \`kubectl --context $context --namespace $ingress_namespace describe pods\`: most often its image could not be pulled. Then run ./setup.sh again."
}

# `npm ci` starts with deleting node_modules, under the feet of a platform that runs.
install_packages() {
  step 'npm packages'
  if [ -e node_modules/.package-lock.json ] && [ ! package-lock.json -nt node_modules/.package-lock.json ]; then
    say 'They are there.'
  else
    npm ci --no-audit --no-fund || fail 'npm could not install the packages; why stands above. Then run ./setup.sh again.'
  fi
}

# --- .env -----------------------------------------------------------------------------------------------------------

settings() {
  cat <<END
DATABASE_URL=postgresql://postgres:postgres@127.0.0.1:5432/store_platform
REDIS_URL=redis://127.0.0.1:6379
KUBE_CONTEXT=$context
INGRESS_CLASS=$ingress_class
INGRESS_NAMESPACE=$ingress_namespace
END
}

# Sets `value` to what .env sets NAME to, without quotes and comment. Fails where it doesn't.
look_up() {
  local line found=1
  value=''
  [ -f .env ] || return 1
  while IFS= read -r line || [ -n "$line" ]; do
    [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?$1[[:space:]]*=[[:space:]]*(.*)$ ]] || continue
    found=0 value=${BASH_REMATCH[2]}
  done <.env
  case $value in
    \"*\" | \'*\') value=${value:1:${#value}-2} ;;
    *) value=${value%%#*} value=${value%"${value##*[![:space:]]}"} ;;
  esac
  return $found
}

write_settings() {
  local line missing=''
  step '.env'
  # It holds a password: for its owner alone, if it is made here.
  [ -e .env ] || (umask 077 && : >.env)
  while IFS= read -r line; do
    if wants_line "$line"; then missing+=$line$'\n'; fi
  done < <(settings)
  [ -z "$missing" ] || append_block "$missing"
  say 'It points the platform at all of this.'
}

# Whether a setting still has to be written. What is there stays, and is told where it leads elsewhere.
wants_line() {
  local name=${1%%=*} wanted=${1#*=} value
  if look_up "$name"; then
    [ "$value" = "$wanted" ] ||
      say "It sets $name already, to something else than $wanted: that line stays, and the platform goes by it."
    return 1
  fi
  if [ "$name" = DATABASE_URL ] && look_up DB_HOST; then
    say 'It names a PostgreSQL by DB_HOST already: that stays, and DATABASE_URL is not written.'
    return 1
  fi
}

append_block() {
  [ -z "$(tail -c 1 .env)" ] || printf '\n' >>.env
  printf '%s\n%s%s\n' "$block_begin" "$1" "$block_end" >>.env
}

# .env without the lines of our blocks that are as we wrote them; a block in which others are left keeps its frame.
without_blocks() {
  OURS=$(settings) BEGIN=$block_begin END=$block_end awk '
    function leave() { if (held != "") printf "%s\n%s%s", ENVIRON["BEGIN"], held, $0 == ENVIRON["END"] ? $0 "\n" : "" }
    BEGIN { count = split(ENVIRON["OURS"], lines, "\n"); for (i = 1; i <= count; i++) ours[lines[i]] = 1 }
    $0 == ENVIRON["BEGIN"] { inside = 1; held = ""; next }
    inside && $0 == ENVIRON["END"] { leave(); inside = 0; next }
    inside { if (!($0 in ours)) held = held $0 "\n"; next }
    { print }
    END { if (inside) leave() }' .env
}

take_settings_back() {
  local rest
  [ -f .env ] || return 0
  # Without the x, the substitution would drop empty lines at the end.
  rest=$(without_blocks && printf x)
  rest=${rest%x}
  if [ -z "$rest" ]; then
    rm .env
  else
    # Into the same file: its mode and whatever links to it stay.
    printf '%s' "$rest" >.env
  fi
  if grep -Fqsx "$block_begin" .env; then say 'Lines of .env that were changed since stay there.'; fi
}

# --- What to do next ------------------------------------------------------------------------------------------------

# setting NAME DEFAULT
setting() {
  local value
  look_up "$1" || true
  printf '%s' "${value:-$2}"
}

say_next() {
  local api domain current
  api=http://localhost:$(setting PORT 3000)
  domain=$(setting STORE_BASE_DOMAIN "$(setting CLUSTER_IP 127.0.0.1).nip.io")
  cat <<END

⚡ Everything is there. Next:

  npm start         # then open http://localhost:$(setting DASHBOARD_PORT 3001)

And in another terminal, to see that it works:

  kind get clusters
  kubectl get pods -n $ingress_namespace
  curl $api/health
  curl -X POST $api/api/stores \\
    -H "Content-Type: application/json" \\
    -d '{"name":"Test Store","type":"woocommerce"}'
  kubectl get pods --all-namespaces --watch

The store is then at http://store-{id}.$domain
END
  current=$(kubectl config current-context 2>/dev/null) || current=''
  [ "$current" = "$context" ] ||
    say "kubectl talks to \"$current\" by default: add --context $context to the commands above, or run \`kubectl config use-context $context\`."
  [ -z "$(setting API_TOKEN '')" ] ||
    say 'API_TOKEN is set: add -H "Authorization: Bearer YOUR_TOKEN" to the curl that makes a store.'
  [ -z "${KUBECONFIG:-}" ] ||
    say 'KUBECONFIG is set in this shell: set it for `npm start`, too, or in .env.'
}

# --- Taking it back -------------------------------------------------------------------------------------------------

check_what_down_needs() {
  check_docker
  has kind || problem 'kind is not installed.' 'Without it the cluster can be removed by hand alone'
  stop_at_problems
}

confirm_loss() {
  local answer
  cat <<END
This deletes, for good:

  - the kind cluster $cluster, with every shop in it, its products and its orders
  - PostgreSQL and Redis of docker-compose.yml with their volumes: all stores, events and jobs of the platform
  - the lines that ./setup.sh wrote to .env

Stop \`npm start\` first. Other files stay, node_modules among them.
END
  [ "$1" != yes ] || return 0
  [ -t 0 ] || fail 'Nothing was deleted: nobody can be asked here. Add --yes if that is what you want.'
  read -r -p 'Type "yes" to go on: ' answer || answer=''
  [ "$answer" = yes ] || fail 'Nothing was deleted.'
}

take_down() {
  check_what_down_needs
  confirm_loss "$1"
  step "The kind cluster $cluster"
  kind delete cluster --name "$cluster" || fail 'kind could not delete the cluster; why stands above.'
  rm -f "$making"
  step 'PostgreSQL and Redis'
  docker compose down --volumes || fail 'Docker could not remove the containers; why stands above.'
  step '.env'
  take_settings_back
  say 'All of it is gone. ./setup.sh makes it anew; without it `npm start` brings its own database and an emulated cluster.'
}

set_up() {
  check_machine
  start_databases
  make_cluster
  install_controller
  install_packages
  write_settings
  say_next
}

main() {
  local what=set_up yes=no
  while (($# > 0)); do
    case $1 in
      --down) what=take_down ;;
      --yes) yes=yes ;;
      --help | -h) usage && exit 0 ;;
      *) misused "There is no option \"$1\"." ;;
    esac
    shift
  done
  [ "$yes" = no ] || [ $what = take_down ] || misused '--yes belongs to --down.'
  trap 'printf "\nInterrupted. The same command again goes on.\n" >&2; exit 130' INT
  $what "$yes"
}

main "$@"
