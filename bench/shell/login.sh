# FOLDER
# Where a log-in goes on: in the mount namespace of the address that was dialled, see fleet.sh.
# shellcheck disable=SC2086 # four words: who, from which port, to whom, at which port
set -- "$1" $SSH_CONNECTION
read -r holder <"$1/ns/$4"
exec nsenter -t "$holder" -m -- sh -c "$SSH_ORIGINAL_COMMAND"
