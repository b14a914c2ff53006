# ENGINE PROGRAM NAME...: condor of each of these workers that runs reads its configuration anew; one that
# has not begun yet reads it then. A master that does not take the command (it trusts nobody inside)
# takes the signal. PROGRAM: called_back.sh where the pool's collector calls workers back, else "":
# one that began with a token which the pool refuses has no address for that, and gets one up to six
# minutes later, or when condor begins anew; without a job it does. Exit code 1: one does not take
# the token, or the pool does not, 2: the engine does not answer.
engine=$1 program=$2 rc=0
shift 2
# shellcheck source=running.sh
. ./running.sh

# called_back NAME TIMES: asked that often, 2 s apart
called_back() {
  tries=$2
  until "$engine" exec "$1" sh -c "$program" called_back; do
    [ $((tries -= 1)) -gt 0 ] || return 1
    sleep "${PAUSE:-2}"
  done
}

# begins_anew NAME: unless a job runs there
begins_anew() {
  processes "$1" | grep -q ' condor_starter$' && return
  "$engine" exec "$1" condor_restart -peaceful >/dev/null 2>&1 || "$engine" restart "$1" >/dev/null
  called_back "$1" 30 || {
    echo "$1 has the new token and the pool's collector does not call it back: is the token the" \
      "pool's, and is the collector up?" >&2
    return 1
  }
}

for name; do
  runs "$name" || continue
  master=$(processes "$name" | awk '$2 == "condor_master" { print $1; exit }')
  [ -n "$master" ] || continue
  "$engine" exec "$name" condor_reconfig >/dev/null 2>&1 || kill -HUP "$master" || {
    echo "$name does not take the new token over" >&2
    rc=1
    continue
  }
  [ -z "$program" ] || called_back "$name" 3 || begins_anew "$name" || rc=1
done
exit $rc
