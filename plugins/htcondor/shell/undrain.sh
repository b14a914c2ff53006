# NODE MARK: it takes jobs again where the reason of its drain begins with MARK. By the number of that
# drain: what somebody else does meanwhile is not taken back.
# shellcheck source=startd.sh
. ./startd.sh
startd "$1" || exit 2
[ -n "$draining" ] || exit 0
case $reason in "$2"*) ;; *) exit 0 ;; esac
timeout 60 condor_drain -cancel -request-id "$request" "$machine" >/dev/null || exit
startd "$1" || exit 2
[ -z "$draining" ] || {
  echo "$1 is drained still: ${reason:-no reason}" >&2
  exit 1
}
