"""Signatures of images, in the form that `atomic sign` and `skopeo standalone-sign` make: containers-signature(5).

A signature is an OpenPGP message that holds a JSON text: which digest, under which name. It lies in two places: as NAME@sha256=HEX/signature-N
below `image.signatures` on the host that builds, where atomic and skopeo look; and in the registry as an image of its own, NAME:sha256-HEX.sig,
which every engine that may pull may read. For whoever starts containers: `needs(ask)`, and `checked(ask, reference)` once the image is there.
"""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, CommandLineError, SecretSpec, Step

# Keys live in a tmpfs of root's alone, which goes in every end; so does the agent that gpg leaves behind.
_KEYS = """umask 077
command -v gpg >/dev/null || exit 25
at=''
for one in "${TMPDIR:-/dev/shm}" /dev/shm /run; do
  [ -n "$at" ] || [ "$(stat -f -c %T "$one" 2>/dev/null)" != tmpfs ] || [ ! -w "$one" ] || at=$one
done
[ -n "$at" ] && GNUPGHOME=$(mktemp -d -p "$at" fairlead-gpg.XXXXXX) || exit 26
export GNUPGHOME
close() {
  [ -z "${box:-}" ] || docker rm -fv "$box" >/dev/null 2>&1
  [ -z "${fetched:-}" ] || docker rmi "$fetched" >/dev/null 2>&1
  gpgconf --kill gpg-agent >/dev/null 2>&1
  rm -rf "$GNUPGHOME"
}
trap close EXIT
trap 'exit 1' HUP INT TERM PIPE
echo 'pinentry-program /bin/false' >"$GNUPGHOME/gpg-agent.conf" # nobody is there to be asked
gpg --batch --no-tty --quiet --import 2>/dev/null || exit 27
"""
# What an image is called and which digests it has in that repository; the signatures that the registry has for one of them.
_FETCH = """repository=$1 tag=$2
digests() { docker image inspect -f '{{range .RepoDigests}}{{println .}}{{end}}' "$repository:$tag" 2>/dev/null | sed -n "s,^$repository@,,p"; }
fetch() { # DIGEST: signature-1, -2 ... in GNUPGHOME. Nothing is unpacked: each is one file of at most 64 KiB
  fetched=$repository:sha256-${1#sha256:}.sig
  if ! said=$(docker pull "$fetched" 2>&1); then
    fetched=''
    case $said in
      *"not found"* | *"manifest unknown"*) return 22 ;;
      *401* | *unauthorized* | *"no basic auth"* | *denied*) exit 14 ;;
      *) exit 15 ;;
    esac
  fi
  box=$(docker create "$fetched" none 2>/dev/null) || exit 28
  n=0
  while [ $((n += 1)) -le 32 ]; do
    docker cp "$box:/signature-$n" - 2>/dev/null | tar -xOf - 2>/dev/null | head -c 65536 >"$GNUPGHOME/signature-$n"
    [ -s "$GNUPGHOME/signature-$n" ] || break
  done
  rm -f "$GNUPGHOME/signature-$n"
  docker rm -fv "$box" >/dev/null && docker rmi "$fetched" >/dev/null && box='' fetched=''
}
"""
# Is one of them by a key that is in GNUPGHOME, and says it this digest and this name? The last word is the worst that was found.
_JUDGE = """field() { # NAME: its value, where it stands there once
  found=$(tr -d ' \\t\\r\\n' <"$GNUPGHOME/payload" | grep -o "\\"$1\\":\\"[^\\"]*\\"")
  [ "$(printf '%s\\n' "$found" | wc -l)" = 1 ] || return 1
  found=${found#*:?}
  printf %s "${found%?}"
}
by() { # FILE: who signed it; what it says is in GNUPGHOME/payload
  rm -f "$GNUPGHOME/payload"
  status=$(gpg --batch --no-tty --quiet --trust-model always --status-fd 1 --max-output 65536 --output "$GNUPGHOME/payload" \\
    --decrypt "$1" 2>/dev/null) || return 1
  printf '%s\\n' "$status" | awk '$1 == "[GNUPG:]" && $2 == "GOODSIG" { good = 1 } $1 == "[GNUPG:]" && $2 == "VALIDSIG" { key = $3 }
    END { if (!good || key == "") exit 1; print key }'
}
judge() { # DIGEST
  code=22
  for file in "$GNUPGHOME"/signature-*; do
    [ -f "$file" ] || continue
    if ! key=$(by "$file"); then [ $code = 24 ] || code=23; continue; fi
    if [ "$(field type)" = atomiccontainersignature ] && [ "$(field docker-manifest-digest)" = "$1" ] &&
      [ "$(field docker-reference)" = "$repository:$tag" ]; then code=0; return 0; fi
    code=24
  done
  return $code
}
verified() { # is one of the image's digests signed? -> code, key, digest
  code=21
  for digest in $(digests); do
    rm -f "$GNUPGHOME"/signature-*
    fetch "$digest"; code=$?
    [ $code != 0 ] || judge "$digest" && [ $code = 0 ] && return 0
  done
  return $code
}
"""
_VERIFY = _FETCH + _KEYS + _JUDGE
# REPOSITORY TAG; the public key on stdin
CHECK = _VERIFY + 'verified; rc=$?; [ $rc != 0 ] || echo "$digest signed by $key"; exit $rc'

# REPOSITORY TAG; the key on stdin: is it signed with it already? What is in the way is told by SIGN.
SIGNED = f"(\n{_VERIFY}verified\n) || exit 1"
# REPOSITORY TAG FOLDER; the private key on stdin: one signature more, beside those that there are.
SIGN = (
    _VERIFY
    + """verified; rc=$?
case $rc in 0) exit 0 ;; 22 | 23 | 24) ;; *) exit $rc ;; esac
cd "$GNUPGHOME" && rm -f signature-* || exit 1
digest=$(digests | head -n 1)
fetch "$digest"; rc=$?
[ $rc = 0 ] || [ $rc = 22 ] || exit $rc
n=1; while [ -e signature-$n ]; do n=$((n + 1)); done
printf '{"critical":{"identity":{"docker-reference":"%s"},"image":{"docker-manifest-digest":"%s"},"type":"atomic container signature"},\
"optional":{"creator":"fairlead","timestamp":%s}}' "$repository:$tag" "$digest" "$(date +%s)" | tr -d '\n' >text
gpg --batch --no-tty --quiet --trust-model always --output signature-$n --sign text 2>/dev/null || exit 29
fetched=$repository:sha256-${digest#sha256:}.sig
tar --owner=0 --group=0 -cf - signature-* | docker import - "$fetched" >/dev/null || exit 28
docker push "$fetched" >/dev/null 2>&1 || exit 15
folder=$3/${repository#*/}@sha256=${digest#sha256:}
umask 022; mkdir -p "$folder" && for file in signature-*; do cat "$file" >"$folder/$file" || exit 1; done"""
)
# What a program that was killed could not take away.
SWEEP = 'for at in /dev/shm /run; do find "$at" -maxdepth 1 -name "fairlead-gpg.*" -user "$(id -u)" -exec rm -rf {} + 2>/dev/null; done; true'


def needs(ask: Ask[Any]) -> Iterator[SecretSpec]:
    """The public key that signatures have to match, where the site wants them."""
    worker = ask.section.worker
    if worker and worker.signed and worker.signer:
        yield SecretSpec(name=worker.signer, about="public key that images have to be signed with")


def checked(ask: Ask[Any], reference: str) -> Iterator[Step]:
    """No container starts from an image whose signature does not match: for the step after the one that pulls `reference`, HOST:PORT/NAME:TAG.

    Nothing where the site does not ask for it (`worker.signed`). It changes nothing, and needs gpg and the engine's own login.
    """
    worker = ask.section.worker
    if worker and worker.signed:
        yield _by(ask, worker.signer, reference)


def verifier(section: Any) -> str:
    """The secret that holds the key which signatures have to match. Raises CommandLineError."""
    found = (section.worker.signer if section.worker else "") or (
        section.image.sign_key if section.image else ""
    )
    if not found or not section.registry:
        raise CommandLineError(
            "inv triumf.image.verify",
            "the site has no key or no registry",
            "give worker.signer or image.sign_key, and registry",
        )
    return found


def verified(ask: Ask[Any], reference: str) -> Step:
    """It is signed with the site's key; the key may be the private one, so nothing of it is shown."""
    return _by(ask, verifier(ask.section), reference)


def _by(ask: Ask[Any], key: str, reference: str) -> Step:
    """Is the image signed with this key, as it is and under this name?"""
    return _step(
        f"signature of {reference}",
        ask,
        key,
        reference,
        read_only=True,
        do=("sh", "-c", CHECK, "signature", *split(reference)),
    )


def signed(ask: Ask[Any], reference: str) -> Step:
    """It is signed with the site's private key: in the registry, and below image.signatures."""
    key, words = ask.section.image.sign_key, split(reference)
    question = ("sh", "-c", SIGNED, "signed", *words)
    do = ("sh", "-c", SIGN, "sign", *words, ask.section.image.signatures)
    return _step(
        f"sign {reference}",
        ask,
        key,
        reference,
        unless=question,
        compares=True,
        do=do,
        undo=("sh", "-c", SWEEP),
    )


def _step(name: str, ask: Ask[Any], key: str, reference: str, **more: Any) -> Step:
    return Step(
        name=name,
        stdin=ask.secrets[key],
        sensitive=True,
        timeout=300,
        exit_messages=meanings(reference, key),
        **more,
    )


def split(reference: str) -> tuple[str, str]:
    """Repository and tag; a port is no tag."""
    front, colon, last = reference.rpartition(":")
    return (front, last) if colon and "/" not in last else (reference, "latest")


def meanings(reference: str, key: str) -> tuple[tuple[int, str], ...]:
    """What the exit codes of the programs here mean."""
    registry = reference.partition("/")[0]
    return (
        (14, f"{registry} does not let this host in: inv triumf.trust.up"),
        (
            15,
            f"{registry} cannot be reached: inv triumf.registry.status, and is the way there open?",
        ),
        (21, f"{reference} is not on this host with a digest of {registry}: pull it first"),
        (22, f"{reference} is not signed: inv triumf.image.sign"),
        (
            23,
            f"the signature of {reference} does not match: it is by none of the keys of secrets/{key}, has expired or is damaged",
        ),
        (
            24,
            f"what is signed is not {reference} as it is: the signature is for another image or another name; inv triumf.image.sign",
        ),
        (25, "there is no gpg on this host: install the package gnupg"),
        (26, "there is no tmpfs on this host for the key: /dev/shm should be one"),
        (27, f"secrets/{key} is no key that gpg can read: gpg --export --armor KEY"),
        (28, f"{registry} has a signature for {reference} that is none"),
        (
            29,
            f"secrets/{key} cannot sign: it is no private key, has expired, or wants a passphrase, which it may not have",
        ),
    )
