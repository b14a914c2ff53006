# start_or ENGINE CONTAINER WORD...
# Start a container, or where it is gone do what the words say.
engine=$1 container=$2
shift 2
"$engine" start "$container" 2>/dev/null || "$@"
