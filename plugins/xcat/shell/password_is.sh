# ENGINE CONTAINER, the password on stdin: is it root's inside? The salt in /etc/shadow tells.
# Exit codes: 1 it is another, 2 the container could not be asked, 3 no openssl.
# shellcheck source=password_lib.sh
. ./password_lib.sh
engine=$1 container=$2
is=$("$engine" exec "$container" sed -n 's/^root:\([^:]*\):.*/\1/p' /etc/shadow) || exit 2
# shellcheck disable=SC2016
case $is in
  '$6$'*) ;;
  *) exit 1 ;;
esac
# shellcheck disable=SC2016
rest=${is#'$6$'}
salt=${rest%%'$'*}
[ "$(printf '%s\n' "$password" | openssl passwd -6 -stdin -salt "$salt")" = "$is" ]
