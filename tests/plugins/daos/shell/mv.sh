#!/bin/sh
# mv, which ends the program that calls it once it has moved as often as the file moves says.

echo >>"$AT/moved"
if [ "$(wc -l <"$AT/moved")" -gt "$(cat "$AT/moves")" ]; then
  kill "$PPID"
else
  exec /bin/mv "$@"
fi
