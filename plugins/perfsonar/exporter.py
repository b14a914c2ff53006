"""Options of the image's node_exporter, beside those that the image has.

They all stand in one line of one file, and a line of the site's own would drop perfSONAR's: where
it listens, which settings of the kernel and which units it shows. So the site's are put into the
image's line. Source: host-metrics, exporter_opts.sh and node_exporter.service.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from fairlead.api import Ask, Container, Step, Volume, docker, either, script, then

FILE = "/etc/default/node_exporter"
STATE = (Volume("/etc/default", "config"),)  # only where the site has options for it
RESTART = ("systemctl", "restart", "node_exporter")

sh = script.beside(__file__)


@cache
def program() -> str:
    """The program for awk that puts options into the image's."""
    return (sh.folder / "exporter.awk").read_text("utf-8")


def put(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """The step that gives it the site's; nothing where the site has none."""
    options = ask.section.node_exporter
    if not options:
        return
    current = f"{c.root}/current"
    file, copy = f"{current}{FILE}", f"{c.root}/node_exporter.before"
    words = (file, f"{current}/.defaults{FILE}", options, program())
    runs = docker.inside(c, *sh("exporter_runs", *options.split()))
    restart = docker.inside(c, *RESTART)
    yield Step(
        name="node_exporter",
        # where the container does not run, it does not either
        unless=then(sh("exporter_is", *words), either(runs, ("false",))),
        do=then(sh("keep_file", file, copy), sh("exporter_put", *words), restart),
        undo=then(sh("file_back", file, copy), restart),
        until=runs,
        every=1,
        timeout=60,
        remedy="inv perfsonar.exec -- journalctl -u node_exporter says why it does not take them",
    )
