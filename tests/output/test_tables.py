"""What a command lists that is no run: a table on a terminal, a line for each elsewhere."""

import io

import pytest

from fairlead.model.results import Listing, Table
from fairlead.output import choose
from fairlead.output.tables import draw_tables
from fairlead.output.text import table_lines
from tests.output.conftest import Stream

ROWS = Listing(
    "secret",
    (
        (
            "ps.key",
            "perfsonar",
            "ok",
            (
                ("for", "its key"),
                ("from", "age file"),
                ("lands at", "/etc/ssl/private/ps.key 0600 root:root"),
                ("ends", "-"),
            ),
        ),
        (
            "ps.pem",
            "perfsonar",
            "expired",
            (
                ("for", "the\x1b[2Jcertificate"),
                ("from", "vault"),
                ("lands at", "-"),
                ("ends", "2026-01-02 (expired)"),
            ),
        ),
        (
            "token",
            "daos.server",
            "missing",
            (
                ("for", "a long word, and then some more"),
                ("from", "-"),
                ("lands at", "/t"),
                ("ends", "-"),
            ),
        ),
    ),
)
WIDE = """\
perfsonar
secret  state    for             from      lands at                                ends
ps.key  ok       its key         age file  /etc/ssl/private/ps.key 0600 root:root  -
ps.pem  expired  thecertificate  vault     -                                     \
  2026-01-02 (expired)
daos.server
secret  state    for                              from  lands at  ends
token   missing  a long word, and then some more  -     /t        -
below
"""
LINES = """\
perfsonar ps.key: ok: for=its key, from=age file, \
lands at=/etc/ssl/private/ps.key 0600 root:root, ends=-
perfsonar ps.pem: expired: for=thecertificate, from=vault, lands at=-, ends=2026-01-02 (expired)
daos.server token: missing: for=a long word, and then some more, from=-, lands at=/t, ends=-
below
"""


def shown(monkeypatch: pytest.MonkeyPatch, terminal: bool, columns: int = 120) -> str:
    from types import SimpleNamespace

    monkeypatch.setenv("COLUMNS", str(columns))
    out = Stream(terminal)
    with choose(SimpleNamespace(json=False), out, Stream(False)) as output:
        output.answered({}, "below", ROWS)
    return out.words


def test_a_wide_terminal_has_a_table_for_each_group(monkeypatch):
    assert shown(monkeypatch, True) == WIDE


@pytest.mark.parametrize("columns", [110, 90, 84])
def test_a_narrower_one_folds_long_texts_and_breaks_no_word(monkeypatch, columns):
    text = shown(monkeypatch, True, columns)
    assert max(map(len, text.split("\n"))) <= columns
    assert text.split("\n")[1].split() == ["secret", "state", "for", "from", "lands", "at", "ends"]
    assert [word for word in WIDE.split() if word not in text.split()] == []


def test_a_narrow_one_has_them_one_under_the_other(monkeypatch):
    text = shown(monkeypatch, True, 60)
    assert max(map(len, text.split("\n"))) <= 60
    assert text.count("\nlands at  ") == 2


def test_elsewhere_it_is_a_line_for_each(monkeypatch):
    assert shown(monkeypatch, False) == LINES


HOSTS = Table(rows=(("host", "reach", "user"), ("n[1-3]", "yes", ""), ("x1", "no", "ops")))
SITE = (
    Table(title="sites/s.yml", rows=(("hosts", "n[1-3]"), ("@io", "n1")), headed=False),
    Table(title="toy", rows=(), headed=False),
)


def drawn(tables: tuple[Table, ...], width: int = 40) -> list[str]:
    from rich.console import Console

    screen = Console(file=io.StringIO(), width=width, color_system=None)
    draw_tables(screen, tables)
    return [line.rstrip() for line in screen.file.getvalue().splitlines()]


def test_tables_of_commands_are_columns_in_a_pipe_and_on_a_screen() -> None:
    lines = ["host    reach  user", "n[1-3]  yes    -", "x1      no     ops"]
    assert [*table_lines((HOSTS,))] == lines
    assert drawn((HOSTS,)) == lines


def test_tables_with_titles_stand_below_each_other() -> None:
    assert [*table_lines(SITE)] == [
        *("sites/s.yml", "  hosts  n[1-3]", "  @io    n1"),
        *("", "toy"),
    ]
    assert drawn(SITE) == [*("sites/s.yml", "hosts  n[1-3]", "@io    n1"), *("", "toy")]


def test_a_table_that_is_wider_than_the_screen_folds_between_words() -> None:
    long = Table(rows=(("host", "way"), ("n1", "ssh -W far away by a very long command line")))
    assert drawn((long,), 30) == [
        "host  way",
        "n1    ssh -W far away by a",
        "      very long command line",
    ]


RUNS = Table(
    rows=(
        ("when", "reason", "hosts", "revision", "run"),
        ("2026-11-28T21:53:43Z", "", "n[1-3] changed", "", "20261128T215330-1f30f4"),
        ("2026-11-28T21:54:54Z", "OPS-12", "n1 ok", "", "20261128T215445-0e5f73"),
    )
)


def test_a_column_in_which_nothing_stands_is_the_first_to_go() -> None:
    assert drawn((RUNS,), 61) == [
        "when                  reason  hosts    run",
        "2026-11-28T21:53:43Z  -       n[1-3]   20261128T215330-1f30f4",
        "                              changed",
        "2026-11-28T21:54:54Z  OPS-12  n1 ok    20261128T215445-0e5f73",
    ]


def test_rows_that_do_not_fit_stand_one_under_the_other_and_no_value_is_lost() -> None:
    assert drawn((RUNS,), 48) == [
        "when   2026-11-28T21:53:43Z",
        "hosts  n[1-3] changed",
        "run    20261128T215330-1f30f4",
        "",
        "when    2026-11-28T21:54:54Z",
        "reason  OPS-12",
        "hosts   n1 ok",
        "run     20261128T215445-0e5f73",
    ]


@pytest.mark.parametrize("width", range(30, 120, 5))
def test_whatever_the_width_the_name_of_each_run_is_there_whole(width: int) -> None:
    lines = drawn((RUNS,), width)
    assert [line.split()[-1] for line in lines if "20261128T" in line] == [
        "20261128T215330-1f30f4",
        "20261128T215445-0e5f73",
    ]
    assert max(map(len, lines)) <= width
