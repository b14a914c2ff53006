#!/bin/sh
# What pass does: one file for each secret, 1 where there is none, gpg's own code where it cannot be
# opened.
[ "$1" = show ] || exit 64
case $2 in
  */locked)
    echo "gpg: decryption failed: No secret key" >&2
    exit 2
    ;;
  */slow) exec sleep 30 ;;
esac
[ -e "$0.d/$2" ] || {
  echo "Error: $2 is not in the password store." >&2
  exit 1
}
cat "$0.d/$2"
