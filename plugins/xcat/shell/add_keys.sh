# FILE KEY...: they are lines of FILE. It is xCAT's too: lines are added and none is taken away.
# FILE.before is what it was.
set -eu
umask 077
file=$1
shift
mkdir -p "${file%/*}"
cp -p "$file" "$file.before" 2>/dev/null || : >"$file.before"
for key; do
  grep -qsxF -e "$key" "$file" || printf '%s\n' "$key" >>"$file"
done
