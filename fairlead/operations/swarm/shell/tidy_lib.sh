# What is left of a change that is over. Included after stack_lib.sh.

# old_versions SECRET: those that are not in service
old_versions() {
  now=$(newest "$1") || exit 2
  all=$(versions "$1") || exit 2
  printf '%s\n' "$all" | grep -vxF "${now:-none}" || :
}

