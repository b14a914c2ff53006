# FILE...: has each its FILE.original? Exit code 0: yes, 1: no.
for file; do
  [ -e "$file.original" ] || exit 1
done
