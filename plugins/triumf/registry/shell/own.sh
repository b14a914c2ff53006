# FOLDER USER: makes the folder, and gives it to the user, with all that lies in it; the user has to
# reach it.
umask 022
mkdir -p "$1" && chown -R "$2" "$1" || exit
(
# shellcheck source=owned.sh
. ./owned.sh
) || {
  echo "$2 cannot write $1: may it pass through the folders above it?" >&2
  exit 1
}
