"""What the lookup service is told of a test point: a few lines of the image's own file.

The blocks of that file have to stay, above all <site>: the daemon ends without it
(ls-registration-daemon, Utils/Config.pm). So the file is edited, and written in place, for the
daemon watches it (bin/lsregistrationdaemon.pl) and would hear nothing of one put in its stead.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from fairlead.api import Ask, Container, Step, script, then

from .site import Registration

FILE = "/etc/perfsonar/lsregistrationdaemon.conf"

sh = script.beside(__file__)


@cache
def edit_program() -> str:
    """The program for awk that puts lines into the daemon's file."""
    return (sh.folder / "registration.awk").read_text("utf-8")


def lines(registration: Registration) -> tuple[str, ...]:
    """Its keys as the daemon's file has them; what the site leaves out is left alone there."""
    return (*_plain(registration), *_administrator(registration))


def _plain(registration: Registration) -> Iterator[str]:
    values: tuple[tuple[str, object], ...] = (
        ("site_name", registration.site),
        ("domain", registration.domain),
        *(("site_project", project) for project in registration.projects),
        ("city", registration.city),
        ("region", registration.region),
        ("country", registration.country),
        ("zip_code", registration.zip),
        ("latitude", registration.latitude),
        ("longitude", registration.longitude),
        *(("role", role) for role in registration.role),
        ("access_policy", registration.access),
    )
    yield from (f"{key} {value}" for key, value in values if value not in ("", None))


def _administrator(registration: Registration) -> Iterator[str]:
    admin = registration.admin
    if admin:
        yield "<administrator>"
        yield from (f"    {key} {value}" for key, value in admin.words if value)
        yield "</administrator>"


def put(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """The step that writes them; nothing where the site says nothing of them."""
    registration = ask.section.registration
    if not registration:
        return
    file, copy = f"{c.root}/current{FILE}", f"{c.root}/registration.before"
    words = (file, edit_program(), "\n".join(lines(registration)))
    yield Step(
        name="registration",
        unless=sh("registers", *words),
        do=then(sh("keep_file", file, copy), sh("register", *words)),
        undo=sh("file_back", file, copy),
        timeout=60,
        remedy=f"the image's file lies in {c.root}/current/.defaults{FILE}",
    )
