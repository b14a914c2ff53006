"""The programs that daos sends to hosts, run in each shell that hosts have."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fairlead.model.plan import Argv
from fairlead_plugins.daos import pool
from fairlead_plugins.daos.common import hugepages, images, secret_files, sessions
from tests.machine import SHELLS

DOCKER = Path(__file__).parent / "shell/docker.sh"


@pytest.fixture(params=SHELLS)
def at(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder with a shell that is called sh there, and an engine with the image in a file."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sh").symlink_to(SHELLS[request.param])
    shutil.copy(DOCKER, tmp_path / "bin/docker")
    (tmp_path / "bin/docker").chmod(0o755)
    return tmp_path


def run(at: Path, argv: Argv) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PATH": f"{at}/bin:{os.environ['PATH']}", "AT": str(at)}
    words = [str(at / "bin/sh"), *map(str, argv[1:])]
    return subprocess.run(
        words, env=environment, capture_output=True, text=True, timeout=20, check=False
    )


@pytest.mark.parametrize(("name", "code"), [("tank", 0), ("tan", 1), ("Size", 1)])
def test_a_pool_is_looked_up_in_the_first_column(at: Path, name: str, code: int) -> None:
    table = "Pool Size\ntank 1TB\nother 2TB\n"
    assert run(at, pool.sh("pool_listed", name, "printf", "%s", table)).returncode == code
    assert run(at, pool.sh("pool_listed", name, "false")).returncode == 2


def test_an_image_is_built_again_where_what_it_is_made_from_has_changed(at: Path) -> None:
    (at / "context").mkdir()
    (at / "context/Dockerfile").write_text("FROM scratch\n")
    (at / "compose.yml").write_text("services:\n")
    (at / "image").write_text("sha256:01\n")
    words = (str(at / "built/image"), "image", "", str(at / "compose.yml"), str(at / "context"))

    def code(program: str, variable: str = "A=1") -> int:
        return run(at, images.sh(program, "docker", *words, variable)).returncode

    assert code("is_built") == 1
    assert code("record_build") == 0
    assert code("is_built") == 0
    assert code("is_built", "A=2") == 1
    (at / "context/Dockerfile").write_text("FROM other\n")
    assert code("is_built") == 1
    assert code("record_build") == 0
    (at / "image").write_text("sha256:02\n")
    assert code("is_built") == 1
    (at / "image").write_text("")
    assert (code("is_built"), code("record_build")) == (1, 1)


def test_the_copy_of_a_checkout_follows_it_and_keeps_what_is_written_into_it(at: Path) -> None:
    checkout, copy = at / "checkout", at / "state/checkout"
    (checkout / "daos-client/el8").mkdir(parents=True)
    (checkout / ".env").write_text("A=1\n")
    (checkout / "daos-client/el8/daos_agent.yml").write_text("upstream's\n")
    (checkout / "docker-compose.base.yml").write_text('version: "3.9"\nservices:\n')
    (checkout / "docker-stack.admin.yml").write_text('version: "3.9"\nservices:\n')
    words = (str(checkout), str(copy))

    def code(program: str) -> int:
        return run(at, images.sh(program, *words)).returncode

    assert (code("is_copied"), code("copy_checkout"), code("is_copied")) == (1, 0, 0)
    assert not (copy / ".env").exists()
    assert (copy / "docker-compose.base.yml").read_text() == "services:\n"
    assert (copy / "docker-stack.admin.yml").read_text() == 'version: "3.9"\nservices:\n'
    assert (checkout / "docker-compose.base.yml").read_text().startswith("version")
    (copy / "daos-client/el8/daos_agent.yml").write_text("ours\n")
    assert code("is_copied") == 0
    assert (checkout / "daos-client/el8/daos_agent.yml").read_text() == "upstream's\n"
    (checkout / "docker-compose.new.yml").write_text("services:\n")
    assert (code("is_copied"), code("copy_checkout"), code("is_copied")) == (1, 0, 0)
    assert (copy / "daos-client/el8/daos_agent.yml").read_text() == "ours\n"
    shutil.rmtree(checkout)
    assert code("is_copied") == 2


def test_by_which_recipe_an_image_was_made_is_written_down_for_each_of_its_ids(at: Path) -> None:
    words = ("docker", str(at / "built/server.recipes"))

    def code(program: str, recipe: str) -> int:
        return run(at, images.sh(program, *words, recipe, "image")).returncode

    (at / "image").write_text("")
    assert (code("is_recorded", "aa"), code("record", "aa")) == (1, 1)
    (at / "image").write_text("sha256:01\n")
    assert [code(*step) for step in (("is_recorded", "aa"), ("record", "aa"))] == [1, 0]
    assert (code("is_recorded", "aa"), code("is_recorded", "bb")) == (0, 1)
    (at / "image").write_text("sha256:02\n")
    assert (code("is_recorded", "aa"), code("record", "bb")) == (1, 0)
    assert (code("is_recorded", "bb"), code("record", "bb")) == (0, 0)
    assert (at / "built/server.recipes").read_text().splitlines() == [
        "aa sha256:01 image",
        "bb sha256:02 image",
    ]


class Sessions:
    """A folder of sessions of a client, and the programs that change it."""

    def __init__(self, at: Path):
        self.at, self.folder = at, at / "sessions/client"
        self.describe("version-1")

    def describe(self, image: str) -> None:
        """The site says this, and the image has been made."""
        (self.at / "images").mkdir(exist_ok=True)
        (self.at / "images/client_image").write_text(f"sha256:{image}\n")
        (self.folder / "next").mkdir(parents=True, exist_ok=True)
        for name in ("compose.yml", "variables.env", "session.json"):
            (self.folder / "next" / name).write_text(f"{image}\n")

    def run(self, program: str, *words: str) -> int:
        argv = sessions.sh(program, "docker", str(self.folder), "client:session", *words)
        return run(self.at, argv).returncode

    def ready(self) -> bool:
        return self.run("is_in_service", "client:image") == 0

    def now(self) -> tuple[str, str, bool]:
        """The file and the image that sessions begin from, and whether there is one before."""
        image = (self.at / "images/client_session").read_text().strip()
        file = (self.folder / "now/session.json").read_text().strip()
        return file, image, (self.folder / "before").is_dir()


def test_sessions_begin_from_what_was_put_into_service_until_the_next_is(at: Path) -> None:
    client = Sessions(at)
    assert run(at, sessions.sh("in_service", "docker", str(client.folder), "x")).returncode == 1
    assert (client.ready(), client.run("into_service", "client:image"), client.ready()) == (
        False,
        0,
        True,
    )
    client.describe("version-2")
    assert (client.ready(), client.now()) == (False, ("version-1", "sha256:version-1", False))
    assert client.run("into_service", "client:image") == 0
    assert client.now() == ("version-2", "sha256:version-2", True)
    shown = run(at, sessions.sh("in_service", "docker", str(client.folder), "client:session"))
    assert shown.stdout == "version-2\nsha256:version-2\nbefore\n"
    assert client.run("out_of_service", "client:image") == 0
    assert client.now() == ("version-1", "sha256:version-1", False)
    assert client.run("into_service", "client:image") == 0
    assert client.run("back_into_service") == 0
    assert client.now() == ("version-1", "sha256:version-1", False)
    assert client.run("not_back_into_service") == 0
    assert client.now() == ("version-2", "sha256:version-2", True)


@pytest.mark.parametrize("moves", range(5))
def test_a_change_of_what_is_in_service_that_is_cut_short_is_undone(at: Path, moves: int) -> None:
    """After each of its moves: `mv` ends the program once that many have been made."""
    client = Sessions(at)
    for image in ("version-1", "version-2"):
        client.describe(image)
        assert client.run("into_service", "client:image") == 0
    client.describe("version-3")
    (at / "moves").write_text(str(moves))
    shutil.copy(DOCKER.with_name("mv.sh"), at / "bin/mv")
    (at / "bin/mv").chmod(0o755)
    client.run("into_service", "client:image")
    (at / "bin/mv").unlink()
    assert client.run("out_of_service", "client:image") == 0
    assert client.now() == ("version-2", "sha256:version-2", True)
    assert (client.folder / "before/session.json").read_text() == "version-1\n"


@pytest.mark.parametrize(
    ("program", "knows", "code", "words"),
    [
        ("daos_agent", "server-version", 0, "server-version"),
        ("daos_agent", "dump-attachinfo", 0, "dump-attachinfo -o /dev/null"),
        ("daos_agent", "", 1, ""),
        ("dmg", "server-version", 0, "server-version"),
        ("dmg", "", 1, ""),
    ],
)
def test_an_old_agent_is_asked_for_what_it_knows(
    at: Path, program: str, knows: str, code: int, words: str
) -> None:
    from fairlead_plugins.daos.common import elsewhere

    own = at / f"bin/{program}"
    own.write_text(f'#!/bin/sh\n[ "$1" = "{knows}" ] || exit 1\necho "$*"\n')
    own.chmod(0o755)
    result = run(at, elsewhere.sh("server_version", program))
    assert (result.returncode, result.stdout.strip()) == (code, words)


def test_a_configuration_is_copied_where_it_differs(at: Path) -> None:
    words = (str(at / "mine.yml"), str(at / "copy.yml"))
    done = run(at, images.sh("is_copy", *words))
    assert (done.returncode, done.stderr) == (2, f"there is no {words[0]}\n")
    (at / "mine.yml").write_text("name: x\n")
    assert run(at, images.sh("is_copy", *words)).returncode == 1
    assert run(at, images.sh("copy", *words)).returncode == 0
    assert run(at, images.sh("is_copy", *words)).returncode == 0
    assert (at / "copy.yml").stat().st_mode & 0o777 == 0o644


def test_a_container_that_runs_reads_its_certificates_again(at: Path) -> None:
    assert run(at, secret_files.sh("restart_running", "docker", "name=^a$")).returncode == 0
    assert (at / "called").read_text() == "restart 0a\n"


def test_the_file_of_huge_pages_remembers_how_many_there_were(at: Path) -> None:
    """The kernel's file is another one here: the text of the program names it."""
    kernel, sysctl = at / "nr_hugepages", at / "etc/60.conf"

    def code(name: str) -> int:
        text = hugepages.sh.text(name).replace("/proc/sys/vm/nr_hugepages", str(kernel))
        return run(at, ("sh", "-c", text, name, "512", str(sysctl))).returncode

    kernel.write_text("7\n")
    assert code("has_hugepages") == 1
    assert code("set_hugepages") == 0
    assert (code("has_hugepages"), kernel.read_text()) == (0, "512\n")
    assert code("unset_hugepages") == 0
    assert (kernel.read_text(), sysctl.exists()) == ("7\n", False)
