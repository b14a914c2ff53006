# pull_with_login REGISTRY USER REFERENCE; the password on stdin
#
# The login is forgotten at the end.
# Exit codes: 0; 11 the registry refuses the login; 12 it gives no such image.

DOCKER_CONFIG=$(mktemp -d) || exit 1
export DOCKER_CONFIG
trap 'rm -rf "$DOCKER_CONFIG"' EXIT
docker login --username "$2" --password-stdin "$1" >/dev/null 2>&1 || exit 11
docker pull "$3" >/dev/null 2>&1 || exit 12
