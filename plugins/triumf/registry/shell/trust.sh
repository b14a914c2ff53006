# AUTHORITY REGISTRY: prints what is there already: `authority`, and `login` where this engine's
# root is logged in.
authority=$1 registry=$2
[ ! -f "$authority" ] || echo authority
! grep -qs "\"$registry\"" "${HOME:-/root}/.docker/config.json" || echo login
