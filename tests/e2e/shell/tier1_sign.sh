# REPOSITORY: pushes something where the signatures of its image lie.
set -e
repository=$1
cd "$(mktemp -d)"
echo signed >signature-1
digest=$(docker image inspect -f '{{range .RepoDigests}}{{println .}}{{end}}' "$repository" |
  sed -n "s|^$repository@sha256:||p")
name=$repository:sha256-$digest.sig
tar -cf - signature-1 | docker import - "$name" >/dev/null
docker push -q "$name" >/dev/null 2>&1
