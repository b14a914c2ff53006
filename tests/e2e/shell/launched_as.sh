# NAME of a container: the release of its image, and the Compose project that it is of.
version='{{.Label "org.opencontainers.image.version"}}'
docker ps --filter "name=^$1$" --format "$version {{.Label \"com.docker.compose.project\"}}"
