"""What the killer calls untrue, and which command it takes for the way out (tests/e2e/killer)."""

import json

import pytest

from tests.e2e.killer.arenas import PerfSonar
from tests.e2e.killer.judge import ENGINE_IS_DEAD, untruths
from tests.e2e.killer.rounds import draw
from tests.e2e.killer.truth import Seen, Truth
from tests.e2e.killer.words import Words

NAME = PerfSonar.names[0]
UPGRADE = ("perfsonar.upgrade", "--host=n2")


def truth(image: str = "old", state: str = "running", **more) -> Truth:
    """A test point of this image."""
    seen = {NAME: Seen("id", image, state, 0)}
    return Truth(**({"containers": seen, "healthy": True, "release": image, "marks": "m"} | more))


def words(code: int, state: str, error: str = "", argv: tuple[str, ...] = UPGRADE) -> Words:
    row = {"host": "n2", "state": state, "steps": [], "checks": [], "error": error}
    document = {"code": code, "ok": code == 0, "hosts": [row]}
    return Words(argv, code, json.dumps(document), "")


@pytest.mark.parametrize(
    ("said", "after", "claim"),
    [
        (words(8, "rolled-back", "n2: healthy: no; the old one is back"), truth(), ""),
        (
            words(8, "rolled-back", "n2: healthy: no; the old one is back"),
            truth(healthy=False),
            "says that the old one is back, and it does not answer",
        ),
        (
            words(8, "rolled-back", "n2: healthy: no; the old one is back"),
            truth("new"),
            "says that the old one is back, and another one or none runs",
        ),
        (words(0, "changed"), truth("new"), ""),
        (words(0, "changed"), truth("old"), "says that all is as asked, and old runs, not new"),
        (
            words(0, "changed"),
            truth("new", marks=""),
            "says that all is as asked, and state is lost",
        ),
        (
            words(1, "failed", "n2: pull: no; nothing was changed"),
            truth("old", "exited", healthy=False),
            "says that nothing was changed, and another one or none runs",
        ),
        (
            words(1, "rolled-back", f"n2: pull: {ENGINE_IS_DEAD}; what was begun is undone"),
            truth("old", "exited", healthy=False),
            "",
        ),
        (
            words(8, "rolled-back", f"n2: start: {ENGINE_IS_DEAD}; the old one is back"),
            truth("old", "exited", healthy=False),
            "says that the old one is back, and another one or none runs",
        ),
        (words(1, "failed"), truth(), "says failed of n2 and not why"),
        (words(0, "skipped"), truth("new"), "says skipped of n2 with exit code 0"),
    ],
)
def test_a_claim_is_compared_with_what_stands_there(said, after, claim, monkeypatch) -> None:
    arena = object.__new__(PerfSonar)
    claims = untruths(arena, said, truth(), after, "new")
    assert [claim in one for one in claims] == [True] * bool(claim)


def test_a_status_is_true_if_it_was_so_before_or_after() -> None:
    arena = object.__new__(PerfSonar)
    ok = words(0, "ok", argv=("perfsonar.status",))
    assert untruths(arena, ok, truth(healthy=False), truth(), "") == []
    assert len(untruths(arena, ok, truth(healthy=False), truth(healthy=False), "")) == 1
    bad = words(1, "failed", "it does not answer", argv=("perfsonar.status",))
    assert len(untruths(arena, bad, truth(), truth(), "")) == 1


@pytest.mark.parametrize(
    ("error", "command"),
    [
        (
            "n2: run R of me@here (inv perfsonar.up --host=n2) was left in the middle; bring it to "
            "one side: inv runs.recover --host=n2",
            ("runs.recover", "--host=n2"),
        ),
        (
            "n2: me works here (inv perfsonar.up); wait with --wait=11m, or if me is gone: inv "
            "runs.release --host=n2",
            ("runs.release", "--host=n2"),
        ),
        (
            "n1  R  an undo failed; leave it: inv runs.recover --host=n1 --forward  (me@here: inv "
            "xcat.upgrade --host=n1)",
            ("runs.recover", "--host=n1", "--forward"),
        ),
        (
            "n2: me works here; wait with --wait=5m, or look: inv runs.list --host=n2",
            (*UPGRADE, "--wait=5m"),
        ),
    ],
)
def test_the_way_out_is_the_command_that_the_words_name(error, command) -> None:
    assert words(6, "locked", error).commands(UPGRADE)[0] == command


def test_words_that_name_no_command_lead_nowhere() -> None:
    assert words(1, "failed", "n2: it was open; nothing was changed").commands(UPGRADE) == []


def test_a_round_is_drawn_from_seed_and_number_alone() -> None:
    assert draw(7, 3) == draw(7, 3)
    assert len({draw(7, number).fault for number in range(100)}) == 8


def test_a_host_that_nobody_has_is_not_locked() -> None:
    arena = object.__new__(PerfSonar)
    locked = words(6, "locked", "n2: me works on perfsonar here since then; wait with --wait=5m")
    held = truth(leases=("perfsonar.lease.0",))
    assert untruths(arena, locked, truth(), truth(), "", asked=held) == []
    assert len(untruths(arena, locked, truth(), truth(), "", asked=truth())) == 1
