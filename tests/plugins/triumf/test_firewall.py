"""What firewalld closes: asked in each shell that hosts have, and said with the command that opens
it."""

from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.operations import script
from tests.plugins.triumf.tier import cases, preflight
from tests.shells import Shell

CASES = cases("firewall")
ADDRESSES = "\n".join(f"echo '{n}: eth{n} inet 192.0.2.{n + 1}/24 x'" for n in range(3))
OPENED = "firewall-cmd --zone=public --add-port=5000/tcp"

sh = script.beside(__file__)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_closed_is_named(plugins: Plugins, shell: Shell, case: dict[str, Any]) -> None:
    from fairlead_plugins.triumf.common import firewall

    (shell.folder / "conf").write_text(f"DefaultZone=public\n{case.get('conf', '')}\n")
    shell.tool("firewall-cmd", sh.text("firewall_cmd"))
    shell.tool("ip", ADDRESSES)
    env = {"CONF": str(shell.folder / "conf"), **case.get("env", {})}
    code, output = shell.run(firewall.sh("firewalld", *case["asked"]), **env)
    expected = case["closed"]
    assert firewall.closed(code, output) == (
        None if expected is None else tuple(map(tuple, expected))
    )


@pytest.mark.parametrize(
    ("closed", "check"),
    [
        ((), (True, False, "firewalld is not in the way")),
        ((("public", "5000"),), (False, False, "firewalld closes 5000/tcp in public")),
        (None, (False, False, "not known: firewalld does not answer")),
    ],
)
def test_preflight_of_the_registry_says_it(
    plugins: Plugins, closed: Any, check: tuple[bool, bool, str]
) -> None:
    assert preflight(plugins, "registry", closed=closed)["firewall"] == check


def test_what_nobody_asked_is_not_known(plugins: Plugins) -> None:
    ok, blocks, found = preflight(plugins, "registry")["firewall"]
    assert (ok, blocks, found.partition(":")[0]) == (False, False, "not known")


def test_the_remedy_is_the_one_command_that_opens_it_now_and_for_good(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.common import firewall

    closed = (("public", "5000"), ("internal", "5000"))
    remedy = firewall.check("listens", "5000/tcp", closed, "").remedy
    assert remedy == f"{OPENED} && {OPENED} --permanent"
