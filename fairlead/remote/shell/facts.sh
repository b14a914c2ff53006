# fl_check_tools TOOL...
# Reports the tools that are missing; ends the program (exit 0) if there are any.
fl_check_tools() {
  missing=$(fl_missing_tools "$@")
  fl_report tools "$missing"
  [ -z "$missing" ] || exit 0
}

# fl_missing_tools TOOL...
# Prints those that are not there, each with a space behind it. busybox has a flock that cannot
# wait.
fl_missing_tools() {
  for tool; do
    command -v "$tool" >/dev/null 2>&1 || printf '%s ' "$tool"
  done
  ! command -v flock >/dev/null 2>&1 || flock -w 1 /dev/null true 2>/dev/null ||
    printf 'flock-of-util-linux '
}

# fl_ask_fact NUMBER SECONDS COMMAND
# Asks one fact beside the others. Its output lands in TEMPORARY/NUMBER, its exit code in
# TEMPORARY/NUMBER.code (124: not in time).
fl_ask_fact() {
  {
    timeout -k 1 "$2" sh -c "$3" </dev/null 3<&- >"$TEMPORARY/$1" 2>&1
    echo $? >"$TEMPORARY/$1.code"
  } &
}

# fl_report_fact NUMBER
# Reports the exit code and the first 64 KiB of the output of a fact that has been asked.
fl_report_fact() {
  fl_report fact "$1" "$(cat "$TEMPORARY/$1.code")" \
    "$(head -c 65536 "$TEMPORARY/$1" | base64 | tr -d '\n')"
}
