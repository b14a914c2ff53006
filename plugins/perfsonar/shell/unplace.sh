# FILE COPY: the file holds what it held before place, or is not there.
if [ -e "$2.none" ]; then
  rm -f "$1" "$2.none"
elif [ -e "$2" ]; then
  cat "$2" >"$1" && rm -f "$2"
fi
