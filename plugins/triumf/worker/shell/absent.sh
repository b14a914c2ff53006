# PATH...: prints those that are not there.
for path; do
  [ -e "$path" ] || echo "$path"
done
