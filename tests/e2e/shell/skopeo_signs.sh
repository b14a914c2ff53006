# KEY REFERENCE REPOSITORY: skopeo's own signature in the registry, in place of what there was.
# shellcheck source=skopeo.sh
. ./skopeo.sh
skopeo standalone-sign /tmp/manifest "$2" "$key" -o "$GNUPGHOME/signature-1"
name=$3:sha256-$hex.sig
tar -C "$GNUPGHOME" -cf - signature-1 | docker import - "$name" && docker push "$name"
docker rmi "$name"
close
