# USER REGISTRY; the password on stdin. Has this engine's root logged in as that user with that
# password? (config.json holds USER:PASSWORD in base64.) Exit code 0: yes, 1: no.
user=$1 registry=$2
auth=$(printf '%s:%s' "$user" "$(cat)" | base64 | tr -d '\n')
file=${HOME:-/root}/.docker/config.json
[ -f "$file" ] || exit 1
case $(tr -d ' \t\n' <"$file") in
  *"\"$registry\":{\"auth\":\"$auth\""*) exit 0 ;;
esac
exit 1
