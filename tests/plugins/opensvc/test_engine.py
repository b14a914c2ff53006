"""The engine of a service: started as agent 2.1 starts it, and its own words where it ends."""

from pathlib import Path

import pytest

from fairlead_plugins.opensvc.common import engine
from tests.machine import SHELLS
from tests.plugins.opensvc.services import ROOT, run_in

WRAPPER = ROOT / "plugins/opensvc/files/docker-of-2014.sh"
# A docker whose engine answers as long as the socket is there, and a dockerd that makes it.
PROGRAMS = {
    "docker": '[ -e "${DOCKER_HOST#unix://}" ]',
    "dockerd": 'echo "$*" >"$0.words"; touch "$WANTED"; exec sleep 5',
    "pgrep": "exit 1",
}
FAILS = "echo starting; echo 'failed to start daemon: exec-opts is specified twice'; exit 1"


def programs(folder: Path, **changes: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in (PROGRAMS | changes).items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)


def start(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *mounts: str
) -> tuple[int, str]:
    own = tmp_path / "lib/svc/web"
    socket, conf = own / "docker.sock", tmp_path / "web.conf"
    conf.write_text("[DEFAULT]\nnodes = n1\nid = 0c5f\n")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{socket}")
    monkeypatch.setenv("WANTED", str(socket))
    words = ("start_engine", str(socket), "/data", str(conf), *mounts)
    done = run_in(shell, tmp_path / "bin", engine.sh(*words))
    return done.returncode, done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_an_engine_is_started_with_the_words_of_agent_2_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    programs(tmp_path / "bin")
    own = tmp_path / "lib/svc/web"
    assert start(shell, tmp_path, monkeypatch, "/proc") == (0, "")
    assert (tmp_path / "bin/dockerd.words").read_text() == (
        f"-H unix://{own}/docker.sock --data-root /data -p {own}/docker.pid "
        f"--exec-root {tmp_path}/lib/dockerx/0c5f --exec-opt native.cgroupdriver=cgroupfs\n"
    )
    (tmp_path / "bin/dockerd.words").unlink()
    assert start(shell, tmp_path, monkeypatch) == (0, "")
    assert not (tmp_path / "bin/dockerd.words").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_an_engine_that_ends_is_told_by_its_own_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    programs(tmp_path / "bin", dockerd=FAILS)
    assert start(shell, tmp_path, monkeypatch) == (
        1,
        f"the engine on {tmp_path}/lib/svc/web/docker.sock does not answer: failed to start "
        "daemon: exec-opts is specified twice\n",
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_no_engine_is_started_below_a_file_system_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    programs(tmp_path / "bin")
    code, words = start(shell, tmp_path, monkeypatch, "/nonesuch")
    assert (code, words) == (1, "/nonesuch is not mounted: no engine is started on /data\n")
    assert not (tmp_path / "bin/dockerd.words").exists()


IN_2014 = {  # what that agent says -> what the docker of today hears, or its engine
    ("-H", "unix:///s", "-r=false", "-d", "-g", "/data", "-p", "/pid", "-D"): (
        "dockerd -H unix:///s --data-root /data -p /pid "
        "--exec-root /run/docker-of-2014/4288175557 -D"
    ),
    ("-H", "unix:///s", "ps", "-a"): "docker -H unix:///s ps -a",
    ("-H", "unix:///s", "inspect", "a"): '"Image": "9cc24f05"',
    ("-H", "unix:///s", "images", "a"): (
        "docker -H unix:///s images a --format table "
        r"{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.Size}}"
    ),
    ("container", "ls", "-a b"): "docker container ls -a b",
    ("-H", "unix:///s", "inspect", "-f", "{{.Id}}", "a"): (
        "docker -H unix:///s inspect -f {{.Id}} a"
    ),
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("words", IN_2014, ids=" ".join)
def test_docker_of_today_answers_the_agent_of_2014(
    tmp_path: Path, words: tuple[str, ...], shell: str
) -> None:
    says = '[ "$#" = 4 ] && [ "$3" = inspect ] && echo \'"Image": "sha256:9cc24f05"\' && exit'
    plain = 'printf "%s\\n" "${0##*/} $*"'
    programs(tmp_path / "bin", docker=f"{says}\n{plain}", dockerd=plain)
    front = tmp_path / "front"
    front.mkdir()
    (front / "docker").symlink_to(WRAPPER)
    argv = ("sh", "-c", 'PATH="$1:$PATH"; shift; exec sh "$0" "$@"', str(WRAPPER), str(front))
    done = run_in(shell, tmp_path / "bin", (*argv, *words))
    assert (done.stdout.strip(), done.returncode) == (IN_2014[words], 0), done.stderr
