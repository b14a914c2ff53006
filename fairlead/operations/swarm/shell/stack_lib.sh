# What programs for stacks share. Included; the first words are always ROOT STACK.
#
# ROOT is a folder of the manager that is closed to others:
#   key                    makes digests of secrets useless elsewhere
#   SECRET.new             the version of a secret that is being made
#   STACK.deployed         what was deployed; STACK.deployed.before likewise, before the change
#   STACK.before           what there was before a change under way
#   STACK.tasks            the tasks of that time
#   STACK.nodes            the labelled nodes of that time
umask 077
root=$1 stack=$2
shift 2
namespace=com.docker.stack.namespace

services() { docker service ls -q --filter "label=$namespace=$stack"; }
short_hash() { sha256sum | cut -c1-16; }

# keyed_digest: of what comes by stdin
keyed_digest() {
  { cat "$root/key"; { cat "$root/key"; cat; } | sha256sum; } | sha256sum | cut -c1-32
}

# versions SECRET: the names of all, NAME-1, NAME-2; newest SECRET: the name of the one in service
versions() {
  docker secret ls --filter "label=fairlead.stack=$stack" --filter "label=fairlead.secret=$1" --format '{{.Name}}'
}
newest() {
  names=$(versions "$1") || exit 2
  printf '%s\n' "$names" | sed 's/\(.*\)-/\1 /' | sort -k 2n | tail -n 1 | tr ' ' -
}

# service_hash SERVICE: of its specification; stack_hash: of those of all services
service_hash() { docker service inspect --format '{{json .Spec}}' "$1" | short_hash; }
stack_hash() {
  all=$(services) || exit 2
  for service_id in $all; do service_hash "$service_id"; done | sort | short_hash
}
