# NODE: says why it takes no jobs.
# shellcheck source=startd.sh
. ./startd.sh
startd "$1" || exit 2
[ -n "$slots" ] || {
  echo 'no condor_startd runs'
  exit
}
idle && state=Drained || state=Draining
echo "$state: ${reason:-no reason}"
