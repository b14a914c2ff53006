# undeploy ROOT STACK
# Every service is as it was before deploy; a stack that is new is gone.
# shellcheck source=removal_lib.sh
. ./removal_lib.sh
before=$root/$stack.before
[ -f "$before" ] || exit 0
[ -s "$before" ] || { remove 60 && rm -f "$before" "$root/$stack.tasks"; exit; }

# names_of SERVICE...
names_of() { docker service inspect --format '{{.Spec.Name}}' "$@"; }

# is_other NAME: is its specification another than before?
is_other() { [ "$(sed -n "s/^$1 //p" "$before")" != "$(service_hash "$1")" ]; }

# is_settled SERVICE...: is no roll-back under way?
is_settled() {
  ! docker service inspect --format '{{with .UpdateStatus}}{{.State}}{{end}}' "$@" |
    grep -Eq '^(updating|rollback_started)$'
}
all=$(services) || exit 1
# shellcheck disable=SC2086 # one word for each service
for name in $(names_of $all); do
  if ! grep -q "^$name " "$before"; then
    docker service rm "$name" >/dev/null || exit 1
  elif is_other "$name"; then
    docker service rollback -d "$name" >/dev/null || exit 1
  fi
done
all=$(services) || exit 1
# shellcheck disable=SC2086 # one word for each service
retry 90 1 is_settled $all || {
  echo "the swarm has not brought the old ones back yet" >&2
  exit 1
}
# shellcheck disable=SC2086 # one word for each service
for name in $(names_of $all); do
  if is_other "$name"; then
    echo "$name is not as it was: docker service inspect $name" >&2
    exit 1
  fi
done
[ ! -f "$root/$stack.deployed.before" ] || mv "$root/$stack.deployed.before" "$root/$stack.deployed"
rm -f "$before" "$root/$stack.tasks"
