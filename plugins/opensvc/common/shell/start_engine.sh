# start_engine SOCKET DATA FILE [MOUNT...]: the engine on SOCKET answers; else it is started as agent
# 2.1 starts it, but waited for, and asked why where it ends.
#
# DATA: its data directory. FILE: the agent's file of the service, which has its id. MOUNT: what has
# to be mounted before: an engine must not begin anew below a file system that is missing.
# DOCKER_HOST in the environment is the socket. Exit codes: 0; 1 it does not answer.

# shellcheck source=engines.sh
. ./engines.sh
socket=$1 data=$2 file=$3
shift 3
own=${socket%/*}
id=$(sed -n 's/^[ \t]*id[ \t]*=[ \t]*//p' "$file" | head -n 1)

alive() { timeout 5 docker version >/dev/null 2>&1; }
listed() { pgrep -f "$(engine_on "$socket")" >/dev/null; }

# Waits 60 seconds for an engine that is there: it answers, or it was on its way out.
settled() {
  tries=120
  until alive || ! listed; do
    [ $((tries -= 1)) -gt 0 ] || return 1
    sleep 0.5
  done
}

settled || {
  echo "the engine on $socket runs and does not answer; its words are in $own/docker.log" >&2
  exit 1
}
! alive || exit 0
for mount; do
  awk -v mount="$mount" '$2 == mount { found = 1 } END { exit !found }' /proc/mounts || {
    echo "$mount is not mounted: no engine is started on $data" >&2
    exit 1
  }
done
mkdir -p "$own"
rm -f "$own/docker.pid"
setsid dockerd -H "unix://$socket" --data-root "$data" -p "$own/docker.pid" \
  --exec-root "${socket%/svc/*}/dockerx/$id" --exec-opt native.cgroupdriver=cgroupfs \
  </dev/null >"$own/docker.log" 2>&1 &
engine=$!
tries=120
until alive; do
  if ! kill -0 "$engine" 2>/dev/null || [ $((tries -= 1)) -le 0 ]; then
    echo "the engine on $socket does not answer: $(tail -n 1 "$own/docker.log")" >&2
    exit 1
  fi
  sleep 0.5
done
