# FILE EDIT KEYS: does the configuration of the lookup service's daemon have these lines, as the program
# for awk EDIT puts them? Exit codes: 1 it has not; 2 there is no FILE, or it cannot be one.
file=$1 edit=$2
if [ ! -f "$file" ]; then
  echo "there is no $file" >&2
  exit 2
fi
new=$(KEYS=$3 awk "$edit" "$file" | sha256sum && KEYS=$3 awk "$edit" "$file" >/dev/null) || {
  echo "$file has no <site>, without which the daemon ends: take the image's file" >&2
  exit 2
}
[ "$new" = "$(sha256sum <"$file")" ]
