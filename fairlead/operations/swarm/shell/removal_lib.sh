# The end of a stack. Included; it includes stack_lib.sh.
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh

is_gone() {
  [ -z "$(services)" ] && [ -z "$(docker stack ps -q "$stack" 2>/dev/null)" ] &&
    [ -z "$(docker network ls -q --filter "label=$namespace=$stack")" ]
}

# is_gone, after another attempt at its networks: `stack rm` gives up on one that is still in use
is_gone_now() {
  is_gone && return
  docker network ls -q --filter "label=$namespace=$stack" | xargs -r docker network rm >/dev/null 2>&1
  return 1
}

# remove SECONDS
remove() {
  docker stack rm "$stack" >/dev/null || return 1
  retry "$1" 1 is_gone_now || {
    echo "it is not gone yet: $(docker stack ps --format '{{.Name}} {{.Node}} {{.CurrentState}}' "$stack" 2>&1)" >&2
    return 1
  }
  rm -f "$root/$stack.deployed"
}
