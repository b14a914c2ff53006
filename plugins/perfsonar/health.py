"""When a test point is well, and what it says of itself.

`pscheduler ping` is a question to the web server; `troubleshoot --quick` asks the database and the
daemons' signs of life too. A daemon that never started has none that could be late, so it is looked
for besides. Sources: pscheduler-core/troubleshoot, database/heartbeat.sql; host-metrics,
perfsonar_host_exporter.py.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from fairlead.api import Argv, Container, Fact, Noun, docker, script

from .site import PerfSonar

# unit -> a pattern of its process, for images without systemd; [] keeps it from finding the program
# that looks for it. Without web server or database pScheduler itself does not answer
DAEMONS = {
    "apache2": "",
    "postgresql": "",
    "pscheduler-ticker": "daemons/[t]icker",
    "pscheduler-scheduler": "daemons/[s]cheduler",
    "pscheduler-runner": "daemons/[r]unner",
    "pscheduler-archiver": "daemons/[a]rchiver",
    "psconfig-pscheduler-agent": "[p]sconfig_pscheduler_agent",
    "owamp-server": "[o]wampd",
    "perfsonar-lsregistrationdaemon": "[l]sregistrationdaemon.pl",
}
IN_A_ROW = "3"
METRICS = "https://localhost/perfsonar_host_exporter/"
NOT_WELL = "not well: "

sh = script.beside(__file__)


class Metrics(Noun):
    """What the exporter of a test point says of it; "": it does not say.

    `registered`: yes or no, by the word of the lookup service. `tasks`: how many psconfig has made.
    """

    version: str = ""
    registered: str = ""
    tasks: str = ""


def question(site: PerfSonar) -> Argv:
    """Asked inside: 0 is well."""
    if site.health == "ping":
        return ("pscheduler", "ping", "localhost")
    return sh("quick", IN_A_ROW, *(f"{unit}:{pattern}" for unit, pattern in DAEMONS.items()))


def with_words(fact: Fact) -> Fact:
    """The fact `healthy` with its reason: True, or what is not well of it, "" where nobody says."""
    return msgspec.structs.replace(fact, parse=_health)


def _health(code: int, text: str) -> bool | str:
    lines = [line for line in text.splitlines() if line.startswith(NOT_WELL)]
    return code == 0 or "".join(lines[-1:])


def described(health: object) -> str:
    """The fact `healthy` in words."""
    return "answers" if health is True else str(health or "does not answer")


def metrics_fact(c: Container) -> Fact:
    """`metrics`: what the exporter says; it asks the lookup service itself, for three seconds."""
    argv = docker.inside(c, "curl", "-sk", "-m", "12", METRICS)
    return Fact("metrics", argv, metrics, timeout=15)


def metrics(code: int, text: str) -> Metrics:
    """Its lines are NAME{KEY="VALUE",...} NUMBER."""
    rows = re.findall(r"^perfsonar_(\w+)\{(.*)\} ([0-9.]+)$", text, re.M) if code == 0 else []
    values = {name: (_keys(keys), float(number)) for name, keys, number in rows}
    bundle, _ = values.get("bundle", ({}, 0))
    _, registered = values.get("host_registered", ({}, None))
    return Metrics(
        version=bundle.get("version", ""),
        registered="" if registered is None else "yes" if registered else "no",
        tasks=_tasks(rows),
    )


def _tasks(rows: Sequence[tuple[str, str, str]]) -> str:
    """The sum over its sources; what stands there by URL is the same once more."""
    counts = [
        float(number)
        for name, keys, number in rows
        if name == "psconfig_pscheduler_tasks" and "url" not in _keys(keys)
    ]
    return str(int(sum(counts))) if counts else ""


def _keys(text: str) -> Mapping[str, str]:
    return dict(re.findall(r'(\w+)="([^"]*)"', text))
