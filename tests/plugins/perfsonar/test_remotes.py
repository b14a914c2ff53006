"""psconfig's remotes: which of them a host wants, and the programs that compare, read back and take
away."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError
from fairlead.testing import BASE, plan_of
from tests.plugins.perfsonar.conftest import AWKS
from tests.plugins.perfsonar.test_perfsonar import ask, names

URL = "https://psconfig.example.org/mesh.json"
AUTO = "https://psconfig.opensciencegrid.org/pub/auto/%h"
HEAD = "=== pScheduler Agent ===\n"
LISTED = [
    {"url": URL},
    {"url": f"{URL}?2", "configure-archives": True},
    {
        "url": f"{URL}?3",
        "ssl-ca-file": "/ca.pem",
        "configure-archives": False,
        "transform": {"script": '.a["b"] | {c: "]"}, "\u00e9"'},
        "bind-address": "192.0.2.1",
    },
]


@pytest.fixture(scope="module")
def remotes(plugins: Plugins) -> Any:
    """The plugin's module of remotes."""
    from fairlead_plugins.perfsonar import remotes

    return remotes


@pytest.mark.parametrize("awk", AWKS)
@pytest.mark.parametrize("indent", [None, 3])
@pytest.mark.parametrize("slash", ["/", "\\/"])
def test_a_list_is_read_however_it_is_laid_out(remotes, awk, indent, slash):
    text = HEAD + json.dumps(LISTED, indent=indent).replace("/", slash) + "\n"
    words = [*awk, remotes.entries_program()]
    read = subprocess.run(words, input=text, capture_output=True, text=True, check=True)
    assert read.stdout.splitlines() == [
        remotes.Entry(entry["url"], tuple((k, v) for k, v in entry.items() if k != "url")).line
        for entry in LISTED
    ]
    none = subprocess.run(words, input=f"{HEAD}[]\n", capture_output=True, text=True, check=True)
    assert none.stdout == ""


def psconfig(program, *remotes: dict[str, Any]) -> None:
    """A psconfig that has these remotes."""
    program("psconfig", f"cat <<'E'\n{HEAD}{json.dumps(list(remotes), indent=3)}\nE")


@pytest.mark.parametrize(
    ("listed", "code"),
    [
        ([{"url": URL, "configure-archives": True}], 0),
        ([{"url": URL}], 1),
        ([{"url": URL, "configure-archives": False}], 1),
        ([{"url": URL, "configure-archives": True, "bind-address": "::1"}], 1),
        ([{"url": f"{URL}2", "configure-archives": True}], 1),
        ([], 1),
    ],
)
def test_an_entry_is_what_the_site_says_of_it_and_no_more(remotes, sh, program, listed, code):
    psconfig(program, *listed)
    line = remotes.Entry(URL, (("configure-archives", True),)).line
    words = (remotes.entries_program(), line, "psconfig", "remote", "list")
    assert sh(remotes.sh.text("is_entry"), *words)[0] == code
    program("psconfig", "exit 1")
    assert sh(remotes.sh.text("is_entry"), *words)[0] == 2


def test_what_psconfig_refuses_with_exit_code_0_is_noticed(remotes, sh):
    told = f"psconfig did not take it: its list has no {URL}\n"
    assert sh(remotes.sh.text("taken"), URL, "false") == (1, told)
    assert sh(remotes.sh.text("taken"), URL, "true") == (0, "")


def test_the_agents_file_comes_back_as_the_same_file(remotes, sh, tmp_path):
    file, copy = tmp_path / "agent.json", tmp_path / "copy"
    file.write_text("before")
    watched = file.stat().st_ino
    assert sh(remotes.sh.text("keep_file"), str(file), str(copy)) == (0, "")
    file.write_text("after")
    for _ in range(2):
        assert sh(remotes.sh.text("file_back"), str(file), str(copy)) == (0, "")
        assert (file.read_text(), file.stat().st_ino, copy.exists()) == ("before", watched, False)


ENGINE = Path(__file__).parent / "shell/engine_with_remotes.sh"


def test_others_than_those_of_the_site_are_taken_away(remotes, sh, program):
    urls = program("engine", f'exec sh {ENGINE} "$0" "$@"').with_name("engine.urls")
    urls.write_text(f"{URL}\nhttps://old/x\nhttps://me:pw@secret/x\nhttps://other:pw@gone/x\n")
    text, words = remotes.sh.text("others"), ("engine", "ps", URL, "https://secret/x")
    assert sh(text, remotes.entries_program(), "none", *words)[0] == 1
    assert sh(text, remotes.entries_program(), "delete", *words) == (0, "")
    assert urls.read_text() == f"{URL}\nhttps://me:pw@secret/x\n"
    assert sh(text, remotes.entries_program(), "none", *words)[0] == 0
    program("engine", "exit 1")
    assert sh(text, remotes.entries_program(), "none", *words)[0] == 2


@pytest.mark.parametrize(
    ("section", "says"),
    [
        (
            {"psconfig": [AUTO]},
            f"n1: its full name is not known, and {AUTO} wants it; write it into "
            "perfsonar.names of the site",
        ),
        (
            {
                "psconfig": [AUTO, {"url": AUTO.replace("%h", "ps1.example.org")}],
                "names": {"n1": ["ps1.example.org"]},
            },
            "n1: two entries of perfsonar.psconfig give "
            f"{AUTO.replace('%h', 'ps1.example.org')}; leave one of them out",
        ),
    ],
)
def test_what_gives_no_url_or_one_twice_is_refused(plugins, section, says):
    with pytest.raises(FairleadError) as refused:
        plan_of(plugins, ask(plugins, "up", section=section, facts=dict(BASE)))
    assert str(refused.value) == says


def test_a_remote_twice_is_refused_when_the_site_is_read(plugins):
    section = ask(plugins, "up", section={"psconfig": [URL, {"url": URL}]}).section
    assert [(clash.key, clash.other) for clash in section.clashes(None)] == [
        (("psconfig", 1), ("psconfig", 0))
    ]


def test_a_dry_run_shows_which_go(plugins):
    facts = dict(BASE) | {"remotes": (URL, "https://me:pw@old.example.org/x")}
    section = {"psconfig": [URL], "psconfig_only": True}
    step = plan_of(plugins, ask(plugins, "up", section=section, facts=facts))[-1]
    assert step.diff.splitlines()[2:] == ["-https://old.example.org/x"]


def test_others_are_left_alone_unless_the_site_says_that_it_has_them_all(plugins):
    facts = {"container": {}, "state": ()}
    assert "no other psconfig" not in names(plugins, "up", facts, psconfig=[URL])
    assert names(plugins, "up", facts, psconfig=[URL], psconfig_only=True)[-2:] == [
        f"psconfig {URL}",
        "no other psconfig",
    ]
