"""A test point on real hosts, from nothing to a new version and back. n1 and n2: supervisord
flavor;
n3 has cgroup v2: systemd flavor."""

import shlex
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import yaml

from tests.e2e.checkout import Checkout
from tests.e2e.ground import (
    HOSTS,
    NAME,
    REMOTE,
    STATE,
    container,
    containers,
    done,
    listing,
    publish,
    remotes,
    sh,
    site_with,
    under,
    version,
)
from tests.e2e.inv import inv

DOCUMENT = yaml.safe_load((Path(__file__).parent / "cases/document.yml").read_text())
CHANGE = "echo ours >>/etc/owamp-server/owamp-server.conf; echo ours >/var/log/ours"
CHANGED = "tail -n 1 /etc/owamp-server/owamp-server.conf; cat /var/log/ours"
BUNDLE = "/var/lib/perfsonar/bundles/bundle_version"  # what the world is shown as its version
FLAVORS = {"n1": "supervisord", "n3": "systemd"}


def commands(said, host: str) -> list[list[str]]:
    return [argv for step in said.rows[host]["steps"] for argv in step["commands"]]


def steps(said, *, host: str = "n1", state: str = "changed") -> list[str]:
    return [name for name, how in said.steps(host).items() if how == state]


def is_the_documents_line(argv: list[str], line: str) -> bool:
    """The document's words in their order; what fairlead adds stands before the image."""
    words = shlex.split(line)
    return argv[: len(words) - 1] == words[:-1] and argv[-1] == words[-1]


# Up


def test_a_dry_run_holds_the_documents_lines_to_the_letter_and_changes_nothing(bare) -> None:
    before = listing()
    said = done("perfsonar.up", "--host=n1,n3", "--dry-run", "--json")
    assert listing() == before
    for host, flavor in FLAVORS.items():
        lines, argvs = DOCUMENT[flavor], commands(said, host)
        assert shlex.split(lines["pull"]) in argvs
        assert any(is_the_documents_line(argv, lines["run"]) for argv in argvs)
        assert said.rows[host]["state"] == "would-change"


def test_up_from_nothing_then_nothing_more_to_do(bare) -> None:
    first = done("perfsonar.up", "--json")
    assert {host: steps(first, host=host) for host in HOSTS} == {
        host: ["image", "state", "container"] for host in HOSTS
    }
    before = listing(of="containers")
    second = done("perfsonar.up", "--json")
    assert {step for host in HOSTS for step in second.steps(host).values()} == {"ok"}
    assert not second.json["changed"]
    assert listing(of="containers") == before
    assert "systemd" in under("n3", 'docker exec "$1" cat /proc/1/comm', NAME)


def test_status_says_flavor_and_why(running) -> None:
    rows = done("perfsonar.status", "--json").rows
    assert [rows[host]["fields"]["flavor"] for host in ("n1", "n3")] == [
        "supervisord: this host has cgroup v1, and the systemd flavor needs v2",
        "systemd: this host has cgroup v2",
    ]
    assert {rows[host]["fields"]["pscheduler"] for host in HOSTS} == {"answers"}


def test_status_of_one_that_is_killed_is_not_well(running) -> None:
    under("n1", 'docker kill "$1"', NAME)
    said = inv("perfsonar.status", "--host=n[1-2]", "--json")
    assert (said.code, {host: row["state"] for host, row in said.rows.items()}) == (
        1,
        {"n1": "failed", "n2": "ok"},
    )
    assert steps(done("perfsonar.up", "--host=n1", "--json")) == ["container"]
    assert containers("n1") == {NAME: "running"}


def test_drift_is_an_exit_code(running) -> None:
    under("n1", 'docker rm -f "$1"', NAME)
    assert inv("perfsonar.up", "--host=n1", "--dry-run", "--fail-on=changed").code == 9
    done("perfsonar.up", "--host=n1")
    assert inv("perfsonar.up", "--host=n1", "--dry-run", "--fail-on=changed").code == 0


QUICK = "pscheduler troubleshoot --quick --host localhost"
PSCHEDULER = ("pscheduler", "version", "registered", "tasks")


def health(host: str) -> tuple[int, str]:
    said = inv("perfsonar.status", f"--host={host}", "--json")
    return said.code, said.rows[host]["fields"]["pscheduler"]


def test_a_daemon_that_died_is_missed_though_pscheduler_answers(running) -> None:
    inside = 'docker exec "$1" sh -c "$2"'
    under("n3", inside, NAME, "systemctl stop pscheduler-runner")
    assert "alive" in under("n3", 'docker exec "$1" pscheduler ping localhost', NAME)
    assert health("n3") == (1, "not well: pscheduler-runner does not run")
    under("n3", inside, NAME, "systemctl start pscheduler-runner")
    assert health("n3") == (0, "answers")
    agent = "/usr/lib/perfsonar/psconfig/bin/psconfig_pscheduler_agent"
    under("n1", inside, NAME, f"mv {agent} /tmp/agent; kill $(pidof {Path(agent).name})")
    assert health("n1") == (1, "not well: psconfig-pscheduler-agent does not run")
    under("n1", inside, NAME, f"mv /tmp/agent {agent}")
    assert inv("perfsonar.restart", "--host=n1").code == 0


def test_a_database_that_is_dead_is_not_well_and_a_late_scheduler_is(running) -> None:
    inside = 'docker exec "$1" sh -c "$2"'
    under("n3", inside, NAME, "systemctl stop postgresql")
    assert health("n3")[0] == 1
    assert inv("perfsonar.restart", "--host=n3").code == 0
    for times, code in ((2, 0), (3, 1)):
        under("n3", inside, NAME, f"echo Scheduler {times} >/run/overdue; : >/run/no-dns")
        assert health("n3")[0] == code
    under("n3", inside, NAME, "rm -f /run/overdue /run/no-dns")
    fields = done("perfsonar.status", "--host=n3", "--json").rows["n3"]["fields"]
    assert [fields[key] for key in PSCHEDULER] == ["answers", "5.0.0", "yes", "0"]


@pytest.mark.long
def test_a_watchdog_starts_the_same_container_anew(running, tmp_path) -> None:
    section = {"hosts": "n1", "patience": 8, "watchdog": {"failures": 1, "restarts": 1}}
    site = f"--site={site_with(tmp_path, perfsonar=section)}"
    put = ["watchdog", "watchdog's unit", "watchdog's timer", "watchdog runs"]
    assert steps(done("perfsonar.up", site, "--json")) == put
    assert steps(done("perfsonar.up", site, "--json")) == []
    before, inside = container("n1"), 'docker exec "$1" sh -c "$2"'
    look = 'sh "$1"/watchdog/program; echo "$?"'
    assert under("n1", look, STATE).strip() == "0"
    for ends in ("0", "1"):  # then it has been started anew once, which is all it may
        under("n1", inside, NAME, "echo Runner 9 >/run/overdue")
        until(lambda: "functioning" not in under("n1", inside, NAME, QUICK))
        time.sleep(9)
        assert under("n1", look, STATE).split()[-1] == ends
    assert container("n1") == before
    fields = inv("perfsonar.status", site, "--json").rows["n1"]["fields"]
    assert fields["watchdog"] == "restarts within the hour: 1"
    under("n1", inside, NAME, "rm -f /run/overdue")
    assert steps(done("perfsonar.up", "--host=n1", "--json")) == ["no watchdog"]
    assert under("n1", "ls /etc/systemd/system | grep -c watchdog || :").strip() == "0"


# State


def test_down_and_up_and_restart_keep_remotes_and_scheduled_tests(fresh) -> None:
    done("perfsonar.psconfig.add", f"--url={REMOTE}", "--host=n1")
    done("perfsonar.throughput", "--host=n1", "--dest=n2")
    for verbs in (("perfsonar.down", "perfsonar.up"), ("perfsonar.restart",)):
        was = container("n1")
        done(*verbs, "--host=n1", "--yes")
        assert (container("n1") != was) == (len(verbs) == 2)
        assert (remotes("n1"), under("n1", sh.text("tasks"), NAME).strip()) == (REMOTE, "1")


def test_psconfig_remotes_of_all_hosts_at_once(running) -> None:
    states = [
        done("perfsonar.psconfig.add", f"--url={REMOTE}", "--json").json["changed"]
        for _ in range(2)
    ]
    assert states == [True, False]
    assert {remotes(host) for host in HOSTS} == {REMOTE}
    assert done("perfsonar.psconfig.list").out.startswith("--- n[1-3] ---\n")
    states = [
        done("perfsonar.psconfig.delete", f"--url={REMOTE}", "--json").json["changed"]
        for _ in range(2)
    ]
    assert states == [True, False]
    assert {remotes(host) for host in HOSTS} == {""}


def test_remotes_of_the_site_are_there_after_up(running, tmp_path) -> None:
    site = site_with(tmp_path, perfsonar={"hosts": "n1", "psconfig": [REMOTE]})
    assert steps(done("perfsonar.up", f"--site={site}", "--json")) == [f"psconfig {REMOTE}"]
    assert remotes("n1") == REMOTE
    done("perfsonar.psconfig.delete", "--host=n1", f"--url={REMOTE}")


KNOWN = 'hostname -I | sed "s/ .*/ $1/" >>/etc/hosts'
AUTO = "https://psconfig.opensciencegrid.org/pub/auto/"


def test_one_line_of_the_site_enrols_a_host_under_each_of_its_names(running, tmp_path) -> None:
    section = {
        "hosts": "n1",
        "psconfig": [{"url": f"{AUTO}%h"}],
        "names": {"n1": ["ps-lat.example.org", "ps-bw.example.org"]},
        "psconfig_only": True,
    }
    site = f"--site={site_with(tmp_path, perfsonar=section)}"
    done("perfsonar.psconfig.add", f"--url={REMOTE}", "--host=n1")
    blocked = inv("perfsonar.up", site)
    unknown = "name ps-bw.example.org: blocks: found it does not resolve"
    assert (blocked.code, unknown in blocked.out) == (4, True)
    under("n1", KNOWN, "ps-lat.example.org ps-bw.example.org")
    assert f"-{REMOTE}" in done("perfsonar.up", site, "--dry-run").out
    urls = [f"{AUTO}ps-{name}.example.org" for name in ("lat", "bw")]
    changes = [*(f"psconfig {url}" for url in urls), "no other psconfig"]
    assert steps(done("perfsonar.up", site, "--json")) == changes
    assert remotes("n1").split() == urls
    assert not done("perfsonar.up", site, "--json").json["changed"]
    # added again by hand, it has lost the flag
    under("n1", 'docker exec "$1" psconfig remote add "$2"', NAME, urls[0])
    assert steps(done("perfsonar.up", site, "--json")) == [f"psconfig {urls[0]}"]
    flags = under("n1", 'docker exec "$1" psconfig remote list | grep -c archives', NAME)
    assert flags.strip() == "2"
    for url in urls:
        done("perfsonar.psconfig.delete", f"--url={url}", "--host=n1")


def test_a_url_that_psconfig_refuses_with_exit_code_0_is_a_failure(running) -> None:
    refused = inv("perfsonar.psconfig.add", "--url=https://ps.example.org:99999/x", "--host=n1")
    assert refused.code == 1
    assert "psconfig did not take it: its list has no https://ps.example.org:99999/x" in refused.out


REGISTERED = "/var/lib/perfsonar/lsregistrationdaemon/registered"


def test_the_lookup_service_is_told_what_the_site_says_and_its_daemon_lives(
    running, tmp_path
) -> None:
    daemon = 'docker exec "$1" pidof lsregistrationdaemon.pl'
    section = {"hosts": "n1", "registration": {"site": "T2 Nord", "city": "Genève"}}
    site = f"--site={site_with(tmp_path, perfsonar=section)}"
    before = under("n1", daemon, NAME)
    assert steps(done("perfsonar.up", site, "--json")) == ["registration"]
    assert not done("perfsonar.up", site, "--json").json["changed"]

    def told() -> str:
        return under("n1", 'docker exec "$1" cat "$2"', NAME, REGISTERED)

    until(lambda: "site_name=T2 Nord\ncity=Genève\n" in told())
    section["registration"] = {"site": "T2 Nord", "city": "Lyon"}
    done("perfsonar.up", f"--site={site_with(tmp_path, perfsonar=section)}")
    until(lambda: "city=Lyon\n" in told())  # its file is still the one that it watches
    assert (before != "", under("n1", daemon, NAME)) == (True, before)


def test_limits_and_templates_of_the_site_are_tried_before_they_count(running, tmp_path) -> None:
    section = {
        "hosts": "n1",
        "limits": {"schema": 3, "#": "ours"},
        "templates": {"own.json": {"tests": {}, "tasks": {}}},
    }
    site = f"--site={site_with(tmp_path, perfsonar=section)}"
    assert steps(done("perfsonar.up", site, "--json")) == ["limits", "template own.json"]
    assert not done("perfsonar.up", site, "--json").json["changed"]
    files = ("/etc/pscheduler/limits.conf", "/etc/perfsonar/psconfig/pscheduler.d/own.json")
    limits, template = (under("n1", 'docker exec "$1" cat "$2"', NAME, file) for file in files)
    assert ('"ours"' in limits, '"tasks"' in template) == (True, True)
    section["templates"] = {"own.json": {"task": {}}}
    refused = inv("perfsonar.up", f"--site={site_with(tmp_path, perfsonar=section)}")
    assert (refused.code, "'tests' is a required property" in refused.out) == (1, True)
    assert under("n1", 'docker exec "$1" cat "$2"', NAME, files[1]) == template
    under("n1", 'docker exec "$1" rm "$2"', NAME, files[1])


EXPORTER = (
    "grep -o 'EXPORTER_OPTS=.*' /etc/default/node_exporter; systemctl is-active node_exporter"
)


@pytest.mark.long
def test_an_option_of_node_exporter_stands_beside_the_image_s_own(running, tmp_path) -> None:
    def site(options: str) -> str:
        section = {"hosts": "n3", "node_exporter": options, "patience": 60}
        return f"--site={site_with(tmp_path, perfsonar=section)}"

    inside = 'docker exec "$1" sh -c "$2"'
    image = under("n3", inside, NAME, EXPORTER)
    assert steps(done("perfsonar.up", site("--no-collector.cpufreq"), "--json"), host="n3")[-1] == (
        "node_exporter"
    )
    ours = image.replace('"\nactive', ' --no-collector.cpufreq"\nactive')
    assert (under("n3", inside, NAME, EXPORTER), ours != image) == (ours, True)
    assert not done("perfsonar.up", site("--no-collector.cpufreq"), "--json").json["changed"]
    refused = inv("perfsonar.up", site("--nonesuch"), "--json")
    assert (refused.code, refused.steps("n3")["node_exporter"]) == (1, "failed")
    assert under("n3", inside, NAME, EXPORTER) == ours
    done("perfsonar.up", "--host=n3")


# Upgrade, and back


def test_upgrade_keeps_the_state_and_rollback_returns_to_the_state_of_that_time(fresh) -> None:
    done("perfsonar.psconfig.add", f"--url={REMOTE}", "--host=n[1-2]")
    done("perfsonar.throughput", "--host=n1", "--dest=n2")
    under("n1", 'docker exec "$1" sh -c "$2"', NAME, CHANGE)
    publish("5.1.0")
    done("perfsonar.upgrade", "--host=n[1-2]")
    assert under("n1", 'docker exec "$1" sh -c "$2"', NAME, CHANGED) == "ours\nours\n"
    assert [(version(host), remotes(host)) for host in ("n1", "n2")] == [("5.1.0", REMOTE)] * 2
    assert containers("n1") == {NAME: "running", f"{NAME}.previous": "exited"}
    assert under("n1", 'docker exec "$1" cat "$2"', NAME, BUNDLE).strip() == "5.1.0"
    done("perfsonar.throughput", "--host=n1", "--dest=n2")
    assert under("n1", sh.text("tasks"), NAME).strip() == "2"
    done(
        "perfsonar.rollback", "--host=n1"
    )  # 5.0.0 refuses the database that 5.1.0 has migrated: that of its own time is back
    assert (version("n1"), remotes("n1"), under("n1", sh.text("tasks"), NAME).strip()) == (
        "5.0.0",
        REMOTE,
        "1",
    )
    assert "newer-" in under("n1", 'ls "$1"', STATE)
    again = inv("perfsonar.rollback", "--host=n1")
    assert (again.code, again.out) == (
        1,
        f"n1 perfsonar: failed: there is no version of {NAME} to return to; "
        "it has not been upgraded since it was brought up\n",
    )


def test_up_takes_the_image_that_is_here_and_with_pull_the_newest(cleared) -> None:
    done("perfsonar.up", "--host=n1")
    done("perfsonar.down", "--host=n1")
    publish("5.1.0")
    for pull, release in (((), "5.0.0"), (("--pull",), "5.1.0")):
        done("perfsonar.up", "--host=n1", *pull)
        assert version("n1") == release
        if not pull:
            done("perfsonar.down", "--host=n1")
    assert not done("perfsonar.up", "--host=n1", "--pull", "--json").json["changed"]


def test_a_dry_run_of_an_upgrade_tells_every_step_that_the_upgrade_then_changes(fresh) -> None:
    publish("5.1.0")
    under("n1", 'docker pull -q "$1"', "perfsonar/testpoint")
    dry = done("perfsonar.upgrade", "--host=n[1-2]", "--dry-run", "--json")
    assert containers("n2") == {NAME: "running"}
    ran = done("perfsonar.upgrade", "--host=n[1-2]", "--json")
    waits = {"healthy", "verify"}  # they change nothing: a run calls them ok
    for host in ("n1", "n2"):
        assert set(steps(dry, host=host, state="would-change")) - waits == set(
            steps(ran, host=host)
        )
    assert "stop" in steps(ran, host="n2")
    after = {step["name"]: step.get("after") for step in dry.rows["n2"]["steps"]}
    assert (after["pull"], after["stop"], after["finish"]) == (None, ["pull"], ["container"])
    assert inv("perfsonar.upgrade", "--host=n[1-2]", "--dry-run", "--fail-on=changed").code == 0


ELSEWHERE = "/registry-1/s/^[^ ]*/127.9.9.9/"
READ_ANEW = "sleep 6"  # an engine keeps what it has read of /etc/hosts for five seconds


@pytest.mark.parametrize(("max_fail", "released"), [(0, "5.0.0"), (1, "5.1.0")])
def test_hosts_that_stay_old_because_of_one_that_reaches_no_registry_are_skipped(
    fresh, max_fail, released
) -> None:
    publish("5.1.0")
    under("n2", f"cp /etc/hosts /root/hosts; sed -i '{ELSEWHERE}' /etc/hosts; {READ_ANEW}")
    argv = ("perfsonar.upgrade", "--host=n[1-2]", "--batch=1", f"--max-fail={max_fail}")
    said = inv(*argv, "--json")
    under("n2", f"cat /root/hosts >/etc/hosts; rm /root/hosts; {READ_ANEW}")
    assert (said.code, said.rows["n2"]["state"]) == (1, "failed")
    assert (version("n1"), version("n2")) == (released, "5.0.0")
    if max_fail:
        assert said.rows["n1"]["state"] == "changed"
    else:
        assert (said.rows["n1"]["state"], said.rows["n1"]["code"]) == ("skipped", 1)
        assert said.rows["n1"]["error"] == "n1: not upgraded because of n2; pull stays done"


def test_a_dump_that_fails_stops_the_upgrade_until_it_is_left_out(fresh) -> None:
    broken = "printf '#!/bin/sh\necho no such cluster >&2; exit 1\n' >/usr/bin/pg_dumpall"
    under("n1", 'docker exec -u 0 "$1" sh -c "$2"', NAME, broken)
    publish("5.1.0")
    said = inv("perfsonar.upgrade", "--host=n1")
    remedy = "mend what it says, or go on without it: --skip-dump"
    assert (said.code, "dump: no such cluster" in said.out, remedy in said.out) == (1, True, True)
    assert version("n1") == "5.0.0"
    done("perfsonar.upgrade", "--host=n1", "--skip-dump")
    assert version("n1") == "5.1.0"
    journal = under("n1", "tail -n 1 /var/lib/fairlead/journal")
    assert " inv perfsonar.upgrade --host=n1 --skip-dump [fairlead " in journal


def test_upgrade_with_nothing_new_stops_nothing(fresh) -> None:
    before = {
        host: (container(host), under(host, "docker inspect -f '{{.State.StartedAt}}' $1", NAME))
        for host in ("n1", "n2")
    }
    assert not done("perfsonar.upgrade", "--host=n[1-2]", "--json").json["changed"]
    assert {
        host: (container(host), under(host, "docker inspect -f '{{.State.StartedAt}}' $1", NAME))
        for host in ("n1", "n2")
    } == before


def test_a_broken_version_is_exit_8_and_the_old_one_is_back_with_its_state(fresh, tmp_path) -> None:
    done("perfsonar.psconfig.add", f"--url={REMOTE}", "--host=n[1-2]")
    before = {host: container(host) for host in ("n1", "n2")}
    publish("5.2.0", broken=True)
    said = inv(
        "perfsonar.upgrade",
        f"--site={site_with(tmp_path, perfsonar={'patience': 6, 'hosts': 'n[1-2]'})}",
        "--json",
    )
    assert (said.code, {row["state"] for row in said.rows.values()}) == (8, {"rolled-back"})
    assert {host: container(host) for host in ("n1", "n2")} == before
    assert [(version(host), remotes(host), list(containers(host))) for host in ("n1", "n2")] == [
        ("5.0.0", REMOTE, [NAME])
    ] * 2
    assert done("perfsonar.status", "--host=n[1-2]", "--json").json["ok"]
    done("perfsonar.restart", "--host=n1")


@pytest.mark.long
def test_the_systemd_flavor_is_upgraded_too(running) -> None:
    publish("5.1.0", flavor="systemd")
    done("perfsonar.psconfig.add", f"--url={REMOTE}", "--host=n3")
    done("perfsonar.upgrade", "--host=n3")
    assert (version("n3"), remotes("n3")) == ("5.1.0", REMOTE)
    done("perfsonar.rollback", "--host=n3")
    assert (version("n3"), remotes("n3")) == ("5.0.0", REMOTE)
    done("perfsonar.psconfig.delete", "--host=n3", f"--url={REMOTE}")


def test_systemd_ends_when_it_is_told_to_and_its_database_with_it(running) -> None:
    signal = under(
        "n3", "docker image inspect -f '{{.Config.StopSignal}}' perfsonar/testpoint:systemd"
    )
    assert signal.strip() == ""  # the real image names none either
    database = f"{STATE}/current/var/lib/postgresql/14/main/postmaster.pid"
    until(lambda: under("n3", sh.text("perfsonar_database"), NAME, database))
    begun = time.monotonic()
    done("perfsonar.down", "--host=n3")
    assert time.monotonic() - begun < 25  # an engine kills what has not ended after 30 s
    assert under("n3", '[ -e "$1" ] || echo ended', database).strip() == "ended"
    done("perfsonar.up", "--host=n3")


def test_the_agent_notices_what_is_added_to_its_file(running) -> None:
    tracker = "/var/lib/perfsonar/psconfig/psc_tracker"

    def is_read(url: str) -> bool:
        return url in under("n1", 'docker exec "$1" cat "$2"', NAME, tracker)

    urls = [f"{REMOTE}?{number}" for number in (1, 2)]
    for url in urls:
        done("perfsonar.psconfig.add", f"--url={url}", "--host=n1")
        until(partial(is_read, url))
    for url in urls:
        done("perfsonar.psconfig.delete", f"--url={url}", "--host=n1")


@pytest.mark.parametrize("verb", ["up", "upgrade"])
def test_a_container_started_by_hand_without_volumes_is_adopted(cleared, verb) -> None:
    under("n1", DOCUMENT["supervisord"]["run"])
    under("n1", sh.text("test_point_answers"), "docker", NAME, REMOTE)
    by_hand = container("n1")
    refused = inv("perfsonar.down", "--host=n1")
    assert (refused.code, refused.out) == (
        1,
        f"n1 perfsonar: failed: {NAME} was not started by fairlead and may hold its state inside; "
        "inv perfsonar.up --host=n1 adopts it first\n",
    )
    done(f"perfsonar.{verb}", "--host=n1")
    assert (remotes("n1"), container("n1", f"{NAME}.previous")) == (REMOTE, by_hand)
    assert "Mounts" in under("n1", 'docker inspect "$1" | grep -m1 Mounts', NAME)
    assert REMOTE in under(
        "n1", 'cat "$1/current/etc/perfsonar/psconfig/pscheduler-agent.json"', STATE
    )
    assert not done("perfsonar.up", "--host=n1", "--json").json["changed"]


@pytest.mark.long
def test_what_else_one_started_by_hand_has_is_listed_and_kept_or_archived(cleared) -> None:
    options = "-e 'OWNER=ops of ours' -v /tmp/data:/srv/data --label owner=ops"
    under("n1", DOCUMENT["supervisord"]["run"].replace("docker run", f"docker run {options}"))
    under("n1", sh.text("test_point_answers"), "docker", NAME, REMOTE)
    under("n1", 'docker exec "$1" sh -c "mkdir /etc/owamp; echo x >/etc/owamp/limits"', NAME)
    listed = done("perfsonar.up", "--host=n1", "--dry-run").out
    for line in ("-/etc/owamp/limits", "+--volume=/tmp/data:/srv/data", "+OWNER=..."):
        assert line in listed, listed
    done("perfsonar.up", "--host=n1")
    inside = under("n1", "docker exec \"$1\" sh -c 'echo $OWNER; ls -d /srv/data'", NAME)
    assert (inside, remotes("n1")) == ("ops of ours\n/srv/data\n", REMOTE)
    archive = "/var/lib/fairlead/backups/perfsonar/*-inside-*.tar.gz"
    assert "./files/etc/owamp/limits\n" in under("n1", f"tar -tzf {archive}; rm {archive}")
    assert not done("perfsonar.up", "--host=n1", "--json").json["changed"]


# Compose


def test_compose_launches_upgrades_and_returns(cleared, tmp_path) -> None:
    section = {"launch": "compose", "hosts": "n1", "patience": 6}
    site = f"--site={site_with(tmp_path, perfsonar=section)}"
    assert "compose file" in steps(done("perfsonar.up", site, "--json"))
    assert not done("perfsonar.up", site, "--json").json["changed"]
    assert "com.docker.compose.project" in under("n1", 'docker inspect "$1"', NAME)
    done("perfsonar.psconfig.add", site, f"--url={REMOTE}")
    publish("5.1.0")
    done("perfsonar.upgrade", site)
    assert (version("n1"), remotes("n1")) == ("5.1.0", REMOTE)
    publish("5.2.0", broken=True)
    broken = inv("perfsonar.upgrade", site)
    assert (broken.code, version("n1"), remotes("n1")) == (8, "5.1.0", REMOTE)
    done("perfsonar.rollback", site)
    assert (version("n1"), remotes("n1")) == ("5.0.0", REMOTE)
    done("perfsonar.down", site)
    assert containers("n1") == {}


def test_a_compose_that_stands_alone_blocks_up_and_the_fix_makes_it_docker_s(
    cleared, tmp_path
) -> None:
    site = f"--site={site_with(tmp_path, perfsonar={'launch': 'compose', 'hosts': 'n1'})}"
    under("n1", sh.text("compose_alone"))
    try:
        blocked = inv("perfsonar.up", site)
        assert blocked.code == 4
        assert "alone: `docker compose` does not know it, wanted Docker Compose" in blocked.out
        done("perfsonar.preflight", "--fix", site)
        done("perfsonar.up", site)
        assert version("n1") == "5.0.0"
    finally:
        done("perfsonar.down", site)
        under("n1", sh.text("compose_as_made"))
    assert under("n1", "docker compose version --short; docker-compose version --short").split()


@pytest.mark.long
def test_a_checkout_is_built_and_driven_by_its_own_compose_files(cleared, tmp_path) -> None:
    checkout = Checkout("n1", tmp_path)
    checkout.is_upgraded_and_returns()
    checkout.goes()


@pytest.mark.long
def test_another_that_answers_on_its_port_is_not_its_health(fresh) -> None:
    under("n1", 'docker stop "$1"', NAME)
    under("n1", "docker run -d --name other --net=host perfsonar/testpoint")
    ping = 'docker exec "$1" pscheduler ping localhost && echo answers'
    until(lambda: "answers" in under("n1", ping, "other"))
    under("n1", 'docker start "$1"', NAME)
    said = inv("perfsonar.status", "--host=n1", "--json")
    assert "answers" in under("n1", ping, NAME)  # the other one does
    assert (said.code, said.rows["n1"]["fields"]["pscheduler"]) == (1, "does not answer")
    refused = inv("perfsonar.restart", "--host=n1", "--json")
    assert refused.code == 1
    assert f"another listens on port 443, not {NAME}" in refused.rows["n1"]["error"]
    under("n1", "docker rm -fv other")
    assert inv("perfsonar.restart", "--host=n1").code == 0


def until(answer: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not answer():
        assert time.monotonic() < end
        time.sleep(0.5)
