# is_made FILTER NOTE HASH TRUST: is the container that is there made as the site says?
#
# What we noted decides (file NOTE: its ID and the digest HASH of what it was made from); where we
# noted nothing of this one, TRUST does: 1, the file that is installed says the same.
# Exit codes: 0 yes, or there is none; 1 no; 2 the engine does not answer.

# shellcheck source=containers.sh
. ./containers.sh
id=$(container_id "$1") || exit 2
[ -n "$id" ] || exit 0
read -r noted hash 2>/dev/null <"$2" || noted=
if [ "$noted" = "$id" ]; then [ "$hash" = "$3" ]; else [ "$4" = 1 ]; fi
