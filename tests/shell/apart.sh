#!/bin/sh
# STATE: the command of an ssh session, where every address of this machine is a host of its own:
# what fairlead keeps lies in STATE/ADDRESS.
set -eu
if [ -z "${FAIRLEAD_APART:-}" ]; then
  FAIRLEAD_APART=1 exec unshare -m sh "$0" "$1"
fi
# client address, its port, our address, our port
# shellcheck disable=SC2086 # four words
set -- "$1" $SSH_CONNECTION
state=$1/$4
for folder in /var/lib/fairlead /run/fairlead /var/tmp; do
  mkdir -p "$state$folder" "$folder"
  mount --bind "$state$folder" "$folder"
done
unset FAIRLEAD_APART
exec sh -c "$SSH_ORIGINAL_COMMAND"
