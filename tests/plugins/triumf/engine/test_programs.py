"""The engine's programs, in each shell that hosts have."""

import pytest

from fairlead.contract.loader import Plugins
from fairlead.operations import script
from tests.plugins.triumf.shells import Shell

sh = script.beside(__file__)


def test_what_was_there_before_the_first_change_is_kept(plugins: Plugins, shell: Shell) -> None:
    from fairlead_plugins.triumf import engine

    file, absent = shell.folder / "docker", shell.folder / "new/daemon.json"
    file.write_text("first\n")
    paths = (str(file), str(absent))
    assert shell.run(engine.sh("kept", *paths)) == (1, "")
    assert shell.run(engine.sh("originals", *paths)) == (0, "")
    file.write_text("second\n")
    assert shell.run(engine.sh("originals", *paths)) == (0, "")
    assert shell.run(engine.sh("kept", *paths)) == (0, "")
    originals = [file.with_name("docker.original"), absent.with_name("daemon.json.original")]
    assert [path.read_text() for path in originals] == ["first\n", ""]


@pytest.mark.parametrize(
    ("address", "exists", "expected"),
    [("10.0.3.1/24", "0", "10.0.3.1/24"), ("", "0", "there"), ("", "1", "")],
)
def test_a_bridge_is_read(
    plugins: Plugins, shell: Shell, address: str, exists: str, expected: str
) -> None:
    from fairlead_plugins.triumf.engine import host_facts

    shell.tool("ip", sh.text("ip"))
    argv = host_facts.sh("bridge", "br0")
    code, output = shell.run(argv, ADDRESS=address, EXISTS=exists)
    assert host_facts.bridge(code, output) == expected


def test_a_program_is_told_with_the_package_that_it_belongs_to(
    plugins: Plugins, shell: Shell
) -> None:
    from fairlead_plugins.triumf import engine

    argv = engine.sh("owners", "docker", "no-such-program")
    shell.tool("docker", "exit 0")
    shell.tool("rpm", "exit 1")
    shell.tool("dpkg", 'echo "docker-ce-cli: $2"')
    assert shell.run(argv) == (0, "docker docker-ce-cli\n")
    shell.tool("dpkg", "exit 1")
    assert shell.run(argv) == (0, "docker -\n")
    shell.tool("rpm", 'echo podman-docker; [ "$1" = -qf ]')
    assert shell.run(argv) == (0, "docker podman-docker\n")
