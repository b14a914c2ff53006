# open_sessions ENGINE SERVICE KEPT: a line ID|SINCE|MOUNTS for each session of this Compose service
# that is open, and for the container KEPT where dfuse has mounted something in it.
#
# Exit codes: 0; 1 the engine does not answer.

# shellcheck source=sessions.sh
. ./sessions.sh
ids=$(sessions "$1" "$2") || exit 1
kept=$("$1" container ls -q --filter "name=^$3\$") || exit 1
for id in $ids $kept; do
  about=$("$1" container inspect --format '{{.State.Pid}} {{.State.StartedAt}}' "$id") || continue
  mounts=$(awk '/ - fuse\.daos / { printf "%s ", $5 }' "/proc/${about%% *}/mountinfo" 2>/dev/null)
  [ "$id" = "$kept" ] && [ -z "$mounts" ] || printf '%s|%s|%s\n' "$id" "${about#* }" "$mounts"
done
