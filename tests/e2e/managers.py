"""Stand-in packages of Confluent and xCAT, and the hosts that build images of them."""

from typing import Any

from tests.e2e.depot import Depot
from tests.e2e.ground import clear, sh, under
from tests.e2e.rocky import FILES, signed

OLDER = FILES.parent / "standins/xcat/rootfs"  # programs that the packages have from there
PROGRAMS = (
    *("ask", "lsdef", "lsxcatd", "mkdef"),
    *("chtab", "dumpxCATdb", "tabdump", "tabrestore", "xcatd"),
)
TABLES = ("nodelist.csv", "passwd.csv", "site.csv")


def repository(depot: Depot) -> dict[str, Any]:
    """The key `sources` of a recipe: the packages, with their key."""
    shelf = depot.folder / "managers"
    if not shelf.exists():
        programs = [next(OLDER.glob(f"opt/xcat/*/{name}")) for name in PROGRAMS]
        tables = [OLDER / "etc/xcat" / name for name in TABLES]
        files = ("/bin/busybox", *map(str, (*programs, *tables)))
        shelf.symlink_to(signed("managers", FILES / "managers", *files))
    url = f"{depot.url}/managers"
    return {"managers": {"url": url, "key": f"{url}/RPM-GPG-KEY"}}


def prepare(*hosts: str) -> None:
    """Hosts without images and state, whose dnf is a Debian's: its rpm has to be told where trees
    keep their database."""
    clear(*hosts)
    runc = (sh.folder / "runc.sh").read_text("utf-8")
    for host in hosts:
        under(host, sh.text("managers_prepare"), runc)


def leave(*hosts: str) -> None:
    """Nothing of it stays."""
    for host in hosts:
        under(host, sh.text("managers_leave"))
