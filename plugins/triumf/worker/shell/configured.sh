# ENGINE PROGRAM NAME...: prints what condor of each of these workers is, and how it is configured: the line
# `[NAME]`, then what PROGRAM (configured_inside.sh) prints inside it; nothing of one that does not
# run. Exit code 2: the engine does not answer.
engine=$1 program=$2
shift 2
# shellcheck source=running.sh
. ./running.sh
for name; do
  runs "$name" || continue
  lines=$("$engine" exec "$name" sh -c "$program" configured 2>/dev/null) || continue
  printf '[%s]\n%s\n' "$name" "$lines"
done
