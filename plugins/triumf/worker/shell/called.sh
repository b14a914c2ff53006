# PROGRAM NAME...: prints those of these workers that the pool's collector calls back. PROGRAM:
# called_back.sh. Exit code 2: the engine does not answer.
# shellcheck source=running.sh
. ./running.sh
program=$1
shift
for name; do
  runs "$name" && docker exec "$name" sh -c "$program" called_back && echo "$name"
done 2>/dev/null
true
