# A condor_drain as 23.9 is: who drains already is refused, and so is a check that is false
# ($FALSE_CHECK). What it is told is noted in $NOTES.
echo "condor_drain $*" >>"$NOTES"
if [ "$1" = -cancel ]; then
  : >"$DRAINS"
  echo "Sent request to cancel draining on $2"
  exit
fi
if [ -s "$DRAINS" ]; then
  echo "Received failure in response to DRAIN_JOBS request: error code 10001: Draining already" \
    "in progress."
  exit 1
fi >&2
if [ -n "$FALSE_CHECK" ]; then
  echo "Received failure in response to DRAIN_JOBS request: error code 10003: Draining check" \
    "expression is false on slot1@vn0317.tier1.lan."
  exit 1
fi >&2
echo "$3" >"$DRAINS"
