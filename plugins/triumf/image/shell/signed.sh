# REPOSITORY TAG; the key on stdin: is the image signed with it already? Exit code 0: yes, 1: no.
# What is in the way is told by sign.sh.
(
# shellcheck source=signatures.sh
. ./signatures.sh
verify
) || exit 1
