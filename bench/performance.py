"""All figures of docs/performance.md, in one run: what an operator waits for, beside what he might
use instead.

    ./inv bench [--quick] [--large]
    python -m bench.performance [--quick] [--large] [--page FILE] [--only PART...]

Fetches the peers once, by pip, into a folder outside the tree. Needs root on Linux.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from bench import hosts, jobs, peers, report, startup, unchanged
from bench.jobs import Job
from bench.measuring import Bench, Cost, least
from bench.report import Table, Target, ratio
from fairlead.inventory.site import Ssh
from tests import sshd

ROOT = hosts.ROOT
PAGE = ROOT / "docs/performance.md"
LINES, KEYS = 65_000, 200  # of the known_hosts of a facility
SLOW = ("Ansible", 16)  # is measured up to so many hosts, unless --large
BY_TREE = re.compile(r"^(\w+) +([0-9.]+) s, processor +([0-9.]+) s", re.MULTILINE)
Costs = dict[str, Cost]


class Run:
    """What one run has measured."""

    def __init__(self, bench: Bench, options: argparse.Namespace):
        self.bench, self.options = bench, options
        self.tables: list[Table] = []
        self.targets: list[Target] = []
        self.remarks: list[str] = []
        self.rounds = 1 if options.quick else 2
        self.cells: dict[tuple[int, int, int], Costs] = {}  # steps, hosts, delay

    def port(self, delay: int) -> int:
        self.bench.hosts.relay.delay = delay / 1000
        return self.bench.hosts.far if delay else self.bench.hosts.near

    def costs(self, of_peers: dict[str, Callable[[int], Cost]]) -> Costs:
        """All in turn."""
        took: dict[str, list[Cost]] = {name: [] for name in of_peers}
        for turn in range(self.rounds):
            for name, call in of_peers.items():
                if turn == 0 or name != SLOW[0]:
                    took[name].append(call(turn))
        return {name: least(costs) for name, costs in took.items()}

    def call(self, name: str, job: Job, turn: int, *, there: bool = False) -> Cost:
        bench = self.bench
        more: dict[str, str] = {}
        if name == "Ansible":
            key = f"{job.name}{job.count}{job.port}{turn}"
            more = peers.ansible_environment(bench.folder, job.port, key)
        return bench.cost(peers.ALL[name](bench.folder, bench.hosts, job), more, there=there)

    def table(self, title: str, about: str, columns: Sequence[str], rows: object) -> None:
        table = Table(title, about, tuple(columns), tuple(rows))  # type: ignore[arg-type]
        self.tables.append(table)
        print(report._table(table), flush=True)


# the parts


def start_up(run: Run) -> None:
    """`inv --list` beside programs that list less."""
    times = startup.measure(4 if run.options.quick else 10, others(run.bench.folder))
    rows = []
    for name, calls in times.items():
        values = [min(getattr(call, clock) for call in calls) for clock in ("processor", "wall")]
        base = [min(getattr(c, k) for c in times[startup.BARE_CALL]) for k in ("processor", "wall")]
        cells = (ratio(v * 1000, b * 1000, " ms", 0) for v, b in zip(values, base, strict=True))
        rows.append((name, tuple(cells)))
    for name in (startup.PLAIN, startup.OURS):
        value = startup.ratio(times, name, "processor")
        run.targets.append(Target(f"`{name}`, times bare Invoke", value, startup.LIMIT))
    about = "A list of what can be done: bare Invoke, make and just have one task."
    run.table("Start-up", about, ("processor", "clock"), rows)


def others(folder: Path) -> dict[str, tuple[list[str], Path]]:
    """make and just, with one task."""
    (folder / "Makefile").write_text("hello:\n\t@true\n")
    (folder / "justfile").write_text("hello:\n    @true\n")
    calls = {
        "make -n": [peers.program("make"), "-n"],
        "just --list": [peers.program("just"), "--list"],
    }
    return {name: (words, folder) for name, words in calls.items() if words[0]}


def nothing_to_do(run: Run) -> None:
    """An unchanged job of five and ten steps."""
    quick, large = run.options.quick, run.options.large
    counts = (1, 16) if quick else (1, 16, 64, 256) if large else (1, 16, 64)
    delays = (0, 50) if quick else (0, 50, 150)
    for steps in (5, 10):
        columns, of_peers = [], dict[str, list[str]]()
        for count in counts if steps == 5 else (16,):
            for delay in delays:
                costs = run.cells[steps, count, delay] = _cell(run, steps, count, delay)
                columns.append(f"{count} host{'s' * (count > 1)}, {delay} ms")
                for name in peers.installed():
                    cost = costs.get(name)
                    cell = ratio(cost.seconds, costs["OpenSSH"].seconds) if cost else "-"
                    of_peers.setdefault(name, []).append(cell)
        rows = [(name, tuple(cells)) for name, cells in of_peers.items()]
        about = f"{steps} steps that find everything as it should be; latency of a round trip."
        run.table(f"Nothing to do: {steps} steps", about, columns, rows)
    _targets_of_many(run)


def _cell(run: Run, steps: int, count: int, delay: int) -> Costs:
    job = jobs.unchanged(steps, count, run.port(delay))
    most = count if run.options.large else SLOW[1]
    names = [name for name in peers.installed() if name != SLOW[0] or count <= most]
    return run.costs({name: partial(run.call, name, job) for name in names})


def _targets_of_many(run: Run) -> None:
    cell = run.cells.get((5, 64, 0), {})
    for name in ("OpenSSH", "pyinfra"):
        if "fairlead" in cell and name in cell:
            value = cell["fairlead"].seconds / cell[name].seconds
            run.targets.append(Target(f"64 hosts, times {name}", value, 1))
    most = run.cells.get((5, 256, 0))
    if most:
        value = most["fairlead"].seconds / cell["fairlead"].seconds
        run.targets.append(Target("256 hosts, times 64", value, 4.4))
        run.targets.append(Target("memory at 256 hosts", most["fairlead"].memory, 150, " MB"))


def four_hosts(run: Run) -> None:
    """Four hosts at 50 ms beside one OpenSSH connect-and-exec."""
    job = jobs.unchanged(5, 4, run.port(50))
    names = ("OpenSSH", "fairlead")
    costs = run.costs({name: partial(run.call, name, job) for name in names})
    value = costs["fairlead"].seconds / costs["OpenSSH"].seconds
    run.targets.append(Target("4 hosts at 50 ms, times OpenSSH", value, 1.2))


def round_trips(run: Run) -> None:
    """Slopes, on one host."""
    run.port(50)
    job = jobs.unchanged(5, 1, run.bench.hosts.far)
    calls = {name: partial(run.call, name, job, 0) for name in ("OpenSSH", "fairlead")}
    if "keep" in Ssh.__struct_fields__:
        kept = Job(job.name, job.folders, 1, job.port, extra=(("keep", 60),))
        calls["fairlead, kept connection"] = partial(run.call, "fairlead", kept, 0)
        calls["fairlead, kept connection"]()
    slopes = run.bench.slopes(calls, run.rounds + 2)
    base = slopes["OpenSSH"]
    rows = [(name, (ratio(trips, base, "", 1),)) for name, trips in slopes.items()]
    run.targets.append(Target("round trips of an unchanged `up`", slopes["fairlead"], 10))
    if len(slopes) > 2:
        value = slopes["fairlead, kept connection"]
        run.targets.append(Target("round trips over a kept connection", value, 3))
    about = "Seconds that a second of latency costs, on one host: five steps with nothing to do."
    run.table("Round trips", about, ("round trips",), rows)


def processor(run: Run) -> None:
    """Processor time for each host, there and here, and memory here."""
    count = 16
    job = jobs.unchanged(5, count, run.port(0))
    calls = {name: partial(run.call, name, job, there=True) for name in peers.installed()}
    bench = run.bench
    only_true = peers.openssh_true(bench.folder, bench.hosts, job)
    bare = {"ssh HOST true": lambda turn: bench.cost(only_true, there=True)}
    costs = run.costs(bare | calls)
    base = costs["ssh HOST true"]
    rows = []
    for name, c in costs.items():
        each = ((c.there, base.there), (c.here, base.here))
        there, here = (ratio(v / count * 1000, b / count * 1000, " ms", 0) for v, b in each)
        # the connections that it keeps end later
        rows.append((name, ("-" if name == SLOW[0] else there, here, f"{c.memory:.0f} MB")))
    more = (costs["fairlead"].there - base.there) / count * 1000
    run.targets.append(Target("a host's processor, more than `ssh HOST true`", more, 30, " ms"))
    big = run.call("fairlead", jobs.unchanged(5, 64, run.port(0)), 0)
    small = run.call("fairlead", jobs.unchanged(5, 1, run.port(0)), 0)
    slope = (big.here - small.here) / 63 * 1000
    run.targets.append(Target("controller's processor for a host more", slope, 15, " ms"))
    about = f"Of five steps with nothing to do, on {count} hosts at 0 ms; for each host."
    run.table(
        "Processor time and memory", about, ("host", "controller", "memory of the controller"), rows
    )


def long_known_hosts(run: Run) -> None:
    """A known_hosts of a facility."""
    folder = run.bench.folder
    keys = [" ".join(sshd.public(sshd.keygen(folder / f"other{n}"))) for n in range(KEYS)]
    lines = (f"wn{n:05},10.9.{n // 256}.{n % 256} {keys[n % KEYS]}\n" for n in range(LINES))
    (folder / "long").write_text("".join(lines) + (folder / "known").read_text())
    count = 16 if run.options.quick else 64
    short = jobs.unchanged(5, count, run.port(0))
    long = Job(short.name, short.folders, count, short.port, known="long")
    calls = {
        "short": partial(run.call, "fairlead", short),
        "long": partial(run.call, "fairlead", long),
    }
    costs = run.costs(calls)
    seconds = costs["long"].seconds - costs["short"].seconds
    memory = costs["long"].memory - costs["short"].memory
    name = f"a known_hosts of {LINES:,} lines, {count} hosts"
    run.targets.append(Target(f"{name}: time", seconds, 0.3, " s"))
    run.targets.append(Target(f"{name}: memory", memory, 50, " MB"))


def something_to_do(run: Run) -> None:
    """Ten folders to be made, on 16 hosts at 50 ms."""
    port = run.port(50)

    def call(name: str, turn: int) -> Cost:
        return run.call(name, jobs.to_do(name, 10, 16, port, turn), turn)

    names = [name for name in ("fairlead", "pyinfra", "Ansible") if name in peers.installed()]
    costs = run.costs({name: partial(call, name) for name in names})
    ours = costs["fairlead"].seconds
    for name, limit in (("pyinfra", 3), ("Ansible", 8)):
        if name in costs:
            value = costs[name].seconds / ours
            title = f"ten steps to do, 16 hosts at 50 ms: times faster than {name}"
            run.targets.append(Target(title, value, limit, is_least=True))
    rows = [(name, (ratio(cost.seconds, ours),)) for name, cost in costs.items()]
    about = "Ten folders that are made, each a step, on 16 hosts at 50 ms."
    run.table("Something to do", about, ("time",), rows)


def with_engine(run: Run) -> None:
    """An unchanged perfSONAR `up` on three hosts of the lab, beside `ssh HOST docker ...`."""
    with unchanged.lab():
        for delay in (0, 50):
            times = unchanged.times(run.rounds, delay, run.bench.folder, only=("OpenSSH",))
            base = min(times["OpenSSH"])
            rows = [(name, (ratio(min(took), base),)) for name, took in times.items()]
            about = "Three hosts of the lab, each with an engine; OpenSSH asks only if it runs."
            run.table(f"perfSONAR, nothing to do, {delay} ms more", about, ("time",), rows)


def tree(run: Run) -> None:
    """512 hosts behind 8 gateways."""
    if not run.options.large:
        run.remarks.append("not measured in this run: hosts by tree, 256 and 1,000 hosts (--large)")
        return
    words = (sys.executable, str(ROOT / "bench/tree.py"), "512", "8", "1")
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    costs = {name: (float(took), float(used)) for name, took, used in BY_TREE.findall(done.stdout)}
    took, used = costs["flat"]
    rows = [
        (name, (ratio(there, used), ratio(late, took))) for name, (late, there) in costs.items()
    ]
    about = "512 hosts, each reached itself (flat), or behind 8 gateways of this machine (tree)."
    run.table("By tree", about, ("controller's processor", "clock"), rows)
    name = "512 hosts behind 8 gateways: controller's processor, times flat"
    run.targets.append(Target(name, costs["tree"][1] / used, 0.25))


PARTS = {
    part.__name__: part
    for part in (
        *(start_up, processor, round_trips, four_hosts, nothing_to_do),
        *(something_to_do, long_known_hosts, with_engine, tree),
    )
}


def parts(run: Run, options: argparse.Namespace) -> Iterator[Callable[[Run], None]]:
    for name, part in PARTS.items():
        if not options.only or name in options.only:
            yield part
        else:
            run.remarks.append(f"not measured in this run: {name.replace('_', ' ')}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer hosts, one round: 4 minutes")
    parser.add_argument("--large", action="store_true", help="256 hosts, and by tree")
    parser.add_argument("--page", type=Path, help="where it is written; default: docs, if all is")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="parts")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    peers.install()
    count = 256 if options.large else 64
    with tempfile.TemporaryDirectory() as temporary, hosts.fleet(Path(temporary), count) as fleet:
        folder = Path(temporary)
        jobs.repository(folder, fleet)
        run = Run(Bench(folder, fleet), options)
        for part in parts(run, options):
            part(run)
    text = report.page(run.tables, run.targets, peers.versions(), run.bench.loads, run.remarks)
    print(text)
    target = options.page or (None if options.only else PAGE)
    if target:
        target.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
