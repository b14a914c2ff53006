"""The lines of the document that are said inside: daos, dfuse, fio, dmg; every flag as it stands there."""

from fairlead.api import Argv

QUERY: Argv = ("dmg", "system", "query", "--verbose")
POOLS: Argv = ("dmg", "pool", "list")
FORMAT: Argv = ("dmg", "storage", "format")
FIO: Argv = (
    *(
        "fio",
        "--name=random-write",
        "--ioengine=pvsync",
        "--rw=randwrite",
        "--bs=4k",
        "--size=128M",
        "--nrfiles=4",
        "--numjobs=8",
    ),
    *(
        "--iodepth=16",
        "--runtime=60",
        "--time_based",
        "--direct=1",
        "--buffered=0",
        "--randrepeat=0",
        "--norandommap",
        "--refill_buffers",
    ),
    "--group_reporting",
)
# MOUNT-POINT LINE ; LINE ...: says and runs each line, a word `;` between them; a line behind `unless` answers whether the next one is needed.
# What was mounted is unmounted, however it ends; what was mounted before is somebody else's and stays. For bash, the entry point of every image.
RUN = """mount=$1 line=() there=; shift
if mountpoint -q "$mount"; then echo "$mount is mounted already: wait for whoever uses it, or umount it, then call again" >&2; exit 1; fi
trap 'if mountpoint -q "$mount"; then fusermount3 -u "$mount" || umount "$mount"; fi' EXIT
trap 'exit 130' INT TERM
for word in "$@" ';'; do
  if [[ $word != ';' ]]; then line+=("$word"); continue; fi
  if [[ ! ${line[0]} ]]; then continue
  elif [[ ${line[0]} == unless ]]; then "${line[@]:1}" >/dev/null 2>&1 && there=1
  elif [[ $there ]]; then there=
  else printf '$ %s\\n' "${line[*]}" >&2; "${line[@]}" || exit
  fi
  line=()
done"""


def autotest(pool: str) -> Argv:
    return ("daos", "pool", "autotest", pool)


def home(user: str) -> str:
    """Where the document mounts."""
    return f"/home/{user}/mnt"


def recipe(user: str, pool: str, container: str) -> Argv:
    """The document's use of fio, from an empty directory to the measurement."""
    mount = home(user)
    parts = (
        ("mkdir", "-p", mount),
        ("unless", "daos", "container", "query", pool, container),
        ("daos", "container", "create", "--type=posix", pool, container),
        ("dfuse", f"--mountpoint={mount}", f"--pool={pool}", f"--container={container}"),
        ("df", "--human-readable", "--type=fuse.daos"),
        (*FIO, f"--directory={mount}"),
    )
    return ("bash", "-c", RUN, "recipe", mount, *(word for part in parts for word in (*part, ";")))


def pool_query(name: str) -> Argv:
    return ("dmg", "pool", "query", name)


def pool_create(name: str, size: str, user: str, group: str) -> Argv:
    return ("dmg", "pool", "create", f"--size={size}", f"--user={user}", f"--group={group}", name)


def pool_destroy(name: str) -> Argv:
    return ("dmg", "pool", "destroy", "--recursive", name)
