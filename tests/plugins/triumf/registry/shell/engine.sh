# An engine with one container, which runs or not ($RUNNING; "": there is none), and notes what it is
# told.
case $2 in
  inspect)
    [ -n "$RUNNING" ] || exit 1
    echo "$RUNNING"
    ;;
  *) echo "$1 $2" >>"$NOTES" ;;
esac
