"""DAOS in containers: base, server, agent, client and admin.

Source: "DAOS in Docker" of the DAOS project, utils/docker/examples.
"""

from fairlead.api import Sequence, System

# Engines stop by dmg before their servers do: those that stop one by one are taken for dead by the
# others. Source: "Shutdown" in DAOS' administration guide.

# The order, the questions before and after it: docs/admin/stopping-daos.md and starting-daos.md of
# DAOS, at df309c0400.
STOPPED = (
    ("client", "stop"),
    ("admin", "evict"),
    ("agent", "stop"),
    ("admin", "system_stop"),
    ("server", "stop"),
)
BACK = (("server", "start"), ("admin", "system_start"), ("agent", "start"), ("client", "start"))
JOINED = ("admin", "joined")

# Everything is built while everything runs. Then clients and agents stop, all servers stop, and
# all come back as the new version.
UPGRADE = Sequence(
    before=(
        ("server", "upgradable"),
        ("admin", "upgradable"),
        ("base", "build"),
        ("server", "build"),
        ("agent", "build"),
        ("client", "build"),
        ("admin", "build"),
    ),
    then=(
        *STOPPED,
        *(("server", "upgrade"), ("admin", "upgrade"), JOINED),
        *(("agent", "upgrade"), ("client", "upgrade"), ("client", "answers")),
    ),
    back=BACK,
    gate=JOINED,
)
ROLLBACK = Sequence(
    before=(("server", "returnable"), ("admin", "returnable")),
    then=(
        *STOPPED,
        *(("server", "rollback"), ("admin", "rollback"), JOINED),
        *(("agent", "rollback"), ("client", "rollback"), ("client", "answers")),
    ),
    back=BACK,
)
DOWN = Sequence(
    then=(
        *(("client", "down"), ("admin", "evict"), ("agent", "down")),
        *(("admin", "system_stop"), ("server", "down"), ("admin", "down")),
    ),
    whole=False,
)
STOP = Sequence(then=STOPPED, whole=False)

system = System(
    name="daos",
    root=True,
    about="DAOS: object storage in containers, from certificates to a mounted file system",
    section="site.Daos",
    adopts="adopts",
    components=("base", "server", "agent", "client", "admin"),
    tools=("pool", "spdk"),
    sequences={"upgrade": UPGRADE, "rollback": ROLLBACK, "down": DOWN, "stop": STOP},
)
