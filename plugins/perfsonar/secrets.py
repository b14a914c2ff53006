"""What of a test point is secret: the certificate and key of its web server, and remotes whose URL
holds a password.

They are files of its volumes. Where they lie: Debian's packages of pScheduler enable Apache's
default-ssl (pscheduler-server, postinst), which names ssl-cert-snakeoil; but the image's PostgreSQL
reads that key too, as another user, so ours lie beside it and Apache is told so. The psconfig agent
reads pscheduler-agent.json once a minute, as the user perfsonar
(psconfig-pscheduler-agent-schema.json: remotes, check-config-interval).
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

from fairlead.api import (
    Argv,
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
    script,
    state,
    then,
)

from . import local
from .remotes import bare
from .site import AGENT, Account, Acme

VERBS = frozenset({"up", "secrets"})
CERTIFICATE, KEY = "/etc/ssl/certs/pscheduler.pem", "/etc/ssl/private/pscheduler.key"
APACHE = "/etc/apache2/sites-available/default-ssl.conf"
ACCOUNT = "/acme/etc/cli.ini"  # in our folder: /etc/letsencrypt of certbot
HMAC_KEY = re.compile(r"[A-Za-z0-9_-]{16,}={0,2}", re.ASCII)
URL = re.compile(r"https?://[^\s/@\"\\]+@[^\s/@\"\\]+(/[^\s\"\\]*)?", re.ASCII)

sh = script.beside(__file__)


@cache
def merge() -> str:
    """The program for awk that puts URLs among the remotes of an agent's configuration."""
    return (sh.folder / "merge.awk").read_text("utf-8")


def has_any(ask: Ask[Any]) -> bool:
    """Does the site name a secret of a test point?"""
    site = ask.section
    return bool(site.tls or site.psconfig_secret or site.archives or _account(ask))


def needs(ask: Ask[Any]) -> Iterator[SecretSpec]:
    """The secrets that the site names, for the verbs that put them."""
    site = ask.section
    if ask.verb in VERBS:
        yield from (
            SecretSpec(
                name=name,
                about="psconfig remote with a password",
                path=AGENT,
                owner=local.OWNER,
                check=partial(_url_at, name),
            )
            for name in site.psconfig_secret
        )
        yield from local.needs(ask)
    account = _account(ask)
    if ask.verb in VERBS and account:
        yield SecretSpec(
            name=account.key,
            about="HMAC key of the account at who signs the certificate",
            path=f"{site.state}{ACCOUNT}",
            check=partial(_hmac_key, account.key),
        )
    if ask.verb in VERBS and site.tls:
        yield SecretSpec(
            name=site.tls.certificate,
            about="certificate of the web server",
            path=CERTIFICATE,
            mode=0o644,
            ends=certificates.ends,
            check=partial(certificates.pair, site.tls.certificate, site.tls.key),
            fits=(site.tls.key,),
        )
        yield SecretSpec(name=site.tls.key, about="its key", path=KEY)


def put(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """The steps that put them into the volumes of a container that runs."""
    if ask.section.tls:
        yield from _tls(c, ask)
    if _account(ask):
        yield _account_file(c, ask)
    yield from local.archives(c, ask)
    if ask.section.psconfig_secret:
        yield _remotes(c, ask)


def check_running(c: Container, ask: Ask[Any]) -> None:
    """Raises FairleadError where there is no container of ours whose files could hold them."""
    container, up = state.container_state(c, ask), ask.target.typed("up")
    if not (container and container.ours and container.running):
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
    pair = (
        SecretFile(f"{current}{KEY}", key),
        SecretFile(f"{current}{CERTIFICATE}", certificate, 0o644),
    )
    yield files.secrets(pair, "certificate and key", after=_reload(c))
    yield apache_uses_ours(c)


def _account(ask: Ask[Any]) -> Account | None:
    """The account that the site names for ACME."""
    acme: Acme | None = ask.section.acme
    return acme.account if acme else None


def _account_file(c: Container, ask: Ask[Any]) -> Step:
    """What certbot reads of it beside its words, which all users of the host see."""
    account = ask.section.acme.account
    key = _hmac_key(account.key, ask.secrets)
    text = Secret(f"eab-kid = {account.key_id}\neab-hmac-key = {key}\n")
    return files.secrets((SecretFile(f"{c.root}{ACCOUNT}", text),), "acme's account")


def _hmac_key(name: str, secrets: Mapping[str, Secret], now: float = 0) -> str:
    """The key that a secret holds. Raises SecretError."""
    key = secrets[name].reveal().decode("ascii", "replace").strip()
    if not HMAC_KEY.fullmatch(key):
        raise SecretError(f"secrets/{name}", "is no HMAC key", "wanted base64 in its form for URLs")
    return key


def _reload(c: Container) -> Argv:
    """Apache reads its files anew, and drops no connection."""
    return docker.inside(c, "apache2ctl", "graceful")


def apache_uses_ours(c: Container) -> Step:
    """Its site names the pair of ours."""
    words = (f"{c.root}/current{APACHE}", CERTIFICATE, KEY)
    return Step(
        name="apache uses them",
        unless=sh("apache_names", *words),
        do=then(sh("name_in_apache", *words), _reload(c)),
        undo=sh("back", words[0]),
        timeout=60,
    )


def _remotes(c: Container, ask: Ask[Any]) -> Step:
    file = f"{c.root}/current{AGENT}"
    urls = [_url(name, ask.secrets) for name in ask.section.psconfig_secret]
    return Step(
        name="psconfig with passwords",
        unless=sh("remotes_are_in", file, merge()),
        do=then(
            sh("put_remotes", file, merge()),
            docker.inside(c, *sh("own_by_agent", AGENT)),
        ),
        undo=sh("back_in_place", file),
        stdin=Secret("".join(f"{url}\n" for url in urls)),
        compares=True,
        sensitive=True,
        timeout=60,
    )


def bare_urls(ask: Ask[Any]) -> tuple[str, ...]:
    """The remotes with passwords, as they are without user and password."""
    return tuple(bare(_url(name, ask.secrets)) for name in ask.section.psconfig_secret)


def _url_at(name: str, secrets: Mapping[str, Secret], now: float) -> str:
    """The same as a check of the secret; it does not end."""
    return _url(name, secrets)


def _url(name: str, secrets: Mapping[str, Secret]) -> str:
    """The URL that a secret holds, as a JSON string has it inside. Raises SecretError."""
    url = secrets[name].reveal().decode("ascii", "replace").strip()
    if not URL.fullmatch(url):
        raise SecretError(
            f"secrets/{name}",
            "is no URL with user and password",
            "wanted https://USER:PASSWORD@HOST/PATH; one without them belongs in psconfig",
        )
    return json.dumps(url)[1:-1]
