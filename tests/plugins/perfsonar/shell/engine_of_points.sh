# A stand-in for an engine with three containers, of which two are test points; psconfig answers in
# one of them, with what is in LISTED.
case "$1 $2" in
  "container ls") printf '%s\n' "a perfsonar/testpoint:x" "web nginx" "b my/testpoint" ;;
  "exec a") printf '%s\n' "$LISTED" ;;
  *) exit 1 ;;
esac
