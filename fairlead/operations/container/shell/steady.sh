# steady ENGINE CONTAINER SECONDS [ID PID]
# Has its main process lived for so long? One that dies and is started anew never has. 0 yes, 1 no;
# one that was started anew is told on stderr, with the last words on its stdout.
# Its age is counted in the kernel's ticks (100 a second) against our own birth, a moment ago: no
# clock that is set meanwhile changes it.
# ID, PID: which container it was, and its main process; while that lives, no engine is asked.
# shellcheck source=../../argv/shell/lives_lib.sh
. ../../argv/shell/lives_lib.sh
engine=$1 container=$2 least=$3

# born PID: prints the tick in which a process was born; nothing where it is gone.
born() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  # shellcheck disable=SC2086 # split: state, parent, ...; field 22 of all
  set -- ${stat##*) }
  printf %s "${20}"
}

# has_lived PID: for so long?
has_lived() {
  birth=$(born "$1")
  [ -n "$birth" ] && [ $(($(born $$) - birth)) -ge $((least * 100)) ]
}

if lives "${4:-}" "${5:-0}" && has_lived "$5"; then exit 0; fi
about=$("$engine" container inspect --format '{{.State.Pid}} {{.RestartCount}} {{.State.ExitCode}}' "$container") || exit 1
IFS=' ' read -r pid restarts code <<END
$about
END
if [ "$pid" -gt 0 ] && has_lived "$pid"; then exit 0; fi
if [ "$restarts" -gt 0 ]; then
  echo "its main process does not stay: restarted $restarts times, last exit code $code" >&2
  "$engine" logs --tail 5 "$container" >&2 2>/dev/null
fi
exit 1
