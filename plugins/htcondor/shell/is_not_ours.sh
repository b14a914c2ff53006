# NODE MARK: exit code 0: it is not drained, or by somebody else whose reason does not begin with
# MARK, 1: it is ours to give back, 2: not known. A startd that has just begun is given a minute.
# shellcheck source=startd.sh
. ./startd.sh
tries=6
until startd "$1" 2>/dev/null; do
  [ $((tries -= 1)) -gt 0 ] || {
    startd "$1"
    exit 2
  }
  sleep 10
done
[ -n "$draining" ] || exit 0
case $reason in "$2"*) exit 1 ;; esac
