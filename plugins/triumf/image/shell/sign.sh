# REPOSITORY TAG FOLDER; the private key on stdin: one signature more, beside those that there are,
# in the registry and below FOLDER. Exit codes as in signatures.sh, or 21 to 24; 29: the key cannot
# sign.
# shellcheck source=signatures.sh
. ./signatures.sh
verify
rc=$?
case $rc in
  0) exit 0 ;;
  22 | 23 | 24) ;;
  *) exit $rc ;;
esac
cd "$GNUPGHOME" && rm -f signature-* || exit 1
digest=$(digests | head -n 1)
get_signatures "$digest"
rc=$?
[ $rc = 0 ] || [ $rc = 22 ] || exit $rc
n=1
while [ -e signature-$n ]; do n=$((n + 1)); done
{
  printf '{"critical":{"identity":{"docker-reference":"%s"},' "$repository:$tag"
  printf '"image":{"docker-manifest-digest":"%s"},' "$digest"
  printf '"type":"atomic container signature"},'
  printf '"optional":{"creator":"fairlead","timestamp":%s}}' "$(date +%s)"
} >text
gpg --batch --no-tty --quiet --trust-model always --output signature-$n --sign text 2>/dev/null ||
  exit 29
pulled=$repository:sha256-${digest#sha256:}.sig
tar --owner=0 --group=0 -cf - signature-* | docker import - "$pulled" >/dev/null || exit 28
docker push "$pulled" >/dev/null 2>&1 || exit 15
folder=$3/${repository#*/}@sha256=${digest#sha256:}
umask 022
mkdir -p "$folder" && for file in signature-*; do cat "$file" >"$folder/$file" || exit 1; done
