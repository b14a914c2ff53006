# ranks_are STATE...: are all ranks of the system in one of these states (joined, stopped...)?
#
# `dmg system query` is asked; those that are in another are printed. Runs inside the admin's image.
# Exit codes: 0 all are, or the system is uninitialized, so that there is no rank; 1 some are
# not; 2 no server answers.

answer=$(dmg --json system query 2>&1) || {
  case $answer in *uninitialized*) exit 0 ;; esac
  printf '%s\n' "$answer" | tail -n 1 >&2
  exit 2
}
states=$(printf '%s' "$answer" | grep -o '"state": *"[a-zA-Z]*"' | cut -d '"' -f 4)
[ -n "$states" ] || exit 2
for state; do states=$(printf '%s\n' "$states" | grep -vix "$state"); done
[ -z "$states" ] || {
  echo "ranks are $(printf '%s\n' "$states" | sort | uniq -c | xargs)" >&2
  exit 1
}
