# ENGINE PROGRAM NAME...: does none of these workers take or run jobs any more? One that does not run, or
# has no startd, has none. Those that do are printed. PROGRAM: slots.sh. Exit code 0: none, 1: some,
# 2: the engine does not answer.
engine=$1 program=$2 busy=
shift 2
# shellcheck source=running.sh
. ./running.sh
for name; do
  runs "$name" || continue
  processes=$(processes "$name") || exit 2
  case $processes in
    *condor_start*) ;;
    *) continue ;;
  esac
  jobs=$(printf '%s\n' "$processes" | grep -c 'condor_starter$')
  slots=$("$engine" exec "$name" sh -c "$program" slots 2>/dev/null) || slots=unknown
  if [ "$jobs" = 0 ] && ! printf '%s\n' "$slots" | grep -qv '^Drained Idle '; then continue; fi
  echo "$name: $jobs jobs still run"
  busy=1
done
[ -z "$busy" ]
