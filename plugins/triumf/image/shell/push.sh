# REFERENCE: pushes it; the engine's words are shown as they come. Exit code 14: not let in, 15: the
# registry cannot be reached, or stopped in the middle, 16: another answer, 17: it cannot keep it.
reference=$1
log=$(mktemp -d) || exit 1
trap 'rm -rf "$log"' EXIT
{
  docker push "$reference" 2>&1
  echo $? >"$log/code"
} | tee "$log/output"
[ "$(cat "$log/code")" != 0 ] || exit 0
case $(cat "$log/output") in
  *401* | *unauthorized* | *denied* | *"no basic auth"*) exit 14 ;;
  *"500 Internal"* | *"no space"* | *"unknown error"* | *"503 Service"*) exit 17 ;;
  *refused* | *EOF* | *reset* | *"broken pipe"* | *"no route"* | *timeout* | *lookup*) exit 15 ;;
esac
exit 16
