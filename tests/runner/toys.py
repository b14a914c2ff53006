"""Verbs of toy systems, and what they have left on the hosts."""

from pathlib import Path

from fairlead.model.plan import Step
from fairlead.remote import transaction
from tests.driver import Driver


def makes(folder: Path, name: str = "made", **more):
    """A verb that makes a file of each host's own."""

    def verb(ask):
        path = str(folder / f"{ask.target.component}-{name}-{ask.target.host}")
        return [
            Step(
                **{
                    "name": name,
                    "unless": ("test", "-e", path),
                    "do": ("touch", path),
                    "undo": ("rm", "-f", path),
                }
                | more
            )
        ]

    return verb


def fails_on(host: str, seconds: float = 0):
    def verb(ask):
        bad = ask.target.host == host
        return [
            Step(
                name="work",
                do=(
                    "sh",
                    "-c",
                    "sleep $1; echo oh no; exit $2",
                    "_",
                    str(seconds),
                    "4" if bad else "0",
                ),
                undo=("true",),
            )
        ]

    return verb


def made_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if "made" in path.name)


def leases_of(driver: Driver) -> dict[str, list[str]]:
    return {
        name: list(transaction.runs(machine.connect())[1])
        for name, machine in driver.machines.items()
        if name != "local" and not machine.dead
    }


NO_LEASES = {"n1": [], "n2": [], "n3": []}


def says(log: Path, *words) -> tuple:
    return ("sh", "-c", 'f=$1; shift; echo "$*" >>"$f"', "_", str(log), *words)


def lines(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []
