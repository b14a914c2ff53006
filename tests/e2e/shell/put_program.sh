# FILE TEXT: it is a program.
printf %s "$2" >"$1"
chmod 755 "$1"
