# PATH...: prints each with the propagation of the mount that it lies in, as findmnt(8) says it:
# private, shared, or either with ",slave".
for path; do
  state=$(findmnt -n -o PROPAGATION -T "$path" | tail -n 1)
  echo "$path ${state:--}"
done
