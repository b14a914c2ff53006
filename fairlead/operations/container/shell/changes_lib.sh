# What a container has in its own layer that is in none of its volumes. Included.

# changes ENGINE CONTAINER PATH...
# Prints a line "A PATH" (new), "C PATH" (changed) or "D PATH" (gone) for each file, as the engine's
# `diff` does, without volumes, the PATHs, what an engine writes itself and what is made to go away.
# 1: the engine does not answer.
# shellcheck disable=SC2030,SC2031
changes() {
  engine=$1 container=$2
  shift 2
  all=$("$engine" diff "$container") || return 1
  mounted=$("$engine" container inspect --format '{{range .Mounts}}{{println .Destination}}{{end}}' "$container") || return 1
  leaves=$(printf '%s\n' "$all" | OUT=$(printf '%s\n' "$mounted" "$@") awk "$AWK_OF_LEAVES")
  printf '%s\n' "$leaves" | while IFS= read -r leaf; do
    case $leaf in
      "") ;;
      "C "*) is_folder "${leaf#C }" || printf '%s\n' "$leaf" ;;
      *) printf '%s\n' "$leaf" ;;
    esac
  done
}

# is_folder PATH
# Is it a folder in the container? One that runs shows its files; else the engine is asked.
is_folder() {
  pid=$("$engine" container inspect --format '{{.State.Pid}}' "$container") || return 1
  at=/proc/$pid/root$1
  if [ "$pid" != 0 ] && { [ -e "$at" ] || [ -h "$at" ]; }; then
    [ -d "$at" ] && [ ! -h "$at" ]
  else
    [ "$("$engine" cp "$container:$1" - 2>/dev/null | dd bs=1 skip=156 count=1 2>/dev/null)" = 5 ]
  fi
}

# Of the lines of `diff` those below which no other line lies. OUT in the environment: paths that do
# not count, nor what lies below them; folders that were made for them alone do not count either.
# shellcheck disable=SC2034,SC2016 # read where it is included; the $ are awk's
AWK_OF_LEAVES='
BEGIN {
  own = "/dev\n/proc\n/sys\n/run\n/var/run\n/var/lock\n/tmp\n/var/tmp\n/var/cache\n/.dockerenv"
  own = own "\n/etc/hosts\n/etc/hostname\n/etc/resolv.conf\n/etc/mtab\n"
  n = split(own ENVIRON["OUT"], words, "\n")
  for (i = 1; i <= n; i++)
    if (words[i] != "") { outside[words[i]]; made[words[i]]; ancestors(words[i], made) }
}
function ancestors(path, into) { while (sub(/\/[^\/]*$/, "", path) && path != "") into[path] }
function is_out(path) {
  do { if (path in outside) return 1 } while (sub(/\/[^\/]*$/, "", path) && path != "")
  return 0
}
{
  path = substr($0, 3)
  if (path !~ /^\// || is_out(path)) next
  kind[path] = substr($0, 1, 1); order[++count] = path; ancestors(path, above)
}
END {
  for (i = 1; i <= count; i++) {
    path = order[i]
    if (!(path in above) && !(path in made)) print kind[path] " " path
  }
}'
