"""What changes leave on a host: how it is seen, and what of it goes."""

import os
from pathlib import Path

import pytest

from fairlead.model.errors import FairleadError
from fairlead.model.plan import NOT_KNOWN, Target
from fairlead.operations import script
from fairlead.operations.container import leftovers
from fairlead.operations.container.leftovers import DAY, Leftover
from tests.shells import Shell

ENGINE = script.beside(__file__).text("engine_of_leftovers")


@pytest.fixture
def seen(shell: Shell, tmp_path: Path):
    """What is seen of a container `point` with its state, on an engine of three images."""

    def ask(engine: str = ENGINE, containers: str = "point") -> tuple[int, list[list[str]]]:
        shell.tool("docker", engine)
        root, backups = tmp_path / "state", tmp_path / "backups"
        for folder in ("current", "previous", "newer-20200101T000000Z"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        backups.mkdir(exist_ok=True)
        dump = backups / "point-20200101T000000Z"
        dump.write_text("x" * 5000)
        os.utime(dump, (0, 0))
        (backups / "other-20200101T000000Z").write_text("x")
        (backups / "point-backup-20200101T000000Z.tar").write_text("x")
        words = ("docker", containers, str(root), str(backups), "elsewhere/point:latest")
        keeping = ("fairlead/point:previous", "fairlead/point:kept")
        code, text = shell.run(leftovers.sh("leftovers", *words, *keeping))
        return code, [line.split("\t") for line in text.splitlines()]

    return ask


def test_each_thing_is_seen_with_what_it_is_for(seen, tmp_path: Path) -> None:
    code, rows = seen()
    assert code == 0
    uses = {(kind, name.removeprefix(str(tmp_path))): use for kind, name, _, _, use in rows}
    uses.pop(("own", "/var/lib/fairlead/runs"), None)
    assert uses == {
        ("container", "point.previous"): "rollback",
        ("state", "/state/current"): "the container",
        ("state", "/state/previous"): "rollback",
        ("state", "/state/newer-20200101T000000Z"): "-",
        ("backup", "/backups/point-20200101T000000Z"): "-",
        ("whole backup", "/backups/point-backup-20200101T000000Z.tar"): "restore",
        ("image", "ps/point:latest@aaa"): "the name in use",
        ("image", "ps/point:<none>@bbb"): "rollback",
        ("image", "ps/point:<none>@ccc"): "-",
        ("image", "docker.io/ps/point:5.0@eee"): "-",
    }
    sizes = {name: (size, age) for _, name, size, age, _ in rows}
    size, age = sizes["ps/point:<none>@ccc"]
    assert size == "1048576"
    assert int(age) > 2000 * DAY
    size, age = sizes[f"{tmp_path}/backups/point-20200101T000000Z"]
    assert int(size) >= 4096
    assert int(age) > 15000 * DAY


def test_several_containers_of_an_engine_are_seen_at_once(seen, tmp_path: Path) -> None:
    _, rows = seen(containers="point other")
    names = [name.removeprefix(str(tmp_path)) for kind, name, *_ in rows if kind == "backup"]
    assert names == ["/backups/point-20200101T000000Z", "/backups/other-20200101T000000Z"]
    assert ["image", "ps/point2:1@ddd"] in [row[:2] for row in rows]


OWN = (
    "point-20200101T000000Z",
    "point-20200102T000000Z.new",
    "point-inside-20200101T000000Z.tar.gz",
    "point-inside-20200102T000000Z.tar.gz.new",
    "point-backup-20200101T000000Z.tar",
    "point-backup-20200102T000000Z.tar.new",
)
OTHERS = (
    *(f"point-2{name.removeprefix('point')}" for name in OWN),
    "point-backup-backup-20200101T000000Z.tar",  # of a container point-backup
    "point-inside-20200101T000000Z",
    "point-notes.txt",
    "point-20200101T000000Z-of-mine",
)


def test_what_is_not_called_exactly_as_fairlead_calls_it_is_not_seen(seen, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    for name in (*OWN, *OTHERS):
        (tmp_path / "backups" / name).write_text("x")
    for name in ("newer-mine", "kept-20200101", "kept-20200101T000000Z", "newer-20200101T000000Zx"):
        (tmp_path / "state" / name).mkdir(parents=True)
    _, rows = seen()
    names = sorted(name.rpartition("/")[2] for kind, name, *_ in rows if kind.endswith("backup"))
    assert names == sorted(OWN)
    states = [name.rpartition("/")[2] for kind, name, *_ in rows if kind == "state"]
    assert states == ["current", "previous", "newer-20200101T000000Z", "kept-20200101T000000Z"]


def test_an_engine_that_does_not_answer_is_not_an_empty_one(seen) -> None:
    assert seen("exit 1")[0] == 2


def item(name: str, days: int | None = 100, use: str = "", kind: str = "backup") -> Leftover:
    return Leftover(kind, name, 2048, None if days is None else days * DAY, use)


def test_of_many_words_of_an_engine_the_last_line_is_repeated() -> None:
    assert leftovers._leftovers(1, "a warning\nCannot connect\n") == "Cannot connect"
    assert leftovers._leftovers(1, "\n") == "the engine does not answer"


def test_what_is_old_and_beyond_the_newest_of_its_kind_goes() -> None:
    items = [item("a", 50), item("b", 10), item("c", 40), item("d", 30), item("e", 29)]
    names = [old.name for old in leftovers.old(items, 30, 2)]
    assert names == ["d", "c", "a"]
    assert [old.name for old in leftovers.old(items, 0, 0)] == ["b", "e", "d", "c", "a"]


def test_each_kind_keeps_its_own_newest() -> None:
    items = [item("a"), item("b", 99), item("i", kind="image"), item("j", 99, kind="image")]
    assert [old.name for old in leftovers.old(items, 30, 1)] == ["a", "i"]


def test_what_is_needed_or_of_no_age_stays() -> None:
    items = [item("a", use="rollback"), item("b", None)]
    assert list(leftovers.old(items, 0, 0)) == []


def test_whole_backups_have_a_use_and_only_the_newest_of_them_stay(asked) -> None:
    named = {"use": "restore", "kind": "whole backup"}
    backups = (item("a", 50, **named), item("b", 40, **named), item("c"))
    c, ask = asked(leftovers=backups, days=30, keep=1)
    (step,) = leftovers.prune(c, ask)
    assert (step.name, step.diff) == (
        "remove whole backup a (2 KiB, 50 days old)",
        " spared: whole backup b (2 KiB, 40 days old): restore",
    )
    assert leftovers.du(c, ask).fields[-1] == ("nobody needs", "2 KiB")


SIZES = {
    0: "0 B",
    1023: "1023 B",
    2048: "2 KiB",
    5 << 20: "5.0 MiB",
    3 << 30: "3.0 GiB",
    None: NOT_KNOWN,
}


@pytest.mark.parametrize("size", SIZES)
def test_sizes_are_told_in_the_unit_in_which_they_are_read_best(size: int | None) -> None:
    assert leftovers.human(size) == SIZES[size]


def test_where_the_engine_does_not_answer_nothing_goes(asked) -> None:
    c, ask = asked(leftovers="no daemon")
    with pytest.raises(FairleadError, match="no daemon"):
        list(leftovers.prune(c, ask))
    assert not leftovers.du(c, ask).well


def test_what_goes_and_what_is_spared_is_named_with_its_size(asked) -> None:
    image = Leftover("image", "ps/point:<none>@" + "c" * 64, 5 << 20, 90 * DAY)
    kept = Leftover("state", "/s/previous", 4096, 90 * DAY, "rollback")
    c, ask = asked(leftovers=(image, kept), days=30, keep=0)
    steps = list(leftovers.prune(c, ask))
    assert [(step.name, step.diff) for step in steps] == [
        (
            "remove image ps/point:<none> cccccccccccc (5.0 MiB, 90 days old)",
            " spared: state /s/previous (4 KiB, 90 days old): rollback",
        )
    ]
    assert steps[0].do == ("docker", "rmi", "c" * 64)
    assert leftovers.du(c, ask).fields[-1] == ("nobody needs", "5.0 MiB")


@pytest.fixture
def asked():
    """A container, and the ask of a verb that has seen these leftovers."""
    from types import SimpleNamespace

    from fairlead.operations.argv.docker import Container

    def made(leftovers, days: int = 30, keep: int = 3):
        target = Target("s", "n1", "ps", "point", None, ())
        options = SimpleNamespace(days=days, keep=keep)
        ask = SimpleNamespace(target=target, facts={"leftovers": leftovers}, options=options)
        return Container(name="point", image="ps/point:latest"), ask

    return made
