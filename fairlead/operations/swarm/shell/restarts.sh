# restarts "" STACK
# Prints "NODE-ID COUNT" for each node: how many tasks of what is deployed have ended there by
# themselves, of those that the swarm remembers. 3: this host cannot tell.
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
label='{{index .Spec.ContainerSpec.Labels "fairlead.spec"}}'
all=$(services 2>/dev/null) || exit 3
for service in $all; do
  spec=$(docker service inspect --format '{{index .Spec.TaskTemplate.ContainerSpec.Labels "fairlead.spec"}}' "$service") || exit 3
  tasks=$(docker service ps -q --no-trunc "$service") || exit 3
  # shellcheck disable=SC2086 # one word for each task
  [ -z "$tasks" ] ||
    docker inspect --type task --format "{{.NodeID}}|{{.Status.State}}|$label" $tasks |
    awk -F'|' -v spec="$spec" '$3 == spec && $2 ~ /^(failed|complete|rejected)$/ { print $1 }'
done | sort | uniq -c | awk '{ print $2, $1 }'
