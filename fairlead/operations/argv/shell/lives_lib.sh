# Does a container still run, by the word of the kernel. Included.

# lives ID PID
# Does this process belong to the container of this ID? Its engine gives each a control group that has
# its whole ID in its name. 0 yes; 1 no, or it is not to be seen.
lives() {
  [ "${#1}" -ge 64 ] && [ "${2:-0}" -gt 0 ] && grep -qF "$1" "/proc/$2/cgroup" 2>/dev/null
}
