# URL PATH [COMMAND WORD...]: what lies there is the file, whole; then the command is done. Exit code 1:
# it could not be fetched, or is empty, which is said.
set -e
url=$1 path=$2
shift 2
mkdir -p "$(dirname "$path")"
curl -fsSL --max-time 60 -o "$path.new" "$url"
[ -s "$path.new" ] || {
  rm -f "$path.new"
  echo "$url is empty" >&2
  exit 1
}
chmod 644 "$path.new"
mv "$path.new" "$path"
[ $# = 0 ] || "$@"
