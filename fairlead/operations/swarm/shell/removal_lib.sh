# The end of a stack. Included; it includes stack_lib.sh.
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh

# remains: the IDs of the services, networks and tasks of the stack, a line each. 1: the swarm does
# not answer. `stack ps` fails where there is no task.
remains() {
  services || return 1
  docker network ls -q --filter "label=$namespace=$stack" || return 1
  docker stack ps -q "$stack" 2>/dev/null || :
}

# is_gone: 0 yes, 1 no, 2 the swarm does not answer
is_gone() {
  ids=$(remains) || return 2
  [ -z "$ids" ]
}

# is_gone_now: is_gone, after which it is removed once more. `stack rm` gives up on a network that is
# still in use, or that the swarm is changing just now.
is_gone_now() {
  is_gone
  case $? in
    0) return ;;
    2) exit 2 ;;
  esac
  words=$(docker stack rm "$stack" 2>&1 >/dev/null)
  return 1
}

# remove SECONDS
remove() {
  words=''
  retry "$1" 1 is_gone_now || {
    tasks=$(docker stack ps --format '{{.Name}} {{.Node}} {{.CurrentState}}' "$stack" 2>&1)
    echo "it is not gone yet: ${words:+$words; }$tasks" >&2
    return 1
  }
  rm -f "$root/$stack.deployed"
}
