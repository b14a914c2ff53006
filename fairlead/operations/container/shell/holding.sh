# holding PATH...
# Which containers of this host hold a file, whether they run or not: a line NAME PATH for each. One
# container of an image is asked for all of it.

# holders ENGINE PATH...
holders() {
  engine=$1
  shift
  ids=$("$engine" container ls -aq --no-trunc 2>/dev/null)
  # shellcheck disable=SC2086 # one word for each
  [ -z "$ids" ] || "$engine" container inspect --format '{{.Image}} {{.Name}}' $ids 2>/dev/null |
    sort | while read -r image name; do
      name=${name#/}
      if [ "$image" != "$asked" ]; then
        asked=$image there=
        for path; do
          ! "$engine" container cp "$name:$path" - </dev/null >/dev/null 2>&1 || there="$there $path"
        done
      fi
      for path in $there; do printf '%s %s\n' "$name" "$path"; done
    done
}

asked=
for engine in docker podman; do
  command -v "$engine" >/dev/null || continue
  # a docker that is Podman itself shows what Podman has
  case $engine$("$engine" --version 2>/dev/null) in docker*podman*) continue ;; esac
  holders "$engine" "$@"
done
