#!/bin/sh
# A stand-in for Python, for the launcher's tests: it writes down what it is asked.
echo "$0 $*" >>"$LOG"
case "$*" in
  "-c import sys"*) exit "${OLD:-0}" ;;
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip "*)
    [ "${PIP:-0}" = 0 ] || exit "$PIP"
    cp "$0" "${0%/*}/fairlead"
    cp "$0" "${0%/*}/inv"
    echo "# Invoke" >>"${0%/*}/inv"
    ;;
  *fairlead*) printf '<%s>' "$@" "$FAIRLEAD_HOME" ;;
esac
