# What stands in a backup's manifest, and how it is read. Included.

# image_lines ENGINE CONTAINER
# Prints the lines of the image that a container runs: its name, its ID, when it was made
# ("unknown", where the engine has lost it or the builder did not say).
image_lines() {
  words=$("$1" container inspect --format '{{.Image}} {{.Config.Image}}' "$2") || return 1
  created=$("$1" image inspect --format '{{.Created}}' "${words%% *}" 2>/dev/null | cut -c 1-19 | tr ' ' T)
  case $created in 2*) ;; *) created=unknown ;; esac
  printf 'image %s\nimage-id %s\nimage-created %s\n' "${words#* }" "${words%% *}" "$created"
}

# value KEY <MANIFEST
# Prints what the first line with this key says.
value() { sed -n "s/^$1 //p" | head -n 1; }
