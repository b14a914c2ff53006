# Included by programs that ask whether a name still means the same image.
# shellcheck source=digest_lib.sh
. ./digest_lib.sh

# is_fresh ENGINE IMAGE
# Has the registry nothing newer under this name than the engine has? 0 nothing newer, 1 something
# newer or no image here, 2 the engine does not answer. What counts is the digest that the registry
# gives for the name: the engine keeps it with the image, whatever it is stored in and whether it is
# of an index or of one manifest. An image that came otherwise (`load`) has none: there the manifest
# has to name what is here. A registry that cannot be asked counts as having something newer.
is_fresh() {
  engine=$1 image=$2
  digests=$("$engine" image inspect --format '{{.Id}}{{range .RepoDigests}}{{println}}{{.}}{{end}}' "$image" 2>/dev/null) || {
    "$engine" image ls -q >/dev/null || exit 2
    exit 1
  }
  digests=$(printf '%s\n' "$digests" | sed 's/.*@//; s/^sha256://')
  today=$(digest_today "$engine" "$image" 2>/dev/null)
  today=${today#sha256:}
  [ -z "$today" ] || ! printf '%s\n' "$digests" | grep -qxF "$today" || return 0
  manifest 2>/dev/null | grep -qF "$digests"
}

# What the registry says of $image. The client has to be told what the engine knows: that a registry
# is one without TLS. Of a list of manifests Podman tells no more than their digests.
manifest() {
  "$engine" manifest inspect -v "$image" || "$engine" manifest inspect "$image" ||
    { is_insecure && "$engine" manifest inspect --insecure "$image"; }
}

# Does the engine know the registry of $image as one without TLS?
is_insecure() {
  "$engine" info --format '{{range .RegistryConfig.IndexConfigs}}{{if not .Secure}}{{println .Name}}{{end}}{{end}}' |
    grep -qxF "${image%%/*}"
}
