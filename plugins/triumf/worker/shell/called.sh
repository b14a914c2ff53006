# ENGINE PROGRAM NAME...: prints those of these workers that the pool's collector calls back. PROGRAM:
# called_back.sh. Exit code 2: the engine does not answer.
engine=$1 program=$2
shift 2
# shellcheck source=running.sh
. ./running.sh
for name; do
  runs "$name" && "$engine" exec "$name" sh -c "$program" called_back && echo "$name"
done 2>/dev/null
true
