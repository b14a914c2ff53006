# NAME...: does none of these workers take or run jobs any more? One that does not run has none.
# Those that do are printed. Exit code 0: none, 1: some, 2: the engine does not answer.
# shellcheck source=running.sh
. ./running.sh
busy=
for name; do
  runs "$name" || continue
  processes=$(docker top "$name" -eo pid,comm) || exit 2
  case $processes in
    *condor_start*) ;;
    *) continue ;;
  esac
  echo "$name: $(printf '%s\n' "$processes" | grep -c 'condor_starter$') jobs still run"
  busy=1
done
[ -z "$busy" ]
