# A condor_status whose one startd has $SLOTS ("-" for none that answers), each STATE ACTIVITY
# PROMISE, and drains for the reason that stands in the file $DRAINS.
[ "$1 $2 $3" = "-direct vn0317.tier1.lan -af" ] || exit 9
[ "$SLOTS" != - ] || exit 1
shift 3
reason=$(cat "$DRAINS")
printf '%s\n' "$SLOTS" | while read -r slot; do
  case $* in
    *State*) echo "$slot ${reason:-undefined}" ;;
    *'"-")'*) echo "${reason:--}" ;;
    *) echo "$reason" ;;
  esac
done
