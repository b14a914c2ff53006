# The password is the line of stdin; its hash is made by the host's openssl. Exit code 3: none here.
# shellcheck disable=SC2034
IFS= read -r password
command -v openssl >/dev/null || {
  echo "openssl is missing on this host" >&2
  exit 3
}
