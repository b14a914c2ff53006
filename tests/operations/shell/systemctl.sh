# BROKEN: not empty, the engine does not come up. SETTINGS: its file, of which a reload takes
# live-restore over; where the key is missing, it keeps what it has, as dockerd does.
case $1 in
  restart)
    rm -f state
    [ -n "$BROKEN" ] && { echo 'Job for docker.service failed.' >&2; exit 1; }
    touch state
    ;;
  reload)
    word=$(sed -n 's/.*"live-restore" *: *\([a-z]*\).*/\1/p' "${SETTINGS:-/dev/null}")
    [ -z "$word" ] || echo "$word" >live
    ;;
esac
