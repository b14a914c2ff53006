#!/bin/sh
# Runs fairlead for this repository, from wherever it is called: the one that FAIRLEAD_PROGRAM
# names, that of .venv beside this file, or the one in PATH.
set -eu

self=$0
[ ! -L "$self" ] || self=$(readlink -f -- "$self")
case $self in */*) ;; *) self=./$self ;; esac
here=$(CDPATH='' cd -- "${self%/*}" && pwd -P)

export FAIRLEAD_HOME="$here"
for program in "${FAIRLEAD_PROGRAM:-}" "$here/.venv/bin/fairlead" fairlead; do
  ! command -v "$program" >/dev/null || exec "$program" "$@"
done
echo "inv: fairlead is not installed; pipx install fairlead-ops, or in $here:\
 python3 -m venv .venv && .venv/bin/pip install -r requirements.txt" >&2
exit 127
