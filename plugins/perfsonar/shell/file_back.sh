# FILE COPY: the file says what its copy says, and is still the same file: who watches it notices.
[ -e "$2" ] || exit 0
cat "$2" >"$1" && rm -f "$2"
