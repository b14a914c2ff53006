# An engine with the container `app`, whose first process is $FIRST and whose address $ADDRESS.
case $* in
  *IPAddress*) echo "$ADDRESS" ;;
  *" --format ="*) printf '=/app\t%s\n' "$FIRST" ;;
  "top app "*) printf '  PID\n  %s\n' "$FIRST" ;;
esac
