"""The images of a service, in its engine."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fairlead.api import Ask, Command, Secret, Step, compose, docker, script, then, upgrade

from ..site import Login
from .engine import wake
from .sections import Container
from .service_on_host import ServiceOnHost

PULL = 1800  # seconds
PULL_MESSAGES = (  # exit codes of pull_with_login
    (11, "the registry refuses user and password"),
    (12, "the registry has no such image for this user, or does not answer"),
)

sh = script.beside(__file__)


def images(s: ServiceOnHost, ask: Ask[Any], fresh: bool = False) -> Iterator[Step]:
    """Each image is in the engine; with `fresh` what its name means in the registry today."""
    for number in s.numbers:
        yield _image(s, ask, number, fresh)


def _image(s: ServiceOnHost, ask: Ask[Any], number: int, fresh: bool) -> Step:
    """With `fresh` what the name meant before is remembered, and the undo brings it back."""
    container = s.container(number)
    reference = reference_of(container)
    is_renewed = fresh and not container.load
    login = None if container.load else login_of(ask.section.registries, reference)
    commands = [
        _fetch(container, reference, login),
        sh("has_fetched", container.image, container.load or reference),
    ]
    if is_renewed:
        commands.insert(0, sh("remember_image", reference, memory(s, number)))
    step = Step(
        name=f"{s.name}: image {number}",
        unless=_is_newest(reference) if is_renewed else sh("has_image", container.image),
        do=then(*commands),
        undo=recall(s, number) if is_renewed else ("true",),
        env=s.env,
        timeout=PULL,
        progress=login is None,
        remedy=docker.NOT_PULLED,
    )
    return step if login is None else _with_login(step, ask, login)


def _is_newest(reference: str) -> Command:
    """Has the registry nothing newer under this name?"""
    return upgrade.is_fresh("docker", reference)


def _with_login(step: Step, ask: Ask[Any], login: Login) -> Step:
    """The step gets the password of a registry on stdin."""
    password = ask.secrets.get(login.password_secret, Secret(""))
    return msgspec.structs.replace(
        step, stdin=password, sensitive=True, exit_messages=PULL_MESSAGES
    )


def _fetch(container: Container, reference: str, login: Login | None) -> Command:
    if container.load:
        return ("docker", "load", "-i", container.load)
    if login:
        return sh("pull_with_login", docker.registry(reference), login.user, reference)
    return ("docker", "pull", reference)


def reference_of(container: Container) -> str:
    """What is pulled to have the image of a container."""
    return docker.with_tag(container.pull or container.image)


def memory(s: ServiceOnHost, number: int) -> str:
    """The name under which the image of before an upgrade is kept."""
    return f"fairlead/{compose.project(s.name)}.container.{number}:previous"


def recall(s: ServiceOnHost, number: int) -> Command:
    """The image of before an upgrade has its name again."""
    command = sh("recall_image", reference_of(s.container(number)), memory(s, number))
    return then(wake(s), command) if s.socket else command


def login_of(registries: Mapping[str, Login], reference: str) -> Login | None:
    """Who may pull this reference, where that needs a login."""
    return registries.get(docker.registry(reference))
