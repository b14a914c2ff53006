# HELP: what it says of its flags; BROKEN: what is wrong with its file. That nothing is, it says on
# stderr, as Docker 28 does.
case $1 in
  --help) echo "$HELP" ;;
  *)
    [ -z "$BROKEN" ] || { echo "$BROKEN" >&2; exit 1; }
    echo "configuration OK" >&2
    ;;
esac
