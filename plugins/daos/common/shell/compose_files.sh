# compose_files FOLDER: prints the compose and stack files of a folder, each behind a line
# `--- file NAME`.
#
# Exit codes: 0; 3 there is no such folder.

cd "$1" 2>/dev/null || exit 3
for f in docker-compose.*.yml docker-stack.*.yml; do
  [ ! -f "$f" ] || {
    printf '%s %s\n' '--- file' "$f"
    cat "$f"
  }
done
