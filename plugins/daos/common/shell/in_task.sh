# in_task ENGINE STACK WORD...: runs the words in the task of the stack that runs on this host.
#
# Exit codes: that of the words; 1 no task runs here, or the engine does not answer.

engine=$1 stack=$2
shift 2
id=$("$engine" container ls -q --filter "label=com.docker.stack.namespace=$stack") || exit 1
[ -n "$id" ] || exit 1
exec "$engine" exec "${id%%[!0-9a-f]*}" "$@"
