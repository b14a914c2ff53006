# NODE: sets `jobs`: a line for each that is on it: ID, when it ends at the latest. Exit code 2: not
# known. Sourced by the others.
running() {
  jobs=$(timeout 25 squeue -h -w "$1" -t R,S,CG,ST,SI,CF -o '%i %e' 2>&1) && return 0
  printf '%s\n' "$jobs" >&2
  return 2
}
