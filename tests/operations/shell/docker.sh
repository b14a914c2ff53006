# A docker that answers where there is a file `state`. RAN: IDs of what ran; LOST: the one that does
# not any more, GONE: it is removed, else CODE: its exit code; REMOVES: those with --rm; LIVE: its word for live-restore, unless there is a file `live` that says it.
case $1 in
  ps) printf '%s' "$RAN" ;;
  info) [ -e state ] && { cat live 2>/dev/null || echo "$LIVE"; } ;;
  container) case "$*" in
    *AutoRemove*) for id in $REMOVES; do echo "true $id"; done ;;
    *ExitCode*) [ -z "$GONE" ] && echo "$CODE" ;;
    *"id=$LOST") ;;
    *) echo found ;;
  esac ;;
esac
