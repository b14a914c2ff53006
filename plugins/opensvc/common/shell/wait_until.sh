# wait_until SECONDS WORD...: waits until the words succeed.
#
# Exit codes: 0; 1 they did not in time.

tries=$(($1 * 2))
shift
until "$@"; do
  [ $((tries -= 1)) -gt 0 ] || exit 1
  sleep 0.5
done
