"""A stack on a real swarm of three hosts: made from nothing, its secret rotated under watch.

And what Docker calls a success although it is none.
"""

import io
import json
import os
import re
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from tests.e2e.ground import HOSTS, clear, done, each, sh, under
from tests.e2e.inv import REPOSITORY, SITE, Said
from tests.e2e.ops import Repository
from tests.e2e.swarm import LEAVE, SECRETS, WATCH, sums

SERVICE, FILE, NAME = "beacon_light", "code.txz", "beacon.code"
SERVICES = "docker service ls --format '{{.Name}} {{.Replicas}}'"
CRASHES = '{image: "busybox:1.36", command: ["sh", "-c", "exit 3"]}'
PLACEMENT = 'deploy: {placement: {constraints: ["node.labels.moon == full"]}}'
NOWHERE = f'{{image: "busybox:1.36", command: ["sh", "-c", "sleep 99"], {PLACEMENT}}}'


def tarball(words: str) -> bytes:
    """A txz as DAOS's certificates are."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz") as made:
        entry = tarfile.TarInfo("daosCA.crt")
        entry.size = len(words)
        made.addfile(entry, io.BytesIO(words.encode()))
    return data.getvalue()


class Beacons(Repository):
    """A repository with a beacon, whose secret is a file that another store gives."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        (folder / "plugins" / "beacon").symlink_to(
            REPOSITORY / "tests" / "e2e" / "plugins" / "beacon"
        )
        self.code = folder / NAME
        self.code.write_bytes(tarball("first"))
        self.says()

    def says(self, **more: object) -> None:
        """What the site says of the beacon."""
        store = {"command": {"argv": ["cat", f"{self.folder}/%"]}}
        section = {
            "extends": SITE,
            "secrets": store,
            "beacon": {"hosts": "n[1-3]", "manager": "n1", "patience": 40, **more},
        }
        self.site.write_text(json.dumps(section))

    def up(self, *more: str) -> Said:
        result = self.inv("beacon.up", "--json", *more)
        assert result.code == 0, result.err + result.out
        return result

    @property
    def sum(self) -> str:
        from hashlib import sha256

        return sha256(self.code.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def repository(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beacons]:
    clear()
    each(LEAVE)
    done("lab.publish", "--host=n1", "--image=library/busybox", "--version=1.36.0", "--tag=1.36")
    yield Beacons(tmp_path_factory.mktemp("beacons"))
    each(LEAVE)
    clear()


@pytest.fixture
def lit(repository: Beacons) -> Beacons:
    """Beacons on all three hosts, as the site says; quick where they are."""
    repository.says()
    repository.up()
    return repository


def changed(result: Said, host: str = "n1") -> list[str]:
    return [name for name, how in result.steps(host).items() if how == "changed"]


def words_seen(over: Event) -> tuple[int, set[str]]:
    """How often was it looked, and what stood in the command lines and environments.

    They are those of this machine's new processes, those of the hosts included.
    """
    count, seen, old = 0, set(), set(os.listdir("/proc"))
    while not over.is_set():
        count += 1
        for number in filter(str.isdigit, set(os.listdir("/proc")) - old):
            for what in ("cmdline", "environ"):
                try:
                    seen.add(
                        Path(f"/proc/{number}/{what}")
                        .read_bytes()
                        .replace(b"\0", b" ")
                        .decode(errors="replace")
                    )
                except OSError:
                    continue
    return count, seen


# Made from nothing


def test_swarm_secret_and_service_from_nothing_and_then_nothing_changes(
    repository: Beacons,
) -> None:
    over = Event()
    with ThreadPoolExecutor() as pool:
        watched = pool.submit(words_seen, over)
        first = repository.inv("beacon.up", "--json")
        over.set()
        count, seen = watched.result()
    assert first.code == 0, first.err + first.out
    assert changed(first)[:2] == ["swarm", "folder"]
    assert [changed(first, host) for host in ("n2", "n3")] == [["in the swarm of n1"]] * 2
    assert under("n1", SERVICES) == f"{SERVICE} 3/3\n"
    assert sums(SERVICE, FILE) == {repository.sum}
    again = repository.up()
    assert not again.json["changed"], again.out
    assert {step for host in HOSTS for step in again.steps(host).values()} <= {"ok"}
    token = under("n1", "docker swarm join-token -q worker").strip()
    assert token.startswith("SWMTKN-")
    assert token not in first.out + first.err
    assert count > 20
    assert any(
        "http://docker/swarm/join" in line for line in seen
    )  # the watch sees what it is to see
    assert not [line for line in seen if token in line]
    assert set(each(sh.text("swarm_files"), token).values()) == {""}
    assert holding(token) == []


def holding(word: str) -> list[Path]:
    """What is remembered here with that word in it; what another test pushes out meanwhile has
    none."""
    paths = []
    for path in Path.home().rglob(".local/state/fairlead/**/*"):
        with suppress(FileNotFoundError, IsADirectoryError):
            if word.encode() in path.read_bytes():
                paths.append(path)
    return paths


def test_what_a_person_sees_of_it(lit: Beacons) -> None:
    rows = lit.inv("beacon.status", "--json").rows
    assert [rows[host]["state"] for host in HOSTS] == ["ok"] * 3
    assert [rows["n1"]["fields"][key] for key in ("swarm", "stack", "image")] == [
        "manager",
        "runs",
        "busybox:1.36",
    ]
    assert re.fullmatch(r"worker of 10\.\d+\.0\.1:2377", rows["n2"]["fields"]["swarm"])
    assert lit.inv("beacon.exec", "--host=n3", "--", "sh", "-c", "hostname; exit 7").code == 7
    logs = lit.inv("beacon.logs").out
    assert {host for host in HOSTS if re.search(rf"@{host} +\\| lit", logs)} == set(HOSTS), logs


def test_a_part_of_the_hosts_is_refused(lit: Beacons) -> None:
    result = lit.inv("beacon.up", "--host=n1")
    assert (
        result.code,
        "the stack beacon is launched as a whole, and n2, n3 would be left out; leave --host away"
        in result.out,
    ) == (2, True), result.out


def test_drift_is_seen_and_mended(lit: Beacons) -> None:
    under("n1", 'docker service update --detach --env-add "BY=hand" "$1"', SERVICE)
    assert lit.inv("beacon.up", "--dry-run", "--fail-on=changed").code == 9
    assert "deployed" in changed(lit.up())


# Rotation


def test_a_secret_is_rotated_without_a_moment_in_which_none_is_mounted(lit: Beacons) -> None:
    old, before = lit.sum, under("n1", SECRETS).split()
    with ThreadPoolExecutor() as pool:
        each("rm -f /tmp/over")
        watches = {
            host: pool.submit(under, host, WATCH, SERVICE, "/tmp/over", FILE) for host in HOSTS
        }
        time.sleep(1)
        lit.code.write_bytes(tarball("second"))
        result = lit.inv("beacon.up", "--json")
        time.sleep(1)
        each("touch /tmp/over")
        samples = {host: watch.result().splitlines() for host, watch in watches.items()}
    assert result.code == 0, result.err + result.out
    assert "secret beacon.code" in changed(result)
    for host, seen in samples.items():
        assert len(seen) > 10, host
        assert " none" not in seen, (host, len(seen))
        assert (seen[0].split(), seen[-1].split()) == ([old], [lit.sum])
    after = under("n1", SECRETS).split()
    assert (len(before), len(after), set(before) & set(after)) == (1, 1, set())
    print({host: len(seen) for host, seen in samples.items()}, before, after)


def test_a_rotation_that_fails_leaves_the_old_secret_in_service_and_takes_the_new_one_away(
    lit: Beacons,
) -> None:
    old, before, kept = lit.sum, under("n1", SECRETS), lit.code.read_bytes()
    lit.code.write_bytes(tarball("third"))
    lit.says(does="echo no configuration >&2; exit 3")
    result = lit.inv("beacon.up", "--json")
    lit.code.write_bytes(kept)
    assert (result.code, result.rows["n1"]["state"]) == (8, "rolled-back"), result.err + result.out
    for words in (
        "0 of 3 run",
        "task: non-zero exit (3)",
        "it said: no configuration",
        "the old one is back",
    ):
        assert words in result.rows["n1"]["error"]
    assert (under("n1", sh.text("swarm_settled")), under("n1", SECRETS)) == (
        f"{SERVICE} 3/3\n",
        before,
    )
    assert sums(SERVICE, FILE) == {old}
    lit.says()
    assert not lit.up().json["changed"]


# What Docker calls a success


@pytest.mark.parametrize(
    ("by_hand", "says", "words"),
    [
        (CRASHES, {"does": "echo no configuration >&2; exit 3"}, "task: non-zero exit (3)"),
        (
            NOWHERE,
            {"constraint": "node.labels.moon == full", "replicas": 2, "patience": 3},
            "no suitable node (scheduling constraints not satisfied on 3 nodes)",
        ),
    ],
    ids=["crashes", "nowhere"],
)
def test_a_service_that_does_not_run_is_an_error_although_docker_says_0(
    repository: Beacons, by_hand: str, says: dict, words: str
) -> None:
    repository.says()
    repository.inv("beacon.down", "--yes")
    assert under("n1", sh.text("swarm_by_hand"), by_hand) == "docker says 0\n"
    repository.says(**says)
    result = repository.inv("beacon.up", "--json")
    assert (result.code, result.rows["n1"]["state"]) == (1, "rolled-back"), result.err + result.out
    assert words in result.rows["n1"]["error"]
    assert under("n1", SERVICES) == ""


def test_a_task_that_dies_again_and_again_is_not_healthy(lit: Beacons) -> None:
    """Each time that it is asked it may run. Docker's own way back sometimes leaves more tasks than
    are wanted, and then nothing is said to be back.
    """
    lit.says(does="sleep 4; exit 3", steady=6)
    result = lit.inv("beacon.up", "--json", timeout=300)
    error = result.rows["n1"]["error"]
    assert "task: non-zero exit (3)" in error
    if result.code == 8:
        assert error.endswith("; the old one is back; its status now: well")
        assert under("n1", SERVICES) == f"{SERVICE} 3/3\n"
    else:
        words = r"; the old one was started and does not answer \(beacon_light: \d of 3 run"
        assert re.search(words, error), error
    lit.says()
    assert lit.inv("beacon.down", "--yes").code == 0
    lit.up()


def test_one_in_the_middle_of_it_is_told_by_status_and_can_be_taken_down(lit: Beacons) -> None:
    under("n1", sh.text("swarm_dies"), SERVICE)
    rows = lit.inv("beacon.status", "--json").rows
    assert any("restarted" in row["fields"]["task"] for row in rows.values()), rows
    assert lit.inv("beacon.down", "--yes").code == 0
    assert set(each("docker ps -aq").values()) == {""}
    lit.up()


# Down, and what else happens to a swarm


def test_down_takes_everything_away_but_secret_and_swarm(lit: Beacons) -> None:
    assert lit.inv("beacon.down", "--yes").code == 0
    assert under("n1", sh.text("swarm_of_beacon")) == ""
    assert set(each("docker ps -aq").values()) == {""}
    assert under("n1", "docker node ls -q | wc -l") == "3\n"
    assert len(under("n1", SECRETS).split()) == 1
    assert not lit.inv("beacon.down", "--yes", "--json").json["changed"]
    assert "secret beacon.code" not in changed(lit.up())


def test_a_manager_that_loses_its_power_in_the_middle(lit: Beacons) -> None:
    kept, old = lit.code.read_bytes(), lit.sum
    lit.code.write_bytes(tarball("fourth"))
    running = lit.start("beacon.up")
    running.until("deployed: changed")
    done("lab.power", "--host=n1", "--state=off")
    try:
        assert running.interrupt().code == 130
        assert sums(SERVICE, FILE, "n2", "n3") <= {old, lit.sum}  # workers go on by themselves
    finally:
        done("lab.power", "--host=n1", "--state=on")
    under("n1", sh.text("swarm_answers"))
    stranded = lit.inv("beacon.up")
    assert (stranded.code, "bring it to one side: inv runs.recover --host=n1" in stranded.out) == (
        6,
        True,
    ), stranded.out
    recovered = lit.inv("runs.recover", "--host=n1", timeout=180)
    assert recovered.code == 0, recovered.err + recovered.out
    lit.code.write_bytes(kept)
    lit.up()
    assert sums(SERVICE, FILE) == {old}
    assert len(under("n1", SECRETS).split()) == 1


def test_a_host_of_another_swarm_is_refused_and_stays_in_it(repository: Beacons) -> None:
    repository.says()
    repository.inv("beacon.down", "--yes")
    each("docker swarm leave --force >/dev/null 2>&1")
    under("n2", "docker swarm init >/dev/null 2>&1")
    before = under("n2", "docker info --format '{{.Swarm.NodeID}}'")
    result = repository.inv("beacon.up")
    assert result.code == 4
    assert (
        "n2 beacon: swarm: blocks: found manager: another swarm, wanted in the swarm of n1, or "
        "in none yet" in result.out
    ), result.out
    assert under("n1", "docker info --format '{{.Swarm.LocalNodeState}}'") == "inactive\n"
    assert under("n2", "docker info --format '{{.Swarm.NodeID}}'") == before
    result = repository.inv("beacon.leave", "--host=n2")
    assert (result.code, under("n2", "docker info --format '{{.Swarm.LocalNodeState}}'")) == (
        0,
        "inactive\n",
    ), result.out
