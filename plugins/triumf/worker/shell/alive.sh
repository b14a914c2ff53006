# PROGRAM...: inside a container, are there processes of all these names? Exit code 0: yes, 1: no.
for program; do
  alive=
  for file in /proc/[0-9]*/comm; do
    { read -r name <"$file"; } 2>/dev/null || continue
    [ "$name" != "$program" ] || {
      alive=1
      break
    }
  done
  [ -n "$alive" ] || {
    echo "$program does not run" >&2
    exit 1
  }
done
