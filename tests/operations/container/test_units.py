"""Units that start a container which somebody started by hand: which they are, and how they go.

systemctl is a stand-in that writes down its words; tests/e2e/test_adopt_units.py asks a systemd.
"""

from pathlib import Path
from typing import Any

import pytest

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Noun, Step, Target
from fairlead.operations.argv.docker import Container
from fairlead.operations.container import adoption, lifecycle, running
from fairlead.operations.container.options import Inspected
from fairlead.operations.container.state import ContainerState
from fairlead.operations.container.units import Unit, units
from fairlead.operations.script import beside
from tests.shells import Shell

sh = beside(running.__file__)
LABELS = (
    '"com.docker.compose.project.config_files":"/srv/app/compose.yml,/srv/app/more.yml",'
    '"com.docker.compose.project.working_dir":"/srv/app"'
)
FILES = {
    "named.service": "ExecStart=/usr/bin/docker start -a app",
    "folder.service": "WorkingDirectory=/srv/app\nExecStart=/usr/bin/docker compose up",
    "file.service": "ExecStart=/usr/bin/docker-compose --file=/srv/app/more.yml up",
    "relative.service": "WorkingDirectory=/srv/app/\nExecStart=docker compose -f more.yml up",
    "another.service": "WorkingDirectory=/srv/app\nExecStart=/usr/bin/docker compose -f x.yml up",
    "apart.service": "WorkingDirectory=/srv/app\nExecStart=/usr/bin/docker run web",
}
SYSTEMCTL = (Path(__file__).parent / "shell/systemctl.sh").read_text()
OLD = ContainerState("app", "1a", "sha256:1", "app:1", "running", "", "no", {})


def test_a_unit_names_the_container_or_starts_its_compose_project(shell: Shell) -> None:
    for name, text in FILES.items():
        (shell.folder / name).write_text(f"[Service]\n{text}\n")
    program = sh.text("units_lib") + 'name=$1 text=$2; shift 2; units "$name" "$text" "$@"'
    paths = [str(shell.folder / name) for name in FILES]
    code, text = shell.run(("sh", "-c", program, "units", "app", LABELS, *paths))
    found = [Path(line).stem for line in text.splitlines()]
    assert (code, found) == (0, ["named", "folder", "file", "relative"])
    plain = shell.run(("sh", "-c", program, "units", "app", '"hostname":"n1"', *paths))
    assert [Path(line).stem for line in plain[1].splitlines()] == ["named"]


def test_what_runs_or_would_at_boot_counts(shell: Shell) -> None:
    shell.tool("systemctl", SYSTEMCTL)
    program = sh.text("units_lib") + 'unit_states "$@"'
    names = ("/e/named.service", "/c/quad.container", "/e/old.service", "/e/fairlead-app.service")
    _, text = shell.run(("sh", "-c", program, "states", *names))
    assert units(text.splitlines()) == (
        Unit("named.service", "enabled", "active"),
        Unit("quad.service", "generated", "active"),
    )


def plan(*starters: Unit, own: tuple[str, ...] = (), **host: Any) -> list[Step]:
    """The steps of `up` over a container that somebody started by hand."""
    target = Target(site="s", host="n1", system="app", component="app", section=None, peers=("n1",))
    known = adoption.Details(Inspected({"host": host}, {}), (), (), starters)
    facts = {"container": {"app": OLD}, "details": {"app": known}, "state": ()}
    ask: Ask[Any] = Ask(verb="up", target=target, facts=facts, options=Noun())
    return [*lifecycle.up(Container(name="app", image="app:2", own_units=own), ask)]


def test_its_units_go_before_it_stops_and_come_back_with_it() -> None:
    steps = plan(Unit("a.service", "enabled", "active"), Unit("b.service", "disabled", "active"))
    names = [step.name for step in steps]
    assert names.index("its units") < names.index("stop")
    (step,) = (step for step in steps if step.name == "its units")
    assert step.do[-2:] == ("a.service", "b.service")
    assert step.undo is not None
    assert step.undo[-4:] == (
        *("docker", "app"),
        *("b.service:disabled:active", "a.service:enabled:active"),
    )
    assert step.diff.splitlines()[2:] == ["-a.service", "-b.service"]


def test_units_that_a_component_puts_away_itself_are_left_to_it() -> None:
    steps = plan(Unit("a.service", "enabled", "active"), own=("a.service",))
    assert "its units" not in [step.name for step in steps]


def test_a_quadlet_has_to_be_moved_away_first() -> None:
    with pytest.raises(FairleadError) as refused:
        plan(Unit("app.service", "generated", "active"))
    assert str(refused.value) == (
        "n1: app is started by a quadlet, /etc/containers/systemd/app.container, and would be "
        "again; move /etc/containers/systemd/app.container away and systemctl daemon-reload"
    )
