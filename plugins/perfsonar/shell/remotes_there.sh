# AWK: the remote templates of every test point that runs here, whatever its name is. Lines by tabs:
# N FULL-NAME of the host; for each container C NAME, then R and what the program AWK makes of each
# remote, stars for user and password. A container that does not answer has no line.
program=$1
printf 'N\t%s\n' "$(hostname -f 2>/dev/null)"
for engine in docker podman; do
  command -v "$engine" >/dev/null || continue
  "$engine" container ls --format '{{.Names}} {{.Image}}' 2>/dev/null | while read -r name image; do
    case $image in *testpoint*) ;; *) continue ;; esac
    list=$(timeout 10 "$engine" exec "$name" psconfig remote list </dev/null 2>/dev/null) || continue
    printf 'C\t%s\n' "$name"
    printf '%s\n' "$list" | sed 's,//[^/@]*@,//***@,' | awk "$program" | awk '{ print "R\t" $0 }'
  done
done
