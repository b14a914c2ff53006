# NODE: prints its state (Off, Drained, Draining, or those of its slots), the reason of its drain, its
# version, and the number of its jobs, a line each. Exit code 2: not known.
# shellcheck source=startd.sh
. ./startd.sh
startd "$1" || exit 2
version='' state=Off
if [ -n "$slots" ]; then
  version=$(timeout 20 condor_status -direct "$machine" -af CondorVersion | awk 'NR == 1 { print $2 }')
  state=$(printf '%s\n' "$slots" | awk '{ print $2 "/" $3 }' | sort -u | tr '\n' ' ')
  state=${state% }
fi
if [ -n "$draining" ]; then idle && state=Drained || state=Draining; fi
printf '%s\n%s\n%s\n%d\n' "$state" "$reason" "$version" "$(jobs | wc -l)"
