# keep ENGINE CONTAINER FOLDER NAME FORM WORDS VARIABLE...
# FOLDER/NAME says in JSON (WORDS) which options a container keeps from the one before it, and
# FOLDER/NAME.env has the values of those VARIABLEs, readable by us alone. What stood there is kept in
# .before. FORM: "quoted": as Compose reads it.
set -eu
umask 077
engine=$1 container=$2 folder=$3 name=$4 form=$5 words=$6
shift 6
mkdir -p "$folder"
for file in "$name" "$name.env"; do
  [ ! -e "$folder/$file" ] || [ -e "$folder/$file.before" ] || mv "$folder/$file" "$folder/$file.before"
done
if [ $# -gt 0 ]; then
  "$engine" container inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$container" |
    NAMES=" $* " FORM=$form awk '
      { name = $0; sub(/=.*/, "", name); value = substr($0, length(name) + 2) }
      index($0, "=") && index(ENVIRON["NAMES"], " " name " ") && !seen[name]++ {
        print name "=" (ENVIRON["FORM"] == "quoted" ? "\047" value "\047" : value)
      }' >"$folder/$name.env"
fi
printf '%s\n' "$words" >"$folder/$name"
