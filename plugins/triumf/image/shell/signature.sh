# REPOSITORY TAG; the key on stdin: is the image signed with it, as it is and under this name?
# Prints its digest and the key. Exit codes as in signatures.sh, or 21 to 24.
# shellcheck source=signatures.sh
. ./signatures.sh
verify
rc=$?
[ $rc != 0 ] || echo "$digest signed by $key"
exit $rc
