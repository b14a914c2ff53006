# no_alerts WORD...: runs agent 3's validation, which prints a list of what it finds and ends with 0.
#
# Exit codes: 0 the list is empty; 1 it is not, or there is none.

output=$("$@" 2>&1) || {
  printf '%s\n' "$output"
  exit 1
}
case $(printf %s "$output" | tr -d ' \t\r\n') in
  '[]' | null) ;;
  *)
    printf '%s\n' "$output"
    exit 1
    ;;
esac
