"""One container takes another's place, on a real engine: nothing is lost on the way there, nor on
the way back.
"""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Noun, Target
from fairlead.operations.argv.docker import Container, Volume, container
from fairlead.operations.container import adoption, lifecycle, replacement, upgrade

from ..conftest import Doer, Failed, ask, docker, flat

pytestmark = pytest.mark.lab

POLICY = "{{.HostConfig.RestartPolicy.Name}}"
STATE = (
    Volume("/etc/app", "config"),
    Volume("/etc/secret", "config", keep=("database",)),
    Volume("/var/lib/db"),
)


class Host:
    """This machine as one host of a site: asks facts, plans, carries out."""

    def __init__(self, root: Path, carry_out: Doer):
        self.root, self.carry_out, self.tag = root, carry_out, "now"
        self.options: Any = Noun()

    def container(self, question: Ask[Any], **changed: Any) -> Container:
        fields = {
            "name": "app",
            "image": "stand/in:now",
            "options": ("--net=host",),
            "root": str(self.root),
            "state": STATE,
            "healthy": ("sh", "-c", "test -s /version"),
            "verify": ("cat", "/etc/app/psconfig/remotes"),
            "dump": ("cat", "/var/lib/db/16/data"),
            "patience": 1,
            "steady": 1,
            "stop_timeout": 5,
        }
        return container(question, **{**fields, **changed})

    def ask(self, verb: str, **changed: Any) -> Ask[Any]:
        target = Target(
            site="s", host="n1", system="app", component="app", section=None, peers=("n1",)
        )
        bare = Ask(verb=verb, target=target, facts={}, options=Noun())
        facts = {}
        for fact in lifecycle.facts(self.container(bare, **changed), bare):
            answer = ask(fact.argv)
            facts[fact.name] = fact.parse(
                answer.returncode, (answer.stdout + answer.stderr).decode()
            )
        return Ask(verb=verb, target=target, facts=facts, options=self.options)

    def do(
        self, verb: str, until: str = "", undo: bool = True, before: str = "", **changed: Any
    ) -> dict[str, str]:
        return self.carry_out(self.steps(verb, **changed), until, undo, before)

    def steps(self, verb: str, **changed: Any) -> tuple[Any, ...]:
        question = self.ask(verb, **changed)
        make = {
            "up": lifecycle.up,
            "down": lifecycle.down,
            "upgrade": upgrade.upgrade,
            "rollback": upgrade.rollback,
        }[verb]
        steps = make(self.container(question, **changed), question)
        # the image is brought by the tests, not by a registry
        return steps[2:] if verb == "upgrade" else steps


@pytest.fixture
def host(
    engine: Callable[..., str], tmp_path: Path, carry_out: Doer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Host]:
    monkeypatch.setattr(replacement, "BACKUPS", str(tmp_path / "backups"))
    docker("tag", "stand/in:1", "stand/in:now")
    yield Host(tmp_path / "state", carry_out)
    docker("rm", "-fv", *docker("ps", "-aq").split(), check=False)


def version() -> str:
    return docker("exec", "app", "cat", "/version")


def remote(words: str) -> None:
    docker(
        "exec",
        "app",
        "sh",
        "-c",
        f"echo {words} >>/etc/app/psconfig/remotes; echo scheduled >/var/lib/db/16/data",
    )


def everything(root: Path) -> dict[str, tuple[int, int, int, bytes]]:
    return {
        str(p.relative_to(root)): (
            (s := p.stat()).st_mode,
            s.st_uid,
            s.st_gid,
            p.read_bytes() if p.is_file() else b"",
        )
        for p in sorted(root.rglob("*"))
    }


def listing() -> list[str]:
    return sorted(
        docker("ps", "-a", "--format", "{{.Names}} {{.ID}} {{.State}} {{.Image}}").splitlines()
    )


def test_a_second_up_changes_nothing(host: Host) -> None:
    assert host.do("up") == {
        "image": "ok",
        "state": "changed",
        "container": "changed",
        "healthy": "ok",
    }
    before = listing()
    assert host.do("up") == {"image": "ok", "state": "ok", "container": "ok", "healthy": "ok"}
    assert listing() == before


def test_volumes_begin_as_the_image_has_them_owners_and_modes_too(host: Host) -> None:
    host.do("up")
    assert docker("exec", "app", "cat", "/etc/app/app.conf") == "default of 5.0"
    at = host.root / "current/var/lib/db"
    assert (at.stat().st_uid, at.stat().st_gid, (at / "16").stat().st_mode & 0o777) == (
        101,
        102,
        0o700,
    )


def test_down_keeps_the_state_and_a_second_one_finds_nothing_to_do(host: Host) -> None:
    host.do("up")
    remote("https://a/")
    kept = everything(host.root / "current")
    assert host.do("down") == {"stop": "changed", "remove": "changed"}
    assert host.do("down") == {"stop": "ok", "remove": "ok"}
    assert (listing(), everything(host.root / "current")) == ([], kept)
    host.do("up")
    assert docker("exec", "app", "cat", "/etc/app/psconfig/remotes") == "https://a/"


CRASHES = ("sh", "-c", "sleep 0.2; exit 1")


def crashing(host: Host) -> None:
    """A container of ours that its engine starts again and again."""
    with pytest.raises(Failed, match="stopped after container"):
        host.do("up", "container", undo=False, command=CRASHES)
    deadline = time.monotonic() + 20
    while docker("inspect", "-f", "{{.State.Status}}", "app") != "restarting":
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_container_that_crashes_again_and_again_is_taken_down(host: Host) -> None:
    crashing(host)
    assert host.do("down", command=CRASHES) == {"stop": "changed", "remove": "changed"}
    assert listing() == []


def test_one_whose_main_process_dies_again_and_again_is_not_healthy(host: Host) -> None:
    """Each time that it is asked it may run; that is no health."""
    dies = ("sh", "-c", "sleep 1.5; exit 3")
    with pytest.raises(Failed, match="healthy: too late"):
        host.do("up", command=dies, healthy=(), steady=3)
    host.do("up")
    remote("https://a/")
    with pytest.raises(Failed, match="healthy: too late"):
        host.do("upgrade", command=dies, healthy=(), steady=3)
    assert (version(), docker("inspect", "-f", POLICY, "app")) == ("5.0", "unless-stopped")


def test_status_says_how_often_it_was_restarted(host: Host) -> None:
    crashing(host)
    question = host.ask("status", command=CRASHES)
    status = lifecycle.status(host.container(question, command=CRASHES), question)
    assert not status.healthy
    words = r"app (restarting|running), restarted (once|[0-9]+ times)"
    assert re.fullmatch(words, status.fields[0][1])


def test_a_stopped_container_is_started_not_made_anew(host: Host) -> None:
    host.do("up")
    first = docker("ps", "-q")
    docker("stop", "-t", "1", "app")
    assert host.do("up")["container"] == "changed"
    assert docker("ps", "-q") == first


def test_an_upgrade_keeps_what_somebody_changed_and_takes_the_rest_from_the_new_image(
    host: Host,
) -> None:
    host.do("up")
    remote("https://a/")
    docker("tag", "stand/in:2", "stand/in:now")
    states = host.do("upgrade")
    assert version() == "5.1"
    assert states["verify"] == "ok"
    assert docker("exec", "app", "cat", "/etc/app/app.conf") == "default of 5.1"
    assert docker("exec", "app", "cat", "/etc/app/psconfig/remotes") == "https://a/"
    assert docker("exec", "app", "cat", "/etc/secret/database/password") == "made with 5.0"
    assert docker("exec", "app", "cat", "/var/lib/db/16/data") == "scheduled"
    assert sorted(p.name for p in (host.root / "current/etc/app").iterdir()) == [
        "app.conf",
        "only-5.1",
        "psconfig",
    ]
    assert (
        docker(
            "inspect", "-f", "{{.State.Status}} {{.HostConfig.RestartPolicy.Name}}", "app.previous"
        )
        == "exited no"
    )
    assert [p.read_text() for p in (host.root.parent / "backups/app").iterdir()] == ["scheduled\n"]


def test_an_upgrade_to_the_same_image_stops_nothing(host: Host) -> None:
    host.do("up")
    before, state = listing(), everything(host.root)
    assert set(host.do("upgrade").values()) == {"ok"}
    assert (listing(), everything(host.root)) == (before, state)


def test_an_unhealthy_new_version_gives_way_to_the_old_one_and_its_state(host: Host) -> None:
    host.do("up")
    remote("https://a/")
    first, state = docker("ps", "-q"), everything(host.root / "current")
    docker("tag", "stand/in:broken", "stand/in:now")
    with pytest.raises(Failed, match="healthy: too late"):
        host.do("upgrade")
    assert (docker("ps", "-q"), docker("ps", "-aq"), version()) == (first, first, "5.0")
    assert docker("inspect", "-f", POLICY, "app") == "unless-stopped"
    assert everything(host.root / "current") == state
    assert host.do("up") == {"image": "ok", "state": "ok", "container": "ok", "healthy": "ok"}


def test_that_the_old_one_is_back_is_proved(host: Host) -> None:
    host.do("up")
    remote("https://a/")
    docker("tag", "stand/in:broken", "stand/in:now")
    with pytest.raises(Failed, match="healthy: too late"):
        host.do("upgrade")
    assert host.carry_out.proofs == {"no restart": True}


def test_an_old_one_that_dies_when_it_is_started_again_is_not_back(host: Host) -> None:
    once = ("sh", "-c", "[ ! -e /once ] || exit 1; touch /once; exec sleep 1000")
    host.do("up", command=once)
    remote("https://a/")
    docker("tag", "stand/in:broken", "stand/in:now")
    with pytest.raises(Failed, match="healthy: too late"):
        host.do("upgrade", command=once)
    assert host.carry_out.proofs == {"no restart": False}


def test_an_upgrade_where_no_container_stands_brings_it_up(host: Host) -> None:
    assert host.do("upgrade") == {"state": "changed", "container": "changed", "healthy": "ok"}
    assert version() == "5.0"


def test_one_that_can_say_nothing_any_more_is_replaced_when_its_dump_is_left_out(
    host: Host,
) -> None:
    host.do("up")
    remote("https://a/")
    first = docker("ps", "-q")
    docker("tag", "stand/in:2", "stand/in:now")
    host.options = replacement.DumpOptions()
    with pytest.raises(Failed, match="dump: "):
        host.do("upgrade", dump=("false",))
    assert (docker("ps", "-q"), version()) == (first, "5.0")
    host.options = replacement.DumpOptions(skip_dump=True)
    states = host.do("upgrade", dump=("false",), verify=("false",))
    assert (version(), states["remember"], "dump" in states) == ("5.1", "changed", False)


def test_a_second_upgrade_takes_the_place_of_the_first_one_s_previous_version(host: Host) -> None:
    host.do("up")
    remote("https://a/")
    docker("tag", "stand/in:2", "stand/in:now")
    host.do("upgrade")
    first = docker("ps", "-q")
    docker("tag", "stand/in:1", "stand/in:now")
    host.do("upgrade")
    assert [line.split()[0] for line in listing()] == ["app", "app.previous"]
    assert docker("ps", "-aqf", "name=app.previous") == first
    assert sorted(p.name for p in host.root.iterdir()) == ["current", "previous"]
    assert docker("image", "inspect", "-f", "{{.Id}}", "fairlead/app:previous") == docker(
        "image", "inspect", "-f", "{{.Id}}", "stand/in:2"
    )


def test_a_rollback_returns_to_the_state_of_that_time_and_shelves_what_is_newer(host: Host) -> None:
    host.do("up")
    remote("https://a/")
    docker("tag", "stand/in:2", "stand/in:now")
    host.do("upgrade")
    remote("https://newer/")
    host.do("rollback")
    assert version() == "5.0"
    assert docker("exec", "app", "cat", "/etc/app/psconfig/remotes") == "https://a/"
    assert docker("inspect", "-f", POLICY, "app") == "unless-stopped"
    assert [line.split()[0] for line in listing()] == ["app"]
    (shelf,) = host.root.glob("newer-*")
    assert (shelf / "etc/app/psconfig/remotes").read_text() == "https://a/\nhttps://newer/\n"
    assert set(host.do("up").values()) == {"ok"}
    with pytest.raises(
        FairleadError,
        match="n1: there is no version of app to return to; "
        "it has not been upgraded since it was brought up",
    ):
        host.do("rollback")


def upgradable(host: Host) -> None:
    host.do("up")
    remote("https://a/")
    docker("exec", "app", "sh", "-c", "echo of mine >/notes")
    docker("tag", "stand/in:2", "stand/in:now")


def upgraded(host: Host) -> None:
    upgradable(host)
    host.do("upgrade")
    docker("exec", "app", "sh", "-c", "echo of mine >/notes")


@pytest.mark.parametrize(
    ("verb", "ready"), [("down", upgraded), ("upgrade", upgradable), ("rollback", upgraded)]
)
def test_whichever_step_fails_before_it_did_anything_or_after_it_did_all_is_put_back(
    host: Host, verb: str, ready: Callable[[Host], None]
) -> None:
    def facts() -> tuple[Any, ...]:
        columns = slice(
            0, 3, 2 if verb == "down" else 1
        )  # what `down` took away is made anew, under another ID
        names, folders = (
            [line.split()[columns] for line in listing()],
            sorted(p.name for p in host.root.iterdir() if p.name != "failed"),
        )
        return (
            names,
            folders,
            version(),
            docker("inspect", "-f", POLICY, "app"),
            everything(host.root / "current"),
        )

    ready(host)
    before = facts()
    failures = [
        (step.name, where)
        for step in flat(host.steps(verb))
        if step.do
        for where in ("before", "until")
    ]
    assert len(failures) >= 4
    for step, where in failures:
        if (step, where) != ("remove the newer one", "until"):
            docker("tag", "stand/in:2", "stand/in:now")  # an upgrade that failed has set it back
            with pytest.raises(
                Failed, match=f"stopped {'before' if where == 'before' else 'after'} {step}"
            ):
                host.do(verb, **{where: step})
            assert facts() == before, (step, where)


def test_once_the_newer_one_is_removed_a_rollback_stands(host: Host) -> None:
    upgraded(host)
    with pytest.raises(Failed):
        host.do("rollback", "remove the newer one")
    assert (version(), [line.split()[::2] for line in listing()]) == ("5.0", [["app", "running"]])
    assert len([*host.root.glob("newer-*")]) == 1
    assert set(host.do("up").values()) == {"ok"}


def by_hand() -> None:
    docker("run", "-d", "--name", "app", "--net=host", "stand/in:now")
    remote("https://by-hand/")


def test_a_container_started_by_hand_is_adopted_with_its_state(host: Host) -> None:
    by_hand()
    first = docker("ps", "-q")
    host.do("up")
    assert docker(
        "exec", "app", "cat", "/etc/app/psconfig/remotes", "/var/lib/db/16/data"
    ).split() == ["https://by-hand/", "scheduled"]
    assert docker("ps", "-aqf", "name=app.previous") == first
    assert (host.root / "current/var/lib/db").stat().st_uid == 101
    assert set(host.do("up").values()) == {"ok"}


def test_a_mount_within_a_folder_of_state_is_brought_out_and_not_mounted_again(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adoption, "KEPT", str(tmp_path / "kept"))
    outside = tmp_path / "outside"
    outside.mkdir()
    mount = f"{outside}:/etc/app/psconfig"
    docker("run", "-d", "--name", "app", "--net=host", "-v", mount, "stand/in:now")
    remote("https://by-hand/")
    host.do("up")
    (outside / "remotes").write_text("https://elsewhere/")
    assert docker("exec", "app", "cat", "/etc/app/psconfig/remotes") == "https://by-hand/"
    assert set(host.do("up").values()) == {"ok"}


@pytest.mark.parametrize(
    "last", ["stop", "bring out the state", "keep the old one", "container", "verify", "finish"]
)
def test_an_adoption_cut_short_leaves_it_as_it_was(host: Host, last: str) -> None:
    by_hand()
    before = listing()
    with pytest.raises(Failed):
        host.do("up", last)
    assert (listing(), host.root.exists()) == (before, False)
    assert docker("exec", "app", "cat", "/etc/app/psconfig/remotes") == "https://by-hand/"


def test_an_adoption_that_would_lose_something_does_not_stand(host: Host) -> None:
    by_hand()
    before = listing()
    with pytest.raises(Failed, match="verify: too late"):
        host.do(
            "up", verify=("sh", "-c", "grep -c /etc/app /proc/self/mountinfo; true")
        )  # differs by the volume itself
    assert (listing(), host.root.exists()) == (before, False)


def test_down_refuses_a_container_started_by_hand(host: Host) -> None:
    by_hand()
    with pytest.raises(
        FairleadError,
        match="app was not started by fairlead and may hold its state inside; "
        "inv app.up --host=n1 adopts it first",
    ):
        host.do("down")


def test_a_changed_site_replaces_the_container_and_keeps_its_state(host: Host) -> None:
    host.do("up")
    remote("https://a/")
    host.do("up", options=("--net=host", "--cap-add", "CAP_NET_RAW"))
    assert docker("inspect", "-f", "{{.HostConfig.CapAdd}}", "app") in (
        "[CAP_NET_RAW]",
        "[NET_RAW]",
    )
    assert docker("exec", "app", "cat", "/etc/app/psconfig/remotes") == "https://a/"


def test_a_power_cut_behind_the_restart_policy_is_undone_to_a_container_that_runs(
    host: Host,
) -> None:
    host.do("up")
    steps = flat(host.steps("up", options=("--net=host", "--cap-add", "CAP_NET_RAW")))
    step = next(step for step in steps if step.name == "no restart")
    assert ask(step.do).returncode == 0
    docker("kill", "app")  # and at boot nobody starts it: its policy is `no`
    assert ask(step.undo).returncode == 0
    state = docker("inspect", "-f", f"{{{{.State.Running}}}} {POLICY}", "app")
    assert state == "true unless-stopped"


@pytest.mark.parametrize("verb", ["up", "upgrade"])
@pytest.mark.parametrize(
    "last",
    [
        "no restart",
        "stop",
        "copy the state",
        "keep the old one",
        "merge the defaults",
        "container",
        "finish",
    ],
)
def test_a_change_cut_short_and_left_as_it_is_can_be_gone_on_from(
    host: Host, last: str, verb: str
) -> None:
    host.do("up")
    first = docker("ps", "-q", "--no-trunc")
    docker("tag", "stand/in:2", "stand/in:now")
    remote("https://a/")
    with pytest.raises(Failed):
        host.do("upgrade", last, undo=False)
    if verb == "up" or not docker("ps", "-aqf", "name=^app$"):
        host.do("up")
    else:
        host.do("upgrade")
    host.do("upgrade")
    assert (docker("exec", "app", "cat", "/etc/app/psconfig/remotes"), version()) == (
        "https://a/",
        "5.1",
    )
    assert docker("inspect", "-f", POLICY, "app") == "unless-stopped"
    names = docker("ps", "-a", "--no-trunc", "--format", "{{.Names}} {{.ID}}").splitlines()
    assert sorted(name.split()[0] for name in names) == ["app", "app.previous"]
    assert f"app.previous {first}" in names
    assert not (host.root / "kept").exists()
    assert set(host.do("upgrade").values()) == {"ok"}


def test_nobody_returns_from_a_change_that_was_cut_short(host: Host) -> None:
    host.do("up")
    remote("https://a/")
    docker("tag", "stand/in:2", "stand/in:now")
    with pytest.raises(Failed):
        host.do("upgrade", "container", undo=False)
    with pytest.raises(
        FairleadError,
        match="n1: a change of app was cut short; inv app.up --host=n1 goes on from there",
    ):
        host.do("rollback")


def test_an_engine_that_is_down_is_no_absent_container(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = lifecycle.up(host.container(host.ask("up")), host.ask("up"))
    with monkeypatch.context() as down:
        down.setenv("DOCKER_HOST", "unix:///nowhere")
        answers = {step.name: ask(step.unless).returncode for step in steps if step.unless}
        assert answers == {"image": 2, "state": 1, "container": 120}
        with pytest.raises(
            FairleadError, match="n1: docker does not answer: .*; inv app.preflight --host=n1"
        ):
            lifecycle.up(host.container(host.ask("up")), host.ask("up"))
