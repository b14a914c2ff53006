# PROGRAM...: prints those that are not there, in a row.
for name; do
  command -v "$name" >/dev/null || printf '%s ' "$name"
done
