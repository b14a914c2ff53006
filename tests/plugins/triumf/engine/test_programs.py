"""The engine's programs, in each shell that hosts have."""

import pytest

from fairlead.contract.loader import Plugins
from fairlead.operations import script
from tests.shells import Shell

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


@pytest.mark.parametrize(
    ("root", "live", "bridge", "code", "words"),
    [
        ("/docker", "true", "br0", 0, ""),
        ("/docker/100000.100000", "true", "br0", 0, ""),
        (
            "/var/lib/docker",
            "true",
            "br0",
            1,
            "the engine keeps its images at /var/lib/docker, and the site says /docker\n",
        ),
        ("/docker", "false", "br0", 1, "the engine has live-restore off, and the site says on\n"),
        (
            "/docker",
            "true",
            "docker0",
            1,
            "the engine's bridge is docker0, and the site says br0\n",
        ),
        ("", "", "", 2, "the engine does not answer\n"),
    ],
)
def test_what_was_asked_is_what_the_engine_says_of_itself(
    plugins: Plugins, shell: Shell, root: str, live: str, bridge: str, code: int, words: str
) -> None:
    from fairlead_plugins.triumf import engine

    shell.tool("docker", sh.text("docker"))
    state = {"ROOT": root, "LIVE": live, "BRIDGE": bridge}
    done = shell.done(engine.sh("proved", "/docker", "live", "br0"), **state)
    assert (done.returncode, done.stderr) == (code, words)
    if code != 2:
        unasked = shell.run(engine.sh("proved", root, "", ""), **state)
        assert unasked == (0, "")
