# FILE...: prints a line for each file that is there: its path, its content in base64.
for file; do
  [ ! -f "$file" ] || printf '%s %s\n' "$file" "$(base64 <"$file" | tr -d '\n')"
done
