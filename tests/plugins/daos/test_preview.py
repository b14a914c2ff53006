"""`preflight --for=VERSION`: every row of its cases, by the tables that an upgrade goes by."""

import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.model.plan import Check
from fairlead.testing import ask_for
from tests.machine import SHELLS
from tests.plugins.daos.test_checks import CONFIG, FABRIC, host
from tests.plugins.daos.test_daos import facts_with

ROOT = Path(__file__).parents[3]
CASES = yaml.safe_load((ROOT / "plugins/daos/cases/preview.yml").read_text())
WELL = {"sockets": (), "pids": frozenset(), "room": 100_000}


def section(case: dict[str, Any]) -> dict[str, Any]:
    own = {
        "version": case.get("runs") or "2.4.2-1.el8",
        "server": {"hosts": "n1", "config": CONFIG | case.get("config", {})},
        "agent": {"hosts": "n1", "config": FABRIC},
        "client": {"hosts": "n1"},
        "admin": {"hosts": "n1"},
        "insecure": True,
    }
    return own | case.get("site", {})


def system(case: dict[str, Any]) -> Any:
    from fairlead_plugins.daos.common.system_state import Pool, SystemState

    ranks = dict(enumerate(case.get("ranks", ("joined",))))
    pools = [Pool(label=name, layout=layout, state="ready") for name, layout in case["pools"]]
    return SystemState(ranks=ranks, pools=tuple(pools))


def facts(case: dict[str, Any]) -> dict[str, Any]:
    from fairlead_plugins.daos.common import repositories, system_state

    known = facts_with(case.get("runs", "")) | WELL | {"hardware": host(**case.get("host", {}))}
    known["in_service"] = SimpleNamespace(version=case.get("runs", ""))
    known |= case.get("facts", {})
    if isinstance(known.get("packages"), str):
        known["packages"] = repositories.parse(0, known["packages"])
    if case["component"] == "admin":
        is_silent = "error" in case
        known["system"] = (
            system_state.SystemState(error=case["error"])
            if is_silent
            else system({"pools": [], **case})
        )
    return known


def checks(plugins: Plugins, case: dict[str, Any]) -> dict[str, Check]:
    ask = ask_for(
        plugins,
        f"daos.{case['component']}",
        "preflight",
        section=section(case),
        facts=facts(case),
        options={"for": case["for"]},
    )
    servers = {"server": {"n1": facts_with(case["runs"])}} if case.get("runs") else {}
    answer = plugins.ask(msgspec.structs.replace(ask, components=servers))
    return {check.name: check for check in answer}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_in_the_way_of_a_version(plugins: Plugins, case: dict[str, Any]) -> None:
    results = checks(plugins, case)
    failing = {name: check for name, check in results.items() if not check.ok}
    assert sorted(failing) == sorted(case["fails"])
    for name, words in case["fails"].items():
        assert str(words) in failing[name].found
        assert failing[name].remedy.startswith(case.get("remedy", ""))
        assert failing[name].blocks or "blocks" not in case
    assert not any(check.fix for check in results.values())


def test_without_for_the_site_s_own_version_is_asked_and_no_repository(plugins: Plugins) -> None:
    case = {"component": "server", "runs": "2.6.4-2.el9", "host": {"thp": "always"}}
    ask = ask_for(plugins, "daos.server", "preflight", section=section(case), facts=facts(case))
    assert [check.name for check in plugins.ask(ask) if not check.ok] == []
    base = ask_for(plugins, "daos.base", "preflight", section=section(case))
    assert list(plugins.ask(base)) == []
    assert "packages" not in [fact.name for fact in plugins.ask(base, "facts")]


@pytest.mark.parametrize("version", ["2.8", "2.8.x", "new", "2.8.0-1 el9"])
def test_a_version_that_is_not_whole_is_refused(plugins: Plugins, version: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="for"):
        ask_for(plugins, "daos.server", "preflight", section=section({}), options={"for": version})


@pytest.mark.parametrize(
    ("runs", "wanted", "distro"),
    [
        ("2.4.2-1.el8", "2.6.5", "el8"),
        ("2.6.5-1.el9", "2.6.6", "el9"),
        ("2.6.5-1.el8", "2.8.0", "el9"),
        ("2.6.5-1.el8", "2.6.5-1.el9", "el9"),
        ("2.6.5-1.el9", "3.0.0", "el9"),
    ],
)
def test_the_distribution_stays_where_it_can(
    plugins: Plugins, runs: str, wanted: str, distro: str
) -> None:
    from fairlead_plugins.daos.common import preview, repositories

    ask = ask_for(
        plugins,
        "daos.base",
        "preflight",
        section=section({"runs": runs}),
        options={"for": wanted},
    )
    coming = preview.of(ask)
    assert (coming.section.version, coming.section.distro) == (wanted, distro)
    assert f"/{distro.upper()}/" in repositories.urls(coming)[0]
    (fact,) = (fact for fact in plugins.ask(ask, "facts") if fact.name == "packages")
    assert repositories.urls(coming)[0] in fact.argv


def test_one_host_asks_the_repository_for_all_where_one_builds_for_all(plugins: Plugins) -> None:
    site = section({}) | {"build_host": "n2", "registry": "n2:5000"}
    for hosts, asks in ((("n1", "n2"), ["n2"]), (("n1", "n3"), ["n1"])):
        names = [
            name
            for name in hosts
            for fact in plugins.ask(
                ask_for(
                    plugins,
                    "daos.base",
                    "preflight",
                    section=site,
                    options={"for": "2.6.5"},
                    host=name,
                    peers=hosts,
                ),
                "facts",
            )
            if fact.name == "packages"
        ]
        assert names == asks


# The program that reads a repository, in each shell that hosts have

PRIMARY = """<metadata packages="3">
<package type="rpm"><name>daos</name><version epoch="0" ver="2.6.5" rel="1.el9"/></package>
<package type="rpm"><name>daos-server</name><version epoch="0" ver="9.9.9" rel="1.el9"/></package>
<package type="rpm">
  <name>daos</name>
  <arch>x86_64</arch>
  <version epoch="0" ver="2.8.0" rel="1.el9"/>
  <location href="daos.rpm"/>
</package>
</metadata>
"""
INDEX = '<data type="primary"><location href="repodata/0a-primary.xml.gz"/></data>'


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words: Any) -> None:
        pass


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web server of this machine with the repositories `good`, `empty` and `torn`."""
    folder = tmp_path_factory.mktemp("repositories")
    for name, content in (("good", PRIMARY), ("empty", "<metadata/>"), ("torn", "")):
        place = folder / name / "repodata"
        place.mkdir(parents=True)
        (place / "repomd.xml").write_text(INDEX)
        (place / "0a-primary.xml").write_text(content)
        subprocess.run(["gzip", str(place / "0a-primary.xml")], check=True)
    (folder / "torn/repodata/0a-primary.xml.gz").write_bytes(b"no archive")
    handler = partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_versions_of_a_repository_are_read_and_a_silent_one_is_not_known(
    served: str, tmp_path: Path, shell: str
) -> None:
    from fairlead_plugins.daos.common import repositories

    (tmp_path / "sh").symlink_to(SHELLS[shell])

    def asked(*urls: str) -> Any:
        argv = [str(tmp_path / "sh"), *map(str, repositories.sh("repository", *urls)[1:])]
        result = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=True)
        return repositories.parse(result.returncode, result.stdout)

    both = asked(f"{served}/good/", f"{served}/empty")
    assert both.versions == ("2.6.5-1.el9", "2.8.0-1.el9")
    assert both.errors == (f"{served}/empty: no package daos could be read in it",)
    silent = asked(f"{served}/none", f"{served}/torn")
    assert silent.versions == ()
    assert ["404" in error for error in silent.errors] == [True, False]


def test_without_curl_it_is_not_known(tmp_path: Path) -> None:
    from fairlead_plugins.daos.common import repositories

    for name in ("sh", "tail", "sed"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    argv = ["/bin/sh", *map(str, repositories.sh("repository", "http://127.0.0.1:9")[1:])]
    result = subprocess.run(
        argv, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=20, check=True
    )
    assert repositories.parse(0, result.stdout).errors == ("this host has no curl",)
