# wake_engine WORD...: the engine at DOCKER_HOST answers; else the words wake it, as the agent's
# own passthrough does.
#
# They are said again: while the one before is still ending (2014 does not wait for it) a new one
# gives up.
# Exit codes: 0; 1 it does not answer.

alive() { timeout 5 docker version >/dev/null 2>&1; }
tries=10
until alive; do
  tries=$((tries - 1))
  [ $tries -ge 0 ] || {
    echo "the engine at $DOCKER_HOST does not answer" >&2
    exit 1
  }
  timeout -k 5 60 "$@" </dev/null >/dev/null 2>&1 || :
  polls=6
  until alive || [ $((polls -= 1)) -lt 0 ]; do sleep 0.5; done
done
