# A podman with one container, whose conmon was killed. FOLDER: `about` is what `inspect` says of it,
# `exits` where ends are noted, `calls` what was asked.
case $1 in
  container) [ "$2" != inspect ] || cat "$FOLDER/about" ;;
  stop) sed -i 's/ running / stopping /' "$FOLDER/about" ;;
  *) [ -e "$FOLDER/exits/$ID" ] ;;
esac
code=$?
echo "$*" >>"$FOLDER/calls"
exit $code
