# NODE: sets `state` (IDLE+DRAIN) and `reason` of a node of Slurm. Exit code 2: Slurm does not answer,
# or has no such node. Sourced by the others.
of_node() {
  shown=$(timeout 30 scontrol show node "$1" 2>&1)
  state=$(printf '%s\n' "$shown" | sed -n 's/^ *State=\([^ ]*\).*/\1/p')
  # shellcheck disable=SC2034 # the others read it
  reason=$(printf '%s\n' "$shown" | sed -n 's/^ *Reason=//p')
  [ -z "$state" ] || return 0
  printf '%s\n' "$shown" >&2
  return 2
}

# Does it take no jobs?
out() {
  case $state in *DRAIN* | *DOWN* | *FAIL*) return 0 ;; esac
  return 1
}
