# ENGINE STATE WORD...: what of a host a change may leave behind, a line for each thing: containers,
# mounts, addresses, links, routes, locks that somebody has, files of runs, temporary files, what lies
# beside the state, and files of fairlead's in which one of the words stands.
engine=$1 state=$2
shift 2
"$engine" ps -a --format 'container {{.Names}}'
# what the engine mounts for a container comes and goes with it
awk '$2 !~ "^/(var/lib/(docker|containers)|run/(docker|containers|netns|user))/" {
  print "mount", $2, $3
}' /proc/self/mounts
ip -o -4 address show | awk '{ print "address", $2, $4 }'
ip -o link show type bridge | awk -F': ' '{ print "link", $2 }'
ip -4 route show | sed 's/^/route /; s/ *$//'
for file in /var/tmp/fairlead/* /var/tmp/fairlead/.* /run/fairlead/*; do
  [ ! -f "$file" ] || flock -n "$file" true || echo "lock $file"
done
for file in /var/tmp/fairlead/*.lease.*; do [ ! -f "$file" ] || echo "lease $file"; done
find /run/fairlead/runs -mindepth 1 -maxdepth 1 -printf 'run %f\n' 2>/dev/null
# Podman's own: of a pull that was killed or had no room; none of its later pulls takes them away
podmans='/var/tmp/\(storage\)?[0-9]+'
[ "$engine" = podman ] || podmans=''
find /tmp /var/tmp -mindepth 1 -maxdepth 1 ! -path /var/tmp/fairlead ! -regex "$podmans" -printf 'temporary %p\n'
find "$state" -mindepth 1 -maxdepth 1 -printf 'state %f\n' 2>/dev/null
pgrep -af '[/]run/fairlead/runs/' | sed 's/^[0-9]*/process/'
for word; do
  grep -rlaF -e "$word" /var/lib/fairlead /run/fairlead /tmp /var/tmp /root /var/log 2>/dev/null |
    sed 's/^/secret /'
done
