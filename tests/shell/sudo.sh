#!/bin/sh
# sudo as it speaks, for tests: FAKE_SUDO is what it does, the password is `open sesame`, what it was
# given is in the file FAKE_SUDO_LOG.
word=
while [ $# -gt 0 ]; do
  case $1 in
    -p)
      word=$2
      shift
      ;;
    -S) ;;
    --)
      shift
      break
      ;;
    *) break ;;
  esac
  shift
done
case $FAKE_SUDO in
  free) exec "$@" ;;
  requiretty)
    echo 'sudo: sorry, you must have a tty to run sudo' >&2
    exit 1
    ;;
  stranger)
    echo 'bob is not in the sudoers file.' >&2
    exit 1
    ;;
  odd)
    printf 'Verification code: ' >&2
    read -r _
    exit 1
    ;;
esac
for _ in 1 2 3; do
  printf %s "$word" >&2
  IFS= read -r password || {
    echo 'sudo: no password was provided' >&2
    exit 1
  }
  echo "$password" >>"$FAKE_SUDO_LOG"
  if [ "$password" = 'open sesame' ]; then
    echo >&2
    exec "$@"
  fi
  echo 'Sorry, try again.' >&2
done
echo 'sudo: 3 incorrect password attempts' >&2
exit 1
