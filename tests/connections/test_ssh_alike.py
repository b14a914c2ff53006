"""ssh is asked once for hosts that its configuration cannot tell apart; each is told the truth."""

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.connections import process, ssh_alike, ssh_answers, ssh_config
from fairlead.inventory.hosts import Host
from tests import sshd

pytestmark = [
    pytest.mark.skipif(shutil.which("ssh") is None, reason="needs ssh (openssh-client)"),
    pytest.mark.usefixtures("home"),
]
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "ssh_alike.yml").read_text())
NAMES = ("n1", "n2", "n3", "gw")


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What ssh was asked."""
    asked: list[tuple[str, ...]] = []
    capture = process.capture

    def counted(argv: tuple[str, ...], timeout: float) -> tuple[int, bytes, str]:
        asked.append(argv)
        return capture(argv, timeout)

    monkeypatch.setattr(process, "capture", counted)
    return asked


def truth(host: Host, site: Any) -> ssh_config.SshConfig:
    """What ssh says of a host when it is asked about that one alone."""
    argv = ("ssh", *ssh_answers.words(host, site), "-G", "--", host.name)
    printed = subprocess.run(argv, capture_output=True, check=True).stdout.decode()
    return ssh_config.parse(host.name, printed)


@pytest.mark.parametrize("has_addresses", [False, True], ids=["by name", "by address"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_host_has_the_answer_that_ssh_would_give(case, has_addresses, home, questions):
    for name, text in case.get("files", {}).items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(text.replace("FOLDER", str(home)))
    addresses = [f"192.0.2.{n}" if has_addresses else name for n, name in enumerate(NAMES)]
    hosts = [Host(*pair) for pair in zip(NAMES, addresses, strict=True)]
    site = sshd.site(home, *hosts, config=case["config"].replace("FOLDER", str(home)))
    answers = [ssh_answers.of_host(hosts[0], site)]
    with ThreadPoolExecutor(3) as pool:
        answers += pool.map(lambda host: ssh_answers.of_host(host, site), hosts[1:])
    assert answers == [truth(host, site) for host in hosts]
    asked = case["asked"]
    if "%h.example" in case["config"] and has_addresses:
        asked = 2  # the site's own address counts more, and ssh adds nothing to it
    assert len(questions) == asked


def test_what_the_site_says_otherwise_of_a_host_is_asked_for_itself(home, questions):
    hosts = [Host("n1", "192.0.2.1"), Host("n2", "192.0.2.2", user="ops"), Host("n3", "192.0.2.3")]
    site = sshd.site(home, *hosts, config="Host *\n Port 2222\n")
    answers = [ssh_answers.of_host(host, site) for host in hosts]
    assert answers == [truth(host, site) for host in hosts]
    assert len(questions) == 2


def test_a_file_that_has_changed_is_read_again(home, questions):
    hosts = [Host("n1", "192.0.2.1"), Host("n2", "192.0.2.2")]
    for port in (2222, 2223):
        site = sshd.site(home, *hosts, config=f"Host *\n Port {port}\n")
        os.utime(home / "ssh_config", (port, port))
        assert [ssh_answers.of_host(host, site).port for host in hosts] == [port, port]
    assert len(questions) == 2


def test_files_that_include_themselves_are_not_followed_for_ever(home):
    (home / "loop").write_text(f"Include {home}/loop\n")
    assert ssh_alike.marks("n1", "n1", (home / "loop",), ()) is None


def test_a_name_that_is_not_plain_is_asked_for_itself(home):
    (home / "plain").write_text("Host *\n User ops\n")
    assert ssh_alike.marks("n1", "n1", (home / "plain",), ()) == (True,)
    assert ssh_alike.marks("N1", "n1", (home / "plain",), ()) is None
    assert ssh_alike.marks("n1", "n1%eth0", (home / "plain",), ()) is None
