"""What a site has of its own: archives, templates, limits."""

import json
from pathlib import Path
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import SecretError
from fairlead.model.plan import Secret
from fairlead.testing import BASE, ask_for, faults, plan_of

ARCHIVE = json.dumps({"archiver": "http", "data": {"_headers": {"Authorization": "Basic Qx7"}}})
SECTION = {
    "hosts": "n1",
    "archives": {"own.json": "archive.own"},
    "templates": {"local.json": {"tests": {}, "tasks": {"é": 1}}},
    "limits": {"schema": 3},
}
CURRENT = "/var/lib/perfsonar-testpoint/current"


@pytest.fixture(scope="module")
def local(plugins: Plugins) -> Any:
    """The plugin's module of what is local."""
    from fairlead_plugins.perfsonar import local

    return local


def ask(plugins: Plugins, verb: str = "up", archive: str = ARCHIVE, **section: Any) -> Any:
    facts = dict(BASE) | {"container": {}, "state": ()}
    stored = {"archive.own": Secret(archive)}
    section = SECTION | section
    return ask_for(
        plugins, "perfsonar.testpoint", verb, section=section, facts=facts, secrets=stored
    )


def test_what_the_site_has_is_put_once_the_container_is_well(plugins):
    asked = ask(plugins)
    names = [step.name for step in plan_of(plugins, asked)]
    assert names[names.index("healthy") :] == [
        "healthy",
        "limits",
        "template local.json",
        "archive own.json",
    ]
    assert list(faults(plugins.ask(asked))) == []


def test_each_is_tried_by_the_containers_own_program_where_nobody_reads_it(plugins):
    steps = {step.name: step for step in plan_of(plugins, ask(plugins))}
    inside = ("docker", "exec", "perfsonar-testpoint")
    assert steps["limits"].do[4:] == (
        f"{CURRENT}/etc/pscheduler/limits.conf",
        f"{CURRENT}/etc/pscheduler/.limits.conf.trial",
        steps["limits"].do[6],
        "644",
        *inside,
        *("pscheduler", "validate-limits", "/etc/pscheduler/.limits.conf.trial"),
    )
    trial = "/etc/perfsonar/.local.json.trial"
    words = ("psconfig", "validate", "--skip-pscheduler", trial)
    assert steps["template local.json"].do[8:] == (*inside, *words)
    assert steps["template local.json"].stdin == (
        '{\n  "tests": {},\n  "tasks": {\n    "é": 1\n  }\n}\n'
    )


def test_what_is_tried_lies_in_a_volume_of_the_container(plugins, local):
    from fairlead_plugins.perfsonar.commands import STATE

    volumes = [volume.path for volume in STATE]
    for path in (local.LIMITS, f"{local.TEMPLATES}/a.json", f"{local.ARCHIVES}/a.json"):
        assert local._trial(path).rpartition("/")[0] in volumes


def test_no_word_of_a_step_holds_what_an_archive_is_opened_by(plugins):
    asked = ask(plugins)
    assert [spec.name for spec in plugins.ask(asked, "needs")] == ["archive.own"]
    step = next(s for s in plan_of(plugins, asked) if s.name == "archive own.json")
    assert (step.sensitive, step.compares, step.stdin) == (True, True, Secret(ARCHIVE))
    assert "Qx7" not in repr(step)
    assert [s.name for s in plan_of(plugins, ask(plugins))].count("archive own.json") == 1


@pytest.mark.parametrize("value", ["", "no JSON", "[]", '{"archiver": "http"}'])
def test_an_archive_has_a_kind_and_its_data(plugins, value):
    with pytest.raises(SecretError, match="secrets/archive.own: is no archive; wanted"):
        plan_of(plugins, ask(plugins, archive=value))


def test_a_file_is_placed_in_place_and_comes_back(local, sh, tmp_path: Path):
    file, trial, copy = (tmp_path / name for name in ("file", "trial", "copy"))
    place, unplace = local.sh.text("place"), local.sh.text("unplace")
    words = (str(file), str(trial), str(copy), "640")
    assert sh(place, *words, "grep", "-q", "new", str(trial), stdin="new\n") == (0, "")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new\n", 0o640)
    assert not trial.exists()
    watched = file.stat().st_ino
    assert sh(place, *words, "true", stdin="newer\n") == (0, "")
    assert (file.read_text(), file.stat().st_ino) == ("newer\n", watched)
    assert sh(unplace, str(file), str(copy)) == (0, "")
    assert (file.read_text(), file.stat().st_ino) == ("new\n", watched)
    file.unlink()
    assert sh(place, *words, "true", stdin="new\n") == (0, "")
    for _ in range(2):
        assert sh(unplace, str(file), str(copy)) == (0, "")
        assert list(tmp_path.iterdir()) == []


def test_what_the_container_refuses_changes_nothing(local, sh, tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("old\n")
    words = (str(file), str(tmp_path / "trial"), str(tmp_path / "copy"), "644")
    assert sh(local.sh.text("place"), *words, "false", stdin="new\n")[0] == 1
    assert sh(local.sh.text("unplace"), str(file), str(tmp_path / "copy")) == (0, "")
    assert (file.read_text(), list(tmp_path.iterdir())) == ("old\n", [file])


def test_what_a_file_holds_is_asked_by_its_bytes(local, sh, tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("secret")
    file.chmod(0o600)
    this, digest = local.sh.text("holds_this"), local.sh.text("holds")
    assert sh(this, str(file), "600", stdin="secret")[0] == 0
    assert sh(this, str(file), "600", stdin="secret2")[0] == 1
    assert sh(this, str(file), "644", stdin="secret")[0] == 1
    assert sh(this, f"{file}2", "600", stdin="secret")[0] == 1
    assert sh(digest, str(file), local.digest.sha256("secret"))[0] == 0
    assert sh(digest, str(file), local.digest.sha256("other"))[0] == 1
    assert sh(digest, f"{file}2", local.digest.sha256("secret"))[0] == 1
