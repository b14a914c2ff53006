# Included by programs that look at signatures. REPOSITORY TAG are their first words; the key is on
# stdin. Sets up a GNUPGHOME with that key alone: in a tmpfs of root's, which goes in every end; so
# does the agent that gpg leaves behind. Exit code 14: the registry does not let us in, 15: it
# cannot be reached, 25: no gpg, 26: no tmpfs, 27: no key, 28: the registry's signature is none.
repository=$1 tag=$2

# Prints the digests that the image has in its repository.
digests() {
  docker image inspect -f '{{range .RepoDigests}}{{println .}}{{end}}' "$repository:$tag" \
    2>/dev/null | sed -n "s,^$repository@,,p"
}

# get_signatures DIGEST: signature-1, -2 ... that the registry has of it, in GNUPGHOME. Nothing is
# unpacked: each is one file of at most 64 KiB. 22: it has none.
get_signatures() {
  pulled=$repository:sha256-${1#sha256:}.sig
  if ! output=$(docker pull "$pulled" 2>&1); then
    pulled=''
    case $output in
      *"not found"* | *"manifest unknown"*) return 22 ;;
      *401* | *unauthorized* | *"no basic auth"* | *denied*) exit 14 ;;
      *) exit 15 ;;
    esac
  fi
  box=$(docker create "$pulled" none 2>/dev/null) || exit 28
  n=0
  while [ $((n += 1)) -le 32 ]; do
    docker cp "$box:/signature-$n" - 2>/dev/null | tar -xOf - 2>/dev/null |
      head -c 65536 >"$GNUPGHOME/signature-$n"
    [ -s "$GNUPGHOME/signature-$n" ] || break
  done
  rm -f "$GNUPGHOME/signature-$n"
  docker rm -fv "$box" >/dev/null && docker rmi "$pulled" >/dev/null && box='' pulled=''
}

# field NAME: prints its value in GNUPGHOME/payload, where it stands there once.
field() {
  pair=$(tr -d ' \t\r\n' <"$GNUPGHOME/payload" | grep -o "\"$1\":\"[^\"]*\"")
  [ "$(printf '%s\n' "$pair" | wc -l)" = 1 ] || return 1
  pair=${pair#*:?}
  printf %s "${pair%?}"
}

# signer_of FILE: prints who signed it; what it says is in GNUPGHOME/payload.
signer_of() {
  rm -f "$GNUPGHOME/payload"
  status=$(gpg --batch --no-tty --quiet --trust-model always --status-fd 1 \
    --max-output 65536 --output "$GNUPGHOME/payload" --decrypt "$1" 2>/dev/null) || return 1
  printf '%s\n' "$status" | awk '
    $1 == "[GNUPG:]" && $2 == "GOODSIG" { good = 1 }
    $1 == "[GNUPG:]" && $2 == "VALIDSIG" { key = $3 }
    END { if (!good || key == "") exit 1; print key }'
}

# Does the payload say this digest, and this image's name?
is_for() {
  [ "$(field type)" = atomiccontainersignature ] &&
    [ "$(field docker-manifest-digest)" = "$1" ] &&
    [ "$(field docker-reference)" = "$repository:$tag" ]
}

# judge DIGEST: is one of the signatures by a key that is in GNUPGHOME, and says it this digest and
# this name? $code is 0, or the worst that there was: 22 none, 23 by another key, 24 for another
# image. $key: who signed it.
judge() {
  code=22
  for file in "$GNUPGHOME"/signature-*; do
    [ -f "$file" ] || continue
    # shellcheck disable=SC2034
    if ! key=$(signer_of "$file"); then
      [ $code = 24 ] || code=23
      continue
    fi
    if is_for "$1"; then
      code=0
      return 0
    fi
    code=24
  done
  return $code
}

# Is one of the image's digests signed? Returns 0, with $key and $digest, or a code as `judge` has
# them; 21: the image has no digest of that repository.
verify() {
  code=21
  for digest in $(digests); do
    rm -f "$GNUPGHOME"/signature-*
    get_signatures "$digest"
    code=$?
    [ $code != 0 ] || judge "$digest" && [ $code = 0 ] && return 0
  done
  return $code
}

close() {
  [ -z "${box:-}" ] || docker rm -fv "$box" >/dev/null 2>&1
  [ -z "${pulled:-}" ] || docker rmi "$pulled" >/dev/null 2>&1
  gpgconf --kill gpg-agent >/dev/null 2>&1
  rm -rf "$GNUPGHOME"
}

umask 077
command -v gpg >/dev/null || exit 25
tmpfs=''
for folder in "${TMPDIR:-/dev/shm}" /dev/shm /run; do
  [ -z "$tmpfs" ] && [ "$(stat -f -c %T "$folder" 2>/dev/null)" = tmpfs ] && [ -w "$folder" ] &&
    tmpfs=$folder
done
[ -n "$tmpfs" ] && GNUPGHOME=$(mktemp -d -p "$tmpfs" fairlead-gpg.XXXXXX) || exit 26
export GNUPGHOME
trap close EXIT
trap 'exit 1' HUP INT TERM PIPE
# Nobody is there to be asked for a passphrase.
echo 'pinentry-program /bin/false' >"$GNUPGHOME/gpg-agent.conf"
gpg --batch --no-tty --quiet --import 2>/dev/null || exit 27
