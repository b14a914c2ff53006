"""All containers of a host are told in one answer, and no value of a variable with them. The
engine is a stand-in; tests/e2e/test_adopt.py asks a real one.
"""

from pathlib import Path

import pytest

from fairlead.model.adoption import RunningContainer
from fairlead.operations.container import running
from tests.shells import Shell

ENGINE = (Path(__file__).parent / "shell/engine_with_containers.sh").read_text()
COPIES = (Path(__file__).parent / "shell/engine_that_copies.sh").read_text()
APP = RunningContainer(
    name="app",
    engine="docker",
    image="example.org/app:1.2",
    hostname="n1",
    network="host",
    policy="always",
    command=("serve",),
    options=("--shm-size=134217728", "--label=owner=ops"),
    variables=("PASSWORD", "B"),
    labels={"owner": "ops"},
)


@pytest.fixture
def host(shell: Shell) -> Shell:
    """A host with that engine, and a Podman that is not there."""
    shell.tool("docker", ENGINE)
    shell.tool("podman", "exit 0")
    return shell


def look(shell: Shell, **env: str) -> tuple[running.Running, str]:
    """What is understood, and the text itself."""
    code, text = shell.run(running.fact(str(shell.folder)).argv, **env)
    return running.running(code, text), text


def test_a_container_comes_with_what_it_was_started_by_and_no_value(host: Shell) -> None:
    there, text = look(host)
    assert there == running.Running((APP,))
    assert "sesame" not in text
    assert "three" not in text


def test_units_and_quadlets_that_name_it_are_told(host: Shell) -> None:
    start = "[Service]\nExecStart=/usr/bin/docker start -a {}\n"
    for name, words in {"mine": "app", "other": "app2", "third": "my.app"}.items():
        (host.folder / f"{name}.service").write_text(start.format(words))
    (host.folder / "quad.container").write_text("[Container]\nImage=x\nContainerName=app\n")
    (host.folder / "plain.service").write_text("[Service]\nExecStart=/bin/true app\n")
    (app,) = look(host)[0].containers
    assert app.units == (f"{host.folder}/mine.service", f"{host.folder}/quad.container")


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ("down", "docker does not answer: Cannot connect to the daemon"),
        ("vague", "docker does not answer: it does not tell all of its containers"),
    ],
)
def test_an_engine_that_does_not_answer_is_a_problem_and_no_empty_host(
    host: Shell, bad: str, problem: str
) -> None:
    assert look(host, BAD=bad)[0] == running.Running((), (problem,))


def test_a_docker_that_is_podman_is_not_asked_twice(shell: Shell) -> None:
    shell.tool("docker", 'test "$1" != --version || echo "podman version 5.4.2"')
    shell.tool("podman", f'docker() {{ {ENGINE}\n}}\ndocker "$@"')
    containers = look(shell)[0].containers
    assert [container.name for container in containers] == ["app"]


def test_a_text_that_is_cut_is_no_answer() -> None:
    for code, text in ((1, ""), (0, "warning: no such thing\n")):
        with pytest.raises(ValueError, match="does not tell its containers"):
            running.running(code, text)


def test_names_of_images_are_taken_apart() -> None:
    names = {
        "docker.io/perfsonar/testpoint:systemd": ("perfsonar/testpoint", "systemd"),
        "docker.io/library/registry": ("registry", ""),
        "n1:5000/app:2@sha256:ab": ("n1:5000/app", "2"),
        "n1:5000/app": ("n1:5000/app", ""),
    }
    for image, parts in names.items():
        container = RunningContainer(name="a", engine="docker", image=image)
        assert (container.repository, container.tag) == parts


def test_what_no_key_says_is_a_sentence_each() -> None:
    by_hand = RunningContainer(
        name="app",
        engine="docker",
        image="app",
        options=("--cap-add=NET_RAW", "--memory=64", "--volume=/srv/a:/etc/app", "--init"),
        variables=("TZ",),
        labels={"com.docker.compose.project.config_files": "/srv/compose.yml"},
        lost=("--user=me",),
        units=("/etc/systemd/system/app.service",),
    )
    sentences = running.remarks(
        by_hand,
        up="inv x.up",
        options=("--cap-add", "NET_RAW"),
        state=("/etc/app",),
        known=("--init",),
    )
    assert [*sentences] == [
        "app: fairlead did not start it: inv x.up takes it over once, and starts it anew",
        "app: no key says --memory=64 --env=TZ=...; inv x.up keeps them where the engine can",
        "app: what lies in --volume=/srv/a:/etc/app is copied into its state, and stays there too",
        "app: not expressed, and not kept by inv x.up: --user=me",
        "app: /etc/systemd/system/app.service starts it, too; inv x.up disables it where it runs, "
        "or would at boot",
        "app: is of Compose (/srv/compose.yml); put that away after inv x.up",
    ]


def test_the_containers_of_an_image_hold_what_one_of_them_does(shell: Shell) -> None:
    shell.tool("docker", COPIES)
    shell.tool("podman", "exit 0")
    fact, asked = running.holding_fact("/bin/serve", "/etc/x"), shell.folder / "asked"
    there = fact.parse(*shell.run(fact.argv, ASKED=str(asked)))
    assert there == {"/bin/serve": {"app", "app2"}}
    questions = ("app:/bin/serve", "app:/etc/x", "db:/bin/serve", "db:/etc/x")
    assert asked.read_text().splitlines() == [*questions]
    assert running.holding(1, "") == {}
