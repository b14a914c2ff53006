"""The command lines of the document that run inside the containers: daos, dfuse, fio and dmg.

Every flag is as it stands there.
"""

from fairlead.api import script

Words = tuple[str, ...]

sh = script.beside(__file__)

QUERY: Words = ("dmg", "system", "query", "--verbose")
POOLS: Words = ("dmg", "pool", "list")
FORMAT: Words = ("dmg", "storage", "format")
FIO: Words = (
    *("fio", "--name=random-write", "--ioengine=pvsync", "--rw=randwrite", "--bs=4k"),
    *("--size=128M", "--nrfiles=4", "--numjobs=8", "--iodepth=16", "--runtime=60"),
    *("--time_based", "--direct=1", "--buffered=0", "--randrepeat=0", "--norandommap"),
    *("--refill_buffers", "--group_reporting"),
)


STATES: Words = ("dmg", "--json", "system", "query")
LAYOUTS: Words = ("dmg", "--json", "pool", "list")


def in_bash(name: str, *words: str) -> Words:
    """A program of shell/ inside an image: its entry point is bash, which no host has to have."""
    return ("bash", "-c", sh.text(name), name, *words)


def system(word: str) -> Words:
    """`dmg system stop` or `start`: the engines of all servers."""
    return ("dmg", "system", word)


def autotest(pool: str) -> Words:
    """DAOS's own test of a pool."""
    return ("daos", "pool", "autotest", pool)


def mount_point(user: str) -> str:
    """Where the document mounts."""
    return f"/home/{user}/mnt"


def fio_recipe(user: str, pool: str, container: str) -> Words:
    """The document's use of fio, from an empty directory to the measurement.

    It runs in bash, the entry point of every image; fio_recipe.sh says how it reads its words.
    """
    mount, is_there = mount_point(user), ("daos", "container", "query", pool, container)
    lines: tuple[Words, ...] = (
        ("mkdir", "-p", mount),
        ("unless", *is_there),
        ("daos", "container", "create", "--type=posix", pool, container),
        ("or", *is_there),  # two hosts begin at once: one of them makes it
        ("dfuse", f"--mountpoint={mount}", f"--pool={pool}", f"--container={container}"),
        ("df", "--human-readable", "--type=fuse.daos"),
        (*FIO, f"--directory={mount}"),
    )
    words = [word for line in lines for word in (*line, ";")]
    return ("bash", "-c", sh.text("fio_recipe"), "recipe", mount, *words)


def pool_query(name: str) -> Words:
    """What is in a pool, and how it is."""
    return ("dmg", "pool", "query", name)


def pool_create(name: str, size: str, user: str, group: str) -> Words:
    """A new pool; `size` as dmg takes it: 100% or 2TB."""
    return ("dmg", "pool", "create", f"--size={size}", f"--user={user}", f"--group={group}", name)


def pool_destroy(name: str) -> Words:
    """A pool away, with all that is in it."""
    return ("dmg", "pool", "destroy", "--recursive", name)
