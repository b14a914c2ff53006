# look
# Prints three lines: the swarm as JSON; the address by which the others know this host (that of the
# connection, else of the way out, else the first there is); and where curl is. 2: no engine answers.
docker info --format '{{json .Swarm}}' || exit 2
# shellcheck disable=SC2086 # CLIENT CLIENT-PORT ADDRESS PORT
set -- $SSH_CONNECTION
address=${3:-$(ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p')}
echo "${address:-$(ip -o -4 addr show scope global 2>/dev/null | awk '{sub("/.*", "", $4); print $4; exit}')}"
command -v curl
