# deployed ROOT STACK PATIENCE STEADY ENV SECRETS IMAGES RESOLVE FILE...
# Was this very stack deployed, and is nothing changed since? 0 yes, 1 no, 2 the swarm does not answer.
# shellcheck source=prepare_lib.sh
. ./prepare_lib.sh
[ -f "$root/$stack.deployed" ] || exit 1
prepare "$@" || exit $?
now=$(stack_hash) || exit 2
[ "$(cat "$root/$stack.deployed")" = "$FAIRLEAD_SPEC $now" ]
