"""What a site has of its own: archives of its results, templates beside those of psconfig's
remotes, limits of who may test.

psconfig's agent watches the folders of the first two (inotify: what is created, deleted, written),
so a file is written in place, and tried elsewhere before. Sources: psconfig_pscheduler_agent,
bin/commands/validate; pscheduler-core, validate-limits.
"""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from fairlead.api import (
    Argv,
    Ask,
    Container,
    Secret,
    SecretError,
    SecretSpec,
    Step,
    digest,
    docker,
    script,
    then,
)

PSCONFIG = "/etc/perfsonar/psconfig"
ARCHIVES, TEMPLATES = f"{PSCONFIG}/archives.d", f"{PSCONFIG}/pscheduler.d"
LIMITS = "/etc/pscheduler/limits.conf"
OWNER = "perfsonar"

sh = script.beside(__file__)


def steps(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """Limits and templates, each looked through by the container's own program before it counts."""
    if ask.section.limits:
        yield _placed(c, "limits", LIMITS, ask.section.limits, ("pscheduler", "validate-limits"))
    validate = ("psconfig", "validate", "--skip-pscheduler")
    for name, template in ask.section.templates.items():
        yield _placed(c, f"template {name}", f"{TEMPLATES}/{name}", template, validate)


def _placed(
    c: Container, name: str, path: str, content: Mapping[str, Any], validate: tuple[str, ...]
) -> Step:
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    question = docker.inside(c, *validate, _trial(path))
    return Step(
        name=name,
        unless=sh("holds", f"{c.root}/current{path}", digest.sha256(text)),
        do=_place(c, name, path, "644", question),
        undo=_unplace(c, name, path),
        stdin=text,
        timeout=120,
    )


def _trial(path: str) -> str:
    """Where it lies while it is looked through: in the same volume, and where nobody reads it."""
    volume, name = "/".join(path.split("/")[:3]), path.rpartition("/")[2]
    return f"{volume}/.{name}.trial"


def _place(c: Container, name: str, path: str, mode: str, question: Argv) -> Argv:
    current = f"{c.root}/current"
    words = (f"{current}{path}", f"{current}{_trial(path)}", _copy(c, name), mode)
    return sh("place", *words, *question)


def _unplace(c: Container, name: str, path: str) -> Argv:
    return sh("unplace", f"{c.root}/current{path}", _copy(c, name))


def _copy(c: Container, name: str) -> str:
    return f"{c.root}/before.{digest.sha256(name)[:12]}"


# Archives: what stands in them opens the way to their server, so they are secrets


def needs(ask: Ask[Any]) -> Iterator[SecretSpec]:
    for file, name in ask.section.archives.items():
        yield SecretSpec(
            name=name,
            about="archive of psconfig's results",
            path=f"{ARCHIVES}/{file}",
            owner=OWNER,
            check=partial(_archive, name),
        )


def archives(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    for file, secret in ask.section.archives.items():
        _archive(secret, ask.secrets, 0)
        name, path = f"archive {file}", f"{ARCHIVES}/{file}"
        yield Step(
            name=name,
            unless=sh("holds_this", f"{c.root}/current{path}", "600"),
            do=then(
                _place(c, name, path, "600", ("true",)),
                docker.inside(c, *sh("own_by_agent", path)),
            ),
            undo=_unplace(c, name, path),
            stdin=ask.secrets[secret],
            compares=True,
            sensitive=True,
            timeout=60,
        )


def _archive(name: str, secrets: Mapping[str, Secret], now: float) -> object:
    """The archive that a secret holds. Raises SecretError."""
    try:
        value = json.loads(secrets[name].reveal())
    except ValueError:
        value = None
    if not isinstance(value, dict) or not {"archiver", "data"} <= value.keys():
        raise SecretError(
            f"secrets/{name}",
            "is no archive",
            'wanted {"archiver": "http", "data": {...}}, as psconfig archive shows it',
        )
    return value
