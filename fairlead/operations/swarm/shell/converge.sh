# converge ROOT STACK PATIENCE STEADY ENV SECRETS IMAGES RESOLVE FILE...
# Wait until every task that is wanted runs. 1: it will not become so, or not in PATIENCE seconds;
# why, and the last words of tasks that failed.
# shellcheck source=prepare_lib.sh
. ./prepare_lib.sh
# shellcheck source=judge_lib.sh
. ./judge_lib.sh
own=
prepare "$@" || exit 1
end=$(($(date +%s) + patience))
while :; do
  judge && exit 0
  [ $? = 3 ] || [ "$(date +%s)" -ge $end ] || { sleep 1; continue; }
  echo "${why%. }"
  for task in $failures; do
    timeout 5 docker service logs --raw --tail 3 "$task" 2>&1 | sed 's/^/it said: /'
  done
  exit 1
done
