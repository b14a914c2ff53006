"""What of a test point is secret: the certificate and key of its web server, and remotes whose URL holds a password.

They are files of its volumes. Where they lie: Debian's packages of pScheduler enable Apache's default-ssl (pscheduler-server, postinst), which names
ssl-cert-snakeoil; but the image's PostgreSQL reads that key too, as another user, so ours lie beside it and Apache is told so. The psconfig agent
reads pscheduler-agent.json once a minute, as the user perfsonar (psconfig-pscheduler-agent-schema.json: remotes, check-config-interval).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from fairlead.api import (
    Ask,
    Container,
    FairleadError,
    Secret,
    SecretError,
    SecretFile,
    SecretSpec,
    Step,
    certificates,
    docker,
    files,
    state,
    then,
)

VERBS = frozenset({"up", "secrets"})
CERTIFICATE, KEY = "/etc/ssl/certs/pscheduler.pem", "/etc/ssl/private/pscheduler.key"
APACHE = "/etc/apache2/sites-available/default-ssl.conf"
AGENT, OWNER = "/etc/perfsonar/psconfig/pscheduler-agent.json", "perfsonar"
URL = re.compile(r"https?://[^\s/@\"\\]+@[^\s/@\"\\]+(/[^\s\"\\]*)?", re.ASCII)

# FILE CERTIFICATE KEY: does Apache's site name them?
NAMES = """[ -f "$1" ] || { echo "there is no $1: is this a Debian image?" >&2; exit 2; }
grep -Eq "^[[:space:]]*SSLCertificateFile[[:space:]]+$2[[:space:]]*$" "$1" || exit 1
grep -Eq "^[[:space:]]*SSLCertificateKeyFile[[:space:]]+$3[[:space:]]*$" "$1" """
# FILE CERTIFICATE KEY: it names them. FILE: what stood there before is back.
NAME = r"""set -eu; rm -f "$1.before"; cp -p "$1" "$1.before"; cp -p "$1" "$1.fairlead-new"
file="s,^([[:space:]]*SSLCertificateFile[[:space:]]+).*,\1$2,"
key="s,^([[:space:]]*SSLCertificateKeyFile[[:space:]]+).*,\1$3,"
sed -E -e "$file" -e "$key" "$1.before" >"$1.fairlead-new"
mv -f "$1.fairlead-new" "$1" """
BACK = 'rm -f "$1.fairlead-new"; [ ! -e "$1.before" ] || mv -f "$1.before" "$1"'

# awk: the lines of its first file are URLs as JSON has them, its second file the agent's configuration; it prints that with each among its remotes.
# One that differs in user and password alone is replaced where it stands, with whatever else is said of it.
MERGE = r"""
function bare(url) { sub("//[^/@]*@", "//", url); return url }
NR == FNR { if ($0 != "") url[++n] = $0; next }
{ text = text $0 "\n" }
END {
  while (match(text, /"([^"\\]|\\.)*"/)) {
    word = substr(text, RSTART + 1, RLENGTH - 2); plain = word; gsub(/\\\//, "/", plain)
    for (i = 1; i <= n; i++) if (bare(plain) == bare(url[i])) { word = url[i]; there[i] = 1 }
    done = done substr(text, 1, RSTART - 1) "\"" word "\""; text = substr(text, RSTART + RLENGTH)
  }
  text = done text
  list = "\"remotes\"[ \t\r\n]*:[ \t\r\n]*\\["
  if (!match(text, list)) {
    if (!match(text, "{")) exit 3
    rest = substr(text, RSTART + 1)
    text = substr(text, 1, RSTART) "\n    \"remotes\": []" (rest ~ /^[ \t\r\n]*}/ ? "" : ",") rest
  }
  for (i = n; i > 0; i--) if (!there[i]) {
    match(text, list); rest = substr(text, RSTART + RLENGTH)
    end = rest ~ /^[ \t\r\n]*\]/ ? "\n    " : ","
    text = substr(text, 1, RSTART + RLENGTH - 1) "\n        {\n            \"url\": \"" url[i] "\"\n        }" end rest
  }
  printf "%s", text
}"""
# FILE MERGE: is every URL of stdin there, and the file nobody else's to read? FILE MERGE: so be it. In the container, FILE: it is the agent's own.
MERGED = """[ -f "$1" ] && [ ! -h "$1" ] || { echo "there is no $1" >&2; exit 2; }
[ "$(stat -c %a "$1")" = 600 ] || exit 1
new=$(awk "$2" - "$1" | sha256sum) || exit 2
[ "$new" = "$(sha256sum <"$1")" ]"""
PUT = """set -eu; umask 077; new=$1.fairlead-new; rm -f "$1.before"
awk "$2" - "$1" >"$new"
[ -s "$new" ]; chown --reference="$1" "$new"; chmod 600 "$new"
cp -p "$1" "$1.before"; chmod 600 "$1.before"
sync "$new" 2>/dev/null || sync
mv -f "$new" "$1" """
OURS = 'if id -u perfsonar >/dev/null 2>&1; then chown perfsonar "$1"; fi; rm -f "$1.before"'


def needs(ask: Ask[Any]) -> Iterator[SecretSpec]:
    """The secrets that the site names, for the verbs that put them."""
    site = ask.section
    if ask.verb in VERBS:
        yield from (
            SecretSpec(name=name, about="psconfig remote with a password", path=AGENT, owner=OWNER)
            for name in site.psconfig_secret
        )
    if ask.verb in VERBS and site.tls:
        yield SecretSpec(
            name=site.tls.certificate,
            about="certificate of the web server",
            path=CERTIFICATE,
            mode=0o644,
            ends=certificates.ends,
        )
        yield SecretSpec(name=site.tls.key, about="its key", path=KEY)


def put(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """The steps that put them into the volumes of a container that runs."""
    if ask.section.tls:
        yield from _tls(c, ask)
    if ask.section.psconfig_secret:
        yield _remotes(c, ask)


def running(c: Container, ask: Ask[Any]) -> None:
    """Raises FairleadError where there is no container of ours whose files could hold them."""
    there, up = state.standing(c, ask), f"inv {ask.target.system}.up"
    if not (there and there.ours and there.running):
        raise FairleadError(
            ask.target.host,
            f"no container {c.name} of ours runs here",
            f"{up} starts it and puts its secrets",
        )
    if ask.section.tls and "/etc/apache2" not in ask.facts.get("state", ()):
        raise FairleadError(
            ask.target.host,
            f"{c.name} was started before the site had `tls`",
            f"{up} gives it the volume that Apache needs",
        )


def _tls(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """The pair first, so that Apache never names what is not there."""
    tls, current = ask.section.tls, f"{c.root}/current"
    certificate, key = certificates.pair(tls.certificate, tls.key, ask.secrets, ask.host.time)
    reload = docker.inside(c, "apache2ctl", "graceful")
    pair = (
        SecretFile(f"{current}{KEY}", key),
        SecretFile(f"{current}{CERTIFICATE}", certificate, 0o644),
    )
    yield files.secrets(pair, "certificate and key", after=reload)
    words = (f"{current}{APACHE}", CERTIFICATE, KEY)
    yield Step(
        name="apache uses them",
        unless=("sh", "-c", NAMES, "apache", *words),
        do=then(("sh", "-c", NAME, "apache", *words), reload),
        undo=("sh", "-c", BACK, "apache", words[0]),
        timeout=60,
    )


def _remotes(c: Container, ask: Ask[Any]) -> Step:
    file, urls = (
        f"{c.root}/current{AGENT}",
        [_url(name, ask.secrets) for name in ask.section.psconfig_secret],
    )
    return Step(
        name="psconfig with passwords",
        unless=("sh", "-c", MERGED, "remotes", file, MERGE),
        do=then(
            ("sh", "-c", PUT, "remotes", file, MERGE),
            docker.inside(c, "sh", "-c", OURS, "remotes", AGENT),
        ),
        undo=("sh", "-c", BACK, "remotes", file),
        stdin=Secret("".join(f"{url}\n" for url in urls)),
        compares=True,
        sensitive=True,
        timeout=60,
    )


def _url(name: str, secrets: Any) -> str:
    """The URL that a secret holds, as a JSON string has it inside. Raises SecretError."""
    url = secrets[name].reveal().decode("ascii", "replace").strip()
    if not URL.fullmatch(url):
        raise SecretError(
            f"secrets/{name}",
            "is no URL with user and password",
            "wanted https://USER:PASSWORD@HOST/PATH; one without them belongs in psconfig",
        )
    return json.dumps(url)[1:-1]
