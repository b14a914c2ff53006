# HELP: what it says of its flags; BROKEN: what is wrong with its file.
case $1 in
  --help) echo "$HELP" ;;
  *) [ -z "$BROKEN" ] || { echo "$BROKEN" >&2; exit 1; } ;;
esac
