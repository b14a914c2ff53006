# ENGINE USER REGISTRY; the password on stdin. Logs the engine's root in, in Docker's file for it,
# which Podman reads too; what it was before is kept beside it. Exit code 11: an unknown authority,
# 12: an expired certificate, 13: one for another name, 14: the password is refused, 15: the registry
# cannot be reached, 16: another answer.
engine=$1 user=$2 registry=$3
file=${HOME:-/root}/.docker/config.json
rm -f "$file.before"
[ ! -f "$file" ] || cp -p "$file" "$file.before"
set -- -u "$user" --password-stdin
[ "$engine" != podman ] || { mkdir -p "${file%/*}" && set -- "$@" --authfile "$file"; }
output=$("$engine" login "$@" "$registry" 2>&1) && exit 0
case $output in
  *"unknown authority"*) exit 11 ;;
  *expired*) exit 12 ;;
  *"certificate is valid for"* | *"doesn't contain any IP SANs"*) exit 13 ;;
  *"cannot validate certificate"*) exit 13 ;;
  *401* | *unauthorized* | *"incorrect username"* | *"invalid username"*) exit 14 ;;
  *refused* | *"no route"* | *"no such host"* | *timeout* | *"i/o"* | *lookup*) exit 15 ;;
esac
exit 16
