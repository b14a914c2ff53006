"""The command lines of the document that run inside the containers: daos, dfuse, fio and dmg.

Every flag is as it stands there.
"""

from fairlead.api import Argv, script

sh = script.beside(__file__)

QUERY: Argv = ("dmg", "system", "query", "--verbose")
POOLS: Argv = ("dmg", "pool", "list")
FORMAT: Argv = ("dmg", "storage", "format")
FIO: Argv = (
    *("fio", "--name=random-write", "--ioengine=pvsync", "--rw=randwrite", "--bs=4k"),
    *("--size=128M", "--nrfiles=4", "--numjobs=8", "--iodepth=16", "--runtime=60"),
    *("--time_based", "--direct=1", "--buffered=0", "--randrepeat=0", "--norandommap"),
    *("--refill_buffers", "--group_reporting"),
)


def autotest(pool: str) -> Argv:
    """DAOS's own test of a pool."""
    return ("daos", "pool", "autotest", pool)


def mount_point(user: str) -> str:
    """Where the document mounts."""
    return f"/home/{user}/mnt"


def fio_recipe(user: str, pool: str, container: str) -> Argv:
    """The document's use of fio, from an empty directory to the measurement.

    It runs in bash, the entry point of every image; fio_recipe.sh says how it reads its words.
    """
    mount = mount_point(user)
    lines: tuple[Argv, ...] = (
        ("mkdir", "-p", mount),
        ("unless", "daos", "container", "query", pool, container),
        ("daos", "container", "create", "--type=posix", pool, container),
        ("dfuse", f"--mountpoint={mount}", f"--pool={pool}", f"--container={container}"),
        ("df", "--human-readable", "--type=fuse.daos"),
        (*FIO, f"--directory={mount}"),
    )
    words = [word for line in lines for word in (*line, ";")]
    return ("bash", "-c", sh.text("fio_recipe"), "recipe", mount, *words)


def pool_query(name: str) -> Argv:
    """What is in a pool, and how it is."""
    return ("dmg", "pool", "query", name)


def pool_create(name: str, size: str, user: str, group: str) -> Argv:
    """A new pool; `size` as dmg takes it: 100% or 2TB."""
    return ("dmg", "pool", "create", f"--size={size}", f"--user={user}", f"--group={group}", name)


def pool_destroy(name: str) -> Argv:
    """A pool away, with all that is in it."""
    return ("dmg", "pool", "destroy", "--recursive", name)
