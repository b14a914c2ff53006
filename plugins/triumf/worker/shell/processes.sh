# Included by programs that look into workers; they set $engine.

# processes NAME: prints a line for each process of a container: its number on the host, its name.
# (Podman's `top` with the words of ps(1) numbers them as they are inside.)
# shellcheck disable=SC2154
processes() {
  case $engine in
    podman) podman top "$1" hpid comm ;;
    *) "$engine" top "$1" -eo pid,comm ;;
  esac
}
