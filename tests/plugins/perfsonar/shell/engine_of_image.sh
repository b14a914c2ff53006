# An engine whose image says VARIABLE in its environment and has PROGRAMS of PostgreSQL.
case $* in
  *'image inspect'*) printf 'A=1\n%s\n' "$VARIABLE" ;;
  *'run --rm'*) printf '%s\n' "$PROGRAMS" ;;
  *) exit 125 ;;
esac
