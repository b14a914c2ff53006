# engine NAME
# Prints what an engine says of itself: its version, then JSON. NAME "": docker, or where there is
# none podman; `docker` may be podman's own shim: what it prints of itself decides. 3: no engine.
engine=$1
if [ -z "$engine" ]; then
  engine=docker
  command -v docker >/dev/null 2>&1 || engine=podman
fi
command -v "$engine" >/dev/null 2>&1 || exit 3
"$engine" --version && "$engine" info --format '{{json .}}'
