# Included by programs that ask whether a name still means the same image.

# is_fresh ENGINE IMAGE
# Has the registry nothing newer under this name than the engine has? 0 nothing newer, 1 something
# newer or no image here, 2 the engine does not answer. A registry that cannot be asked so counts
# as having something newer. The client has to be told what the engine knows: that a registry is
# one without TLS. Of a list of manifests Podman tells no more than their digests.
is_fresh() {
  engine=$1 image=$2
  ids=$("$engine" image ls -q --no-trunc "$image") || exit 2
  [ -n "$ids" ] || exit 1
  digests=$("$engine" image inspect --format '{{.Id}}{{range .RepoDigests}}{{println}}{{.}}{{end}}' "$image") || exit 2
  digests=$(printf '%s\n' "$digests" | sed 's/.*@//; s/^sha256://')
  manifest 2>/dev/null | grep -qF "$digests"
}

# What the registry says of $image.
manifest() {
  "$engine" manifest inspect -v "$image" || "$engine" manifest inspect "$image" ||
    { is_insecure && "$engine" manifest inspect --insecure "$image"; }
}

# Does the engine know the registry of $image as one without TLS?
is_insecure() {
  "$engine" info --format '{{range .RegistryConfig.IndexConfigs}}{{if not .Secure}}{{println .Name}}{{end}}{{end}}' |
    grep -qxF "${image%%/*}"
}
