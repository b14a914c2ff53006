# ENGINE CONTAINER, the password on stdin: it is root's inside. Exit code 3: openssl made no hash.
# shellcheck source=password_lib.sh
. ./password_lib.sh
engine=$1 container=$2
hash=$(printf '%s\n' "$password" | openssl passwd -6 -stdin) || exit 3
printf 'root:%s\n' "$hash" | "$engine" exec -i "$container" chpasswd -e
