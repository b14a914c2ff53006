"""What a Debian is asked for, and where the next release comes from."""

from pathlib import Path

import pytest

import machine

DEB822 = """Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
"""
MADE = """Types: deb
URIs: http://mirror.example/debian
Suites: trixie
Components: main
Signed-By: {}
"""


@pytest.mark.parametrize(
    ("text", "mirror"),
    [
        (
            DEB822,
            ("http://mirror.example/debian", "/usr/share/keyrings/debian-archive-keyring.gpg"),
        ),
        ("deb http://m.example/debian bookworm main contrib\n", ("http://m.example/debian", "")),
        (
            "deb [arch=amd64 signed-by=/k.gpg] http://m.example/debian bookworm main\n",
            ("http://m.example/debian", "/k.gpg"),
        ),
        (
            "deb http://m.example/security bookworm-security main\n"
            "# deb http://old.example bookworm main\n",
            None,
        ),
        ("", None),
    ],
)
def test_the_mirror_is_taken_from_the_sources_that_are_there(text, mirror):
    assert machine.mirror(text) == mirror


ONE_LINE = "deb [signed-by=/k.gpg] http://mirror.example/debian bookworm main\n"


@pytest.mark.parametrize(
    ("name", "text"), [("sources.list", ONE_LINE), ("sources.list.d/debian.sources", DEB822)]
)
def test_the_next_release_is_added_once_with_a_pin_of_100(tmp_path, name, text):
    for folder in ("sources.list.d", "preferences.d"):
        (tmp_path / folder).mkdir()
    (tmp_path / name).write_text(text)
    for _ in range(2):
        machine.add_next_release(tmp_path)
    key = machine.mirror(text)[1]
    made = tmp_path / "sources.list.d" / "fairlead-trixie.sources"
    assert made.read_text() == MADE.format(key)
    assert (
        tmp_path / "preferences.d" / "fairlead-trixie"
    ).read_text() == "Package: *\nPin: release n=trixie\nPin-Priority: 100\n"
    made.rename(tmp_path / "sources.list.d" / "of-somebody-else.sources")
    machine.add_next_release(tmp_path)
    assert not made.exists()


@pytest.mark.parametrize(
    ("version", "modern"),
    [
        ("2.26.1-4", True),
        ("1.29.2-3", False),
        ("1:2.16.0-1", True),
        ("2.15.9", False),
        ("0", False),
    ],
)
def test_compose_has_to_be_2_16_or_newer(version, modern):
    assert machine.modern(version) is modern


def test_without_root_or_off_linux_one_sentence_says_so(monkeypatch):
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert (
        machine.prepare()
        == "the lab needs Linux, and this is Darwin; everything that needs no lab works here"
    )
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert machine.prepare().startswith("the lab needs root")


def test_all_that_the_lab_wants_is_installed():
    from fairlead.contract import loader

    lab = (
        loader.load([Path(machine.__file__).parent / "plugins"], entry_points=False)
        .component("lab", "host")
        .module
    )
    essential = {"python3", "util-linux"}  # a Debian with git and python3 has them
    assert set(lab.machine.PACKAGES) - essential <= set(machine.PACKAGES)
