"""Docker Distribution on its host: where its files lie, what is in them, and the lines that are said to it. Source: the document, 5.4 and 5.5."""

from typing import Any

from fairlead.api import Noun, yamlfile


class Place(Noun, kw_only=True):
    """How a distribution packages it."""

    package: str
    service: str
    config: str
    program: str
    user: str  # whom its service runs as

    @property
    def folder(self) -> str:
        return self.config.rpartition("/")[0]

    @property
    def passwords(self) -> str:
        return f"{self.folder}/registry_passwd"

    @property
    def authority(self) -> str:
        """The site's own authority, for those who ask on this host."""
        return f"{self.folder}/ca.crt"


RED_HAT = Place(
    package="docker-distribution",
    service="docker-distribution",
    config="/etc/docker-distribution/registry/config.yml",
    program="/usr/bin/registry",
    user="root",
)
DEBIAN = Place(
    package="docker-registry",
    service="docker-registry",
    config="/etc/docker/registry/config.yml",
    program="/usr/bin/docker-registry",
    user="docker-registry",
)


def place(manager: str) -> Place:
    return DEBIAN if manager == "apt" else RED_HAT


def config(registry: Any, address: str, where: Place) -> str:
    """config.yml: the document's keys."""
    content = {
        "version": 0.1,
        "log": {
            "level": registry.log_level,
            "formatter": "text",
            "fields": {"service": "registry"},
        },
        "storage": {
            "delete": {"enabled": True},
            "cache": {"blobdescriptor": "inmemory"},
            "filesystem": {"rootdirectory": registry.root},
        },
        "http": {
            "addr": f"{address}:{registry.port}",
            "host": f"https://{registry.reference}",
            "tls": {"certificate": registry.tls.certificate, "key": registry.tls.key},
        },
        "auth": {"htpasswd": {"realm": "basic-realm", "path": where.passwords}},
    }
    return yamlfile.write(content, "to avoid ipv6 here we use the ipv4 address as the http addr")


# The service

# SERVICE: those who run take it over; where it does not run, the start that follows does.
TAKE_OVER = 'if systemctl is-active -q "$1"; then systemctl restart "$1"; fi'
UP = 'systemctl is-enabled -q "$1" 2>/dev/null && systemctl is-active -q "$1" || exit 1'
START = 'systemctl enable "$1" >/dev/null 2>&1; systemctl start "$1" && exit; rc=$?; journalctl -u "$1" -n 5 >&2; exit $rc'
# FOLDER USER: is it the service's own, and within its reach?
OWNED = """[ -d "$1" ] && [ "$(stat -c %U "$1")" = "$2" ] || exit 1
setpriv --reuid "$2" --regid "$2" --init-groups test -w "$1" || exit 1"""
OWN = f"""umask 022; mkdir -p "$1" && chown "$2" "$1" || exit
({OWNED}) || {{ echo "$2 cannot write $1: may it pass through the folders above it?" >&2; exit 1; }}"""

# What lies in it, read from its files: the API has no search, and tells no sizes

# ROOT MATCH: a line for each tag that is no signature: repository, tag, bytes of its layers, when its image was made, digest.
TAGS = r"""root=$1/docker/registry/v2 match=$2
[ -d "$1" ] || { echo "there is no $1" >&2; exit 2; }
blob() { printf '%s/blobs/%s/%.2s/%s/data' "$root" "${1%%:*}" "${1#*:}" "${1#*:}"; }
find "$root/repositories" -path '*/_manifests/tags/*/current/link' 2>/dev/null | sort | while read -r link; do
  name=${link#"$root"/repositories/} tag=${link%/current/link}
  name=${name%%/_manifests/*} tag=${tag##*/}
  case $name:$tag in *:sha256-*.sig) continue ;; *"$match"*) ;; *) continue ;; esac
  digest=$(cat "$link"); manifest=$(blob "$digest")
  [ -f "$manifest" ] || continue
  flat=$(tr -d ' \n\t' <"$manifest")
  bytes=$(printf %s "$flat" | grep -o '"size":[0-9]*' | cut -d: -f2 | awk '{ sum += $1 } END { printf "%d", sum }')
  config=$(printf %s "$flat" | sed -n 's/.*"config":{[^}]*"digest":"\([^"]*\)".*/\1/p')
  made=$(tr -d '\n' 2>/dev/null <"$(blob "$config")" | grep -o '"created":"[0-9T:-]*' | head -n 1 | cut -d'"' -f4)
  printf '%s %s %s %s %s\n' "$name" "$tag" "$bytes" "${made:-unknown}" "$digest"
done"""
# ... and as a table for people.
SEARCH = (
    "tags() {\n" + TAGS + "\n}\n"
    r"""found=$(tags "$@") || exit
[ -n "$found" ] || { echo 'no image matches' >&2; exit 1; }
now=$(date +%s)
printf '%s\n' "$found" | while read -r name tag bytes made digest; do
  if since=$(date +%s -d "${made}Z" 2>/dev/null); then days=$(((now - since) / 86400)); else days='?'; fi
  printf '%s %s %s %s %.19s\n' "$name" "$tag" "$bytes" "$days" "$digest"
done | awk 'BEGIN { row("REPOSITORY", "TAG", "SIZE", "AGE", "DIGEST") }
  function row(name, tag, size, age, digest) { n++; names[n] = name; tags[n] = tag; rest[n] = sprintf("%10s  %9s  %s", size, age, digest)
    if (length(name) > wide) wide = length(name); if (length(tag) > broad) broad = length(tag) }
  { row($1, $2, sprintf("%.1f MB", $3 / 1e6), $4 " days", $5) }
  END { for (i = 1; i <= n; i++) printf "%-" wide "s  %-" broad "s  %s\n", names[i], tags[i], rest[i] }' """
)
# ROOT: how many repositories, KiB in all, KiB free.
SUMS = """find "$1/docker/registry/v2/repositories" -name _manifests -type d 2>/dev/null | wc -l
du -sk "$1" 2>/dev/null | cut -f1
df -Pk "$1" 2>/dev/null | awk 'END { print $4 }'"""

# Taking away. URL NAME TAG AUTHORITY; user and password on stdin, for curl. A manifest goes by its digest, and all tags that are that
# image with it; its signatures go first, so that none stays behind where something fails.
DELETE = """base=$1/v2/$2/manifests tag=$3 file=$4; config=$(cat)
ask() { printf '%s' "$config" | curl -sS --noproxy '*' -m 30 ${file:+--cacert "$file"} -K - "$@" 2>/dev/null; }
digest() {
  ask -I -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' -H 'Accept: application/vnd.oci.image.manifest.v1+json' \\
    "$base/$1" | tr -d '\\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }'
}
take() { # DIGEST
  code=$(ask -o /dev/null -w '%{http_code}' -X DELETE "$base/$1")
  case $code in 202) ;; 401) exit 14 ;; *) exit 16 ;; esac
}
image=$(digest "$tag"); [ -n "$image" ] || exit 15
signatures=$(digest "sha256-${image#*:}.sig")
[ -z "$signatures" ] || take "$signatures"
take "$image" """
NO_TAG = (
    '[ ! -e "$1/docker/registry/v2/repositories/$2/_manifests/tags/$3/current/link" ] || exit 1'
)
# PROGRAM CONFIG ROOT [--delete-untagged]: is nothing left that no image needs?
SWEPT = """[ -d "$3/docker/registry/v2/repositories" ] || exit 0
said=$("$1" garbage-collect --dry-run $4 "$2" 2>&1) || { printf '%s\\n' "$said" | tail -n 1 >&2; exit 2; }
printf '%s\\n' "$said" | grep -qE '(^|[^0-9])0 blobs (and 0 manifests )?eligible' || exit 1"""
# PROGRAM CONFIG SERVICE [--delete-untagged]: nobody pushes meanwhile, or what is half pushed would be swept too.
SWEEP = """was=''; ! systemctl is-active -q "$3" || was=up
[ -z "$was" ] || systemctl stop "$3" || exit 1
said=$("$1" garbage-collect $4 "$2" 2>&1); rc=$?
printf '%s\\n' "$said" | tail -n 1 >&2
[ -z "$was" ] || systemctl start "$3" || exit 1
exit $rc"""
UP_AGAIN = 'if systemctl is-enabled -q "$1"; then systemctl start "$1"; fi'
USERS = 'for file; do [ ! -f "$file" ] || cut -d: -f1 "$file"; done'
