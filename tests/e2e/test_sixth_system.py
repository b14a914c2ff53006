"""docs/add-a-system.md is true: who writes down what it says has a system that is up on real hosts,
in a repository of his own.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ground import HOSTS, clear, each, publish, under
from tests.e2e.inv import NETWORK, ROOT, Said, inv
from tests.pages import files_of, lay_out

IMAGE = {"image": "library/busybox", "tag": "1.36"}
READ = "wget -q -O - http://127.0.0.1:8080/"


@pytest.fixture
def ours(lab, tmp_path: Path) -> Callable[..., Said]:
    """`inv` in an operations repository that has nothing but what the page says, and knows how the
    lab is reached.
    """
    clear()
    publish("1.36.0", **IMAGE)
    lay_out("add-a-system", tmp_path)
    site = tmp_path / "sites/notice.yml"
    site.write_text(
        site.read_text().replace("10.77.0", NETWORK)
        + f"ssh: {{config: {ROOT}/ssh_config, known_hosts: {ROOT}/known_hosts}}\n"
    )

    def call(*argv: str, **more: Any) -> Said:
        return inv(
            *argv,
            FAIRLEAD_HOME=str(tmp_path),
            FAIRLEAD_SITE="",
            XDG_STATE_HOME=str(tmp_path / "state"),
            **more,
        )

    return call


def states(said: Said) -> dict[str, str]:
    assert said.code == 0, said.err
    return {host: row["state"] for host, row in said.rows.items()}


def test_it_is_one_folder_of_less_than_a_hundred_lines() -> None:
    plugin = {
        path: text for path, text in files_of("add-a-system").items() if path.startswith("plugins/")
    }
    assert {Path(path).parts[:2] for path in plugin} == {("plugins", "notice")}
    assert sum(text.count("\n") for text in plugin.values()) < 100


def test_it_is_up_on_the_lab_and_has_all_that_the_others_have(ours) -> None:
    wished = ours("notice.up", "--dry-run", "--json")
    assert states(wished) == dict.fromkeys(HOSTS, "would-change")
    assert each("docker ps -aq") == dict.fromkeys(HOSTS, "")
    assert ours("notice.preflight").code == 0
    assert states(ours("notice.up", "--json")) == dict.fromkeys(HOSTS, "changed")
    assert states(ours("notice.up", "--json")) == dict.fromkeys(HOSTS, "ok")
    assert each(READ) == dict.fromkeys(HOSTS, "No news.\n")

    assert states(
        ours("notice.post", "--text=Maintenance on Friday; touch /tmp/x", "--json")
    ) == dict.fromkeys(HOSTS, "changed")
    assert each(READ) == dict.fromkeys(HOSTS, "Maintenance on Friday; touch /tmp/x\n")
    assert {row["fields"]["healthy"] for row in ours("notice.status", "--json").rows.values()} == {
        "yes"
    }
    assert (
        ours("notice.exec", "--host=n1", "--", "cat", "/www/index.html").out
        == "Maintenance on Friday; touch /tmp/x\n"
    )

    publish("1.36.1", **IMAGE)
    assert states(ours("notice.upgrade", "--json")) == dict.fromkeys(HOSTS, "changed")
    assert each(
        "docker exec notice-board cat /etc/fairlead-stand-in | grep -o '1.36.[0-9]'; " + READ
    ) == dict.fromkeys(HOSTS, "1.36.1\nMaintenance on Friday; touch /tmp/x\n")
    assert states(ours("notice.rollback", "--host=n1", "--json")) == {"n1": "changed"}
    assert "1.36.0" in under("n1", "docker exec notice-board cat /etc/fairlead-stand-in")
    assert states(ours("notice.down", "--yes", "--json")) == dict.fromkeys(HOSTS, "changed")
    assert "notice-board\n" not in "".join(each("docker ps --format '{{.Names}}'").values())
    assert "notice changed" in under("n1", "cat /var/lib/fairlead/journal")


def test_what_is_wrong_in_its_section_is_told_with_line_and_remedy(ours, tmp_path: Path) -> None:
    site = tmp_path / "sites/notice.yml"
    site.write_text(site.read_text().replace("  hosts: n[1-3]\n", "  hosts: n[1-3]\n  prot: 80\n"))
    said = ours("notice.up")
    assert (said.code, said.err) == (
        3,
        f"fairlead: {site}:6: notice: no such key 'prot'; did you mean port? known: hosts, port, "
        f"tag\n",
    )


def test_what_init_and_new_plugin_write_goes_to_real_hosts_as_it_is(lab, tmp_path: Path) -> None:
    """Nothing is written by hand but the way to the hosts."""
    clear()
    publish("1.36.0", **IMAGE)

    def ours(*argv: str) -> Said:
        state = str(tmp_path / "state")
        return inv(*argv, FAIRLEAD_HOME=str(tmp_path), FAIRLEAD_SITE="", XDG_STATE_HOME=state)

    assert ours("init", "--site=here", "--host=n[1-3]", "--systems=none").code == 0
    assert ours("new-plugin", "greeter").code == 0
    section = ours("site.draft", "--system=greeter", "--host=n[1-3]").out
    site = tmp_path / "sites" / "here.yml"
    way = f'    address: "{NETWORK}.%"\n    user: root\n    # port:'
    known = f"ssh: {{config: {ROOT}/ssh_config, known_hosts: {ROOT}/known_hosts}}\n"
    site.write_text(site.read_text().replace("    # port:", way) + section + known)

    assert ours("greeter.preflight").code == 0
    assert states(ours("greeter.up", "--json")) == dict.fromkeys(HOSTS, "changed")
    assert states(ours("greeter.up", "--json")) == dict.fromkeys(HOSTS, "ok")
    assert each(READ) == dict.fromkeys(HOSTS, "hello\n")
    publish("1.36.1", **IMAGE)
    assert states(ours("greeter.upgrade", "--json")) == dict.fromkeys(HOSTS, "changed")
    assert states(ours("greeter.rollback", "--json")) == dict.fromkeys(HOSTS, "changed")
    assert states(ours("greeter.restart", "--json")) == dict.fromkeys(HOSTS, "changed")
    assert each(READ) == dict.fromkeys(HOSTS, "hello\n")
    assert states(ours("greeter.down", "--yes", "--json")) == dict.fromkeys(HOSTS, "changed")
