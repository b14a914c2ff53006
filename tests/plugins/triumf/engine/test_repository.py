"""The repository of an engine's packages: where its file and key go, and what no manager reads."""

from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.plan import argvs
from fairlead.testing import PODMAN, plan_of
from tests.plugins.triumf.tier import ask, preflight
from tests.shells import Shell

KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----\n"
REPO = {"file": "[docker-ce]\nbaseurl=https://x/\ngpgcheck=1\n", "gpg_key": KEY}
DEB = {
    "file": "deb [signed-by=/etc/apt/keyrings/docker-ce.asc] https://x trixie stable",
    "gpg_key": KEY,
}
URLS = {"file": "https://x/docker-ce.repo", "gpg_key": "https://x/gpg"}
CE = ["docker-ce", "docker-ce-cli", "containerd.io", "docker-buildx-plugin"]


def steps(plugins: Plugins, manager: str, repository: Any, **facts: Any) -> dict[str, list[str]]:
    """Step -> all words that it does."""
    absent = {"engine": None, "packages": manager, "files": {}} | facts
    question = ask(plugins, "engine", "up", {"engine": {"repository": repository}}, absent)
    return {
        step.name: [str(word) for argv in argvs(step.do) for word in argv]
        for step in plan_of(plugins, question)
    }


@pytest.mark.parametrize(
    ("manager", "repository", "key", "file", "after"),
    [
        (
            "dnf",
            REPO,
            "/etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce",
            "/etc/yum.repos.d/docker-ce.repo",
            "rpm",
        ),
        (
            "dnf",
            URLS,
            "/etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce",
            "/etc/yum.repos.d/docker-ce.repo",
            "rpm",
        ),
        (
            "apt",
            DEB,
            "/etc/apt/keyrings/docker-ce.asc",
            "/etc/apt/sources.list.d/docker-ce.list",
            "apt-get",
        ),
        (
            "apt",
            DEB | {"file": "Types: deb\nSigned-By: /etc/apt/keyrings/docker-ce.asc\n"},
            "/etc/apt/keyrings/docker-ce.asc",
            "/etc/apt/sources.list.d/docker-ce.sources",
            "apt-get",
        ),
    ],
)
def test_key_and_file_are_there_before_dockers_packages(
    plugins: Plugins, manager: str, repository: Any, key: str, file: str, after: str
) -> None:
    plan = steps(plugins, manager, repository)
    assert list(plan)[:3] == ["repository's key", "repository", "packages"]
    assert key in plan["repository's key"]
    assert file in plan["repository"]
    assert after in plan["repository's key"] + plan["repository"]
    assert plan["packages"][-5:-1] == CE


def test_an_engine_that_answers_keeps_its_packages_and_repositories(plugins: Plugins) -> None:
    question = ask(plugins, "engine", "up", {"engine": {"repository": REPO}}, {"packages": "dnf"})
    assert not {"repository", "packages"} & {step.name for step in plan_of(plugins, question)}


@pytest.mark.parametrize(
    ("manager", "repository", "found"),
    [
        ("dnf", REPO, "so it is"),
        ("dnf", DEB, "a text of apt's, and this host has dnf"),
        ("apt", DEB, "so it is"),
        ("apt", URLS, "a URL, and apt fetches no file of sources"),
        (
            "apt",
            DEB | {"file": "deb https://x trixie stable"},
            "a text that does not name that key",
        ),
    ],
)
def test_preflight_says_what_the_hosts_manager_cannot_read(
    plugins: Plugins, manager: str, repository: Any, found: str
) -> None:
    checks = preflight(plugins, "engine", {"engine": {"repository": repository}}, packages=manager)
    is_well = found == "so it is"
    assert checks["repository"] == (is_well, checks["repository"][1], found)
    assert is_well or checks["repository"][1]


def test_status_says_that_docker_is_podmans(plugins: Plugins) -> None:
    facts = {"engine": PODMAN, "standing": None, "differs": ""}
    status = plugins.ask(ask(plugins, "engine", "status", facts=facts))
    words = f"podman {PODMAN.server}, by a program called docker"
    assert (status.healthy, dict(status.fields)["engine"]) == (False, words)


def test_a_file_is_fetched_whole_or_not_at_all(plugins: Plugins, shell: Shell) -> None:
    from fairlead_plugins.triumf.engine import sh

    path, done = shell.folder / "keys/docker-ce.asc", shell.folder / "done"
    argv = sh("fetched", "https://x/gpg", str(path), "touch", str(done))
    shell.tool("curl", 'echo "$6" | grep -q https && echo half >"$5"; exit 22')
    assert (shell.run(argv)[0], path.exists(), done.exists()) == (22, False, False)
    shell.tool("curl", ': >"$5"')
    empty = shell.done(argv)
    assert (empty.returncode, empty.stderr) == (1, "https://x/gpg is empty\n")
    shell.tool("curl", 'echo key >"$5"')
    assert (shell.run(argv)[0], path.read_text(), done.exists()) == (0, "key\n", True)
