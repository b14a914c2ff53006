# fl_check_tools TOOL...
# Reports the tools that are missing; ends the program (exit 0) if there are any. busybox has a flock
# that cannot wait.
fl_check_tools() {
  missing=
  for tool; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing$tool "
  done
  ! command -v flock >/dev/null 2>&1 || flock -w 1 -s 4 4</dev/null 2>/dev/null ||
    missing="${missing}flock-of-util-linux "
  fl_report tools "$missing"
  [ -z "$missing" ] || exit 0
}

# fl_ask_fact NUMBER SECONDS WORD...
# Asks one fact beside the others. Its output, up to 8 MiB, lands in TEMPORARY/NUMBER, its exit code
# in TEMPORARY/NUMBER.code (124: not in time). Its own temporary files lie in TEMPORARY as well, and
# what it shares with the others (FL_SHARED).
fl_ask_fact() {
  {
    ulimit -f 16384
    TMPDIR=$TEMPORARY FL_SHARED=$TEMPORARY
    export TMPDIR FL_SHARED
    answer=$TEMPORARY/$1 limit=$2
    shift 2
    timeout -k 1 "$limit" "$@" </dev/null 3<&- >"$answer" 2>&1
    echo $? >"$answer.code"
  } &
}

# fl_check_written
# Refuses where the answers of facts may not have been written: what has no room ends early, and
# often ends well. A lease that was taken is given back.
fl_check_written() {
  fl_has_room answers && return
  [ -z "${LEASED:-}" ] || fl_release_lease "$LEASED" "$LEASED_BY"
  fl_refuse "the answers to its facts cannot be written to $TEMPORARY (is it full?)"
}

# fl_report_fact NUMBER
# Reports the exit code and the output of a fact that has been asked; of more than 4 MiB that it is
# cut.
fl_report_fact() {
  read -r fact_code <"$TEMPORARY/$1.code"
  answer=$(fl_base64 "$TEMPORARY/$1")
  if [ ${#answer} -gt 5592408 ]; then
    fl_report fact "$1" "$fact_code" '' cut
  else
    fl_report fact "$1" "$fact_code" "$answer"
  fi
}
