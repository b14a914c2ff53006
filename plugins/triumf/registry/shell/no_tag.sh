# ROOT NAME TAG: has the registry below ROOT no such tag? Exit code 0: it has none, 1: it has one.
link=$1/docker/registry/v2/repositories/$2/_manifests/tags/$3/current/link
[ ! -e "$link" ] || exit 1
