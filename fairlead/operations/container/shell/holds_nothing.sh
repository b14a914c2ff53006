# holds_nothing ENGINE CONTAINER VOLUMES PATH...
# Would nothing be lost with this container but what its image brings? 0 nothing, 1 something, 2 the
# engine does not answer.
# shellcheck source=inside_lib.sh
. ./inside_lib.sh
inside "$@" || exit 2
[ -z "$files$nameless" ]
