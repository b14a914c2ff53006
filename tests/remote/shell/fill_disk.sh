# FOLDER
# Fills the disk of the state folder, so that even the events of the run take no further line.
cat /dev/zero >"$1/filling"
for _ in 1 2 3; do
  echo x >>"$1/runs/$(ls "$1/runs")/events" || exit 0
done
exit 0
