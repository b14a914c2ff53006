# image_id ENGINE IMAGE
# Prints "IMAGE ID", what the name means in this engine.
engine=$1 image=$2
id=$("$engine" image inspect --format '{{.Id}}' "$image") || exit 1
printf '%s %s\n' "$image" "${id#sha256:}"
