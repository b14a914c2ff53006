# FILE MERGE, URLs on stdin: does the agent's configuration have each among its remotes, and is it
# nobody else's to read? Exit codes: 1 no, 2 there is no FILE.
file=$1 merge=$2
if [ ! -f "$file" ] || [ -h "$file" ]; then
  echo "there is no $file" >&2
  exit 2
fi
[ "$(stat -c %a "$file")" = 600 ] || exit 1
new=$(awk "$merge" - "$file" | sha256sum) || exit 2
[ "$new" = "$(sha256sum <"$file")" ]
