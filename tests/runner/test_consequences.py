"""A dry run shows what follows from what would change, where a question cannot know it yet."""

from pathlib import Path

import pytest

from fairlead.model.plan import Phase, Step, then
from tests.driver import Driver, row, states


def is_there(path: Path):
    return ("test", "-e", str(path))


def step(name: str, path: Path, *, question: Path | None = None, **more) -> Step:
    """Makes a file; asks whether it, or another one, is there."""
    asked = is_there(question or path)
    return Step(name=name, unless=asked, do=("touch", str(path)), **more)


@pytest.fixture
def upgrades(driver: Driver, tmp_path: Path) -> Driver:
    """`pull`, and a container whose image is current as long as nothing was pulled.

    n1 has what is new already, and runs what is old: its question knows.
    """
    for host in ("n2", "n3"):
        (tmp_path / f"current-{host}").touch()
    (tmp_path / "pulled-n1").touch()

    def upgrade(ask):
        host = ask.target.host
        pulled, current = tmp_path / f"pulled-{host}", tmp_path / f"current-{host}"
        stop = step("stop", tmp_path / f"stopped-{host}", question=current, after=("pull",))
        return [
            Phase("pull", (step("pull", pulled),)),
            Phase(
                "replace",
                (
                    stop,
                    step("container", current, after=("pull", "image")),
                    step("finish", tmp_path / "log", question=tmp_path, after=("container",)),
                    step("address", tmp_path / "log", question=tmp_path),
                    Step(name="look", do=("true",), read_only=True, after=("pull",)),
                ),
                rolling=True,
            ),
        ]

    driver.system(server={"upgrade": upgrade})
    return driver


def test_what_hangs_on_a_step_that_would_change_would_change_too(upgrades: Driver) -> None:
    result = upgrades.perform("upgrade", dry_run=True)
    assert states(result) == dict.fromkeys(("n1", "n2", "n3"), "would-change")
    n1, n2 = ({s.name: (s.state, s.after) for s in row(result, h).steps} for h in ("n1", "n2"))
    assert n1 == {
        "pull": ("ok", ()),
        "stop": ("would-change", ()),
        "container": ("would-change", ()),
        "finish": ("would-change", ("container",)),
        "address": ("ok", ()),
        "look": ("ok", ()),
    }
    assert n2 == {
        "pull": ("would-change", ()),
        "stop": ("would-change", ("pull",)),
        "container": ("would-change", ("pull",)),
        "finish": ("would-change", ("container",)),
        "address": ("ok", ()),
        "look": ("ok", ()),
    }


def test_drift_that_only_follows_is_drift(upgrades: Driver, tmp_path: Path) -> None:
    for host in ("n2", "n3"):
        (tmp_path / f"pulled-{host}").touch()
    (tmp_path / "current-n1").touch()
    assert upgrades.perform("upgrade", dry_run=True, fail_on_changed=True).code == 0
    (tmp_path / "pulled-n3").unlink()
    result = upgrades.perform("upgrade", dry_run=True, fail_on_changed=True)
    assert (states(result)["n3"], result.code) == ("would-change", 9)


def test_a_run_asks_and_nothing_follows_there(driver: Driver, tmp_path: Path) -> None:
    def up(ask):
        host = ask.target.host
        made = step("made", tmp_path / f"made-{host}")
        return [made, step("so", tmp_path / "log", question=tmp_path, after=("made",))]

    driver.system(server={"up": up})
    assert [s.state for s in row(driver.perform("up"), "n1").steps] == ["changed", "ok"]


def test_of_targets_that_share_a_host_each_has_its_own(driver: Driver, tmp_path: Path) -> None:
    def up(ask):
        host = ask.target.host
        made = tmp_path / f"made-{host}"
        if host == "n2":
            made.touch()
        return [
            Step(name="files", unless=is_there(made), do=("touch", str(made))),
            Step(name="host", unless=then(("true",), ("test", host, "=", host)), after=("files",)),
        ]

    driver.system(server={"up": up}, runs_on="local")
    result = driver.perform("up", dry_run=True)
    assert {host: row(result, host).steps[1].after for host in ("n1", "n2")} == {
        "n1": ("files",),
        "n2": (),
    }
