# ENGINE CONTAINER FOLDER FAILURES RESTARTS PATIENCE LOCKS SYSTEM HEALTHY...: the watchdog of a test
# point, run by a timer. HEALTHY asks it inside. What is not well FAILURES times in a row is started
# anew, never made anew: its state is its own. More than RESTARTS within an hour mend nothing (a
# resolver, a clock): then it is left, and said. It keeps off while somebody works on SYSTEM (a lease
# or a lock in LOCKS), from one that does not run or was started less than PATIENCE seconds ago.
# Exit code 1: it is not well, and nothing more is done. FOLDER holds `failures` and `restarts`.
# shellcheck source=../../../fairlead/operations/argv/shell/ended_lib.sh
. ../../../fairlead/operations/argv/shell/ended_lib.sh
set -u
engine=$1 container=$2 folder=$3 failures=$4 restarts=$5 patience=$6 locks=$7 system=$8
shift 8
mkdir -p "$folder"
now=$(date +%s)

# is_worked_on: has somebody a lease that is still good? Its fifth line says until when.
is_worked_on() {
  for lease in "$locks/$system".lease.*; do
    [ "$(sed -n 5p "$lease" 2>/dev/null)" -gt "$now" ] 2>/dev/null && return
  done
  return 1
}

# is_up: does it run, for so long that it should be well? In the kernel's ticks, 100 a second.
is_up() {
  pid=$("$engine" container inspect --format '{{.State.Pid}}' "$container" 2>/dev/null) || return 1
  [ "$pid" -gt 0 ] && { read -r stat <"/proc/$pid/stat"; } 2>/dev/null || return 1
  # shellcheck disable=SC2086 # split: field 22 of all is the tick of its birth
  set -- ${stat##*) }
  read -r up _ </proc/uptime
  [ $((${up%%.*} - ${20} / 100)) -ge "$patience" ]
}

# recent: the times of restarts within the last hour
recent() {
  [ ! -e "$folder/restarts" ] || awk -v since=$((now - 3600)) '$1 > since' "$folder/restarts"
}

if is_worked_on || ! is_up; then exit 0; fi
if words=$("$engine" exec "$container" "$@" 2>&1); then
  rm -f "$folder/failures"
  exit 0
fi
count=$(cat "$folder/failures" 2>/dev/null)
count=$((${count:-0} + 1))
echo $count >"$folder/failures"
echo "not well ($count of $failures): $(printf '%s\n' "$words" | tail -n 1)"
[ $count -ge "$failures" ] || exit 0
times=$(recent)
number=$(printf '%s' "$times" | grep -c .)
if [ "$number" -ge "$restarts" ]; then
  echo "started anew $number times within the hour: left as it is; what a restart does not mend is not the container's" >&2
  exit 1
fi
[ -e "$locks/$system.lock" ] || (umask 022 && : >>"$locks/$system.lock") 2>/dev/null
exec 9<"$locks/$system.lock"
flock -n 9 || exit 0
echo "starting $container anew"
printf '%s\n' "$times" "$now" | grep . >"$folder/restarts.new"
mv "$folder/restarts.new" "$folder/restarts"
rm -f "$folder/failures"
"$engine" restart -t 30 "$container" && exit
code=$?
[ "$engine" = podman ] && ended "$container" || exit $code
exec podman start "$container"
