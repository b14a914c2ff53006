# secret_holds ROOT STACK NAME, the value by stdin
# Is that the value of the newest version? A secret of a swarm cannot be read back: a keyed digest
# stands on its label. 0 yes, 1 no, 2 the swarm does not answer.
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
name=$1
[ -s "$root/key" ] || exit 1
version=$(newest "$name") || exit 2
[ -n "$version" ] || exit 1
digest=$(docker secret inspect --format '{{index .Spec.Labels "fairlead.digest"}}' "$version") || exit 2
[ "$digest" = "$(keyed_digest)" ]
