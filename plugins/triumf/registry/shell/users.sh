# FILE...: prints who is in the files of users that are there.
for file; do
  [ ! -f "$file" ] || cut -d: -f1 "$file"
done
