# engine_restart
# Containers that ran have to run afterwards; what the engine says when it does not come up is told
# in its own words. An engine that can look at its file beforehand does so while the old one still
# runs. A container that ended by itself meanwhile is no loss. 1: it does not start, or a container
# is lost.
# shellcheck source=engine_lib.sh
. ./engine_lib.sh
settings=/etc/docker/daemon.json
ran=$(docker ps -q --no-trunc 2>/dev/null)
# shellcheck disable=SC2086 # IDs
removes_itself=$([ -z "$ran" ] ||
  docker container inspect -f '{{.HostConfig.AutoRemove}} {{.Id}}' $ran | sed -n 's/^true //p')
lives_on=
! has_live_restore true || lives_on=1

# ended_by_itself ID: is it one that the restart has not ended? With live-restore no restart ends
# any: one that removes itself (--rm) is gone, another ended well.
ended_by_itself() {
  [ -n "$lives_on" ] || return 1
  exit_code=$(docker container inspect -f '{{.State.ExitCode}}' "$1" 2>/dev/null) || {
    printf '%s\n' "$removes_itself" | grep -qxF "$1"
    return
  }
  [ "$exit_code" = 0 ]
}

if dockerd --help 2>&1 | grep -q -- --validate && [ -f "$settings" ]; then
  answer=$(dockerd --validate --config-file "$settings" 2>&1) || { # that all is well, it says there too
    printf '%s\n' "$answer" >&2
    exit 1
  }
fi
error=$(reset_and_restart 2>&1)
failed=$?
# comes_up: does it answer? Where systemd gave it up, one question is enough.
comes_up() { answers || [ $failed -ne 0 ]; }
retry 60 1 comes_up
answers || {
  why=$(journalctl -u docker -n 40 2>/dev/null | grep -iE 'unable to|failed to start|fatal|error' | tail -n 1)
  echo "the engine does not start: ${why:-$error}" >&2
  exit 1
}
for id in $ran; do
  running=$(docker container ls -q --no-trunc --filter "id=$id") || exit 1
  [ -n "$running" ] || ended_by_itself "$id" || {
    echo "the container $id ran before, and does not any more" >&2
    exit 1
  }
done
