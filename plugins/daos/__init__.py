"""DAOS in containers: base, server, agent, client and admin.

Source: "DAOS in Docker" of the DAOS project, utils/docker/examples.
"""

from fairlead.api import Sequence, System

from .site import Daos

# Engines stop by dmg before their servers do: those that stop one by one are taken for dead by the
# others. Source: "Shutdown" in DAOS' administration guide.

# Everything is built while everything runs. Then clients and agents stop, all servers stop, and
# all come back as the new version.
UPGRADE = Sequence(
    before=(
        ("server", "upgradable"),
        ("base", "build"),
        ("server", "build"),
        ("agent", "build"),
        ("client", "build"),
        ("admin", "build"),
    ),
    then=(
        *(("client", "stop"), ("agent", "stop"), ("admin", "system_stop"), ("server", "stop")),
        *(("server", "upgrade"), ("agent", "upgrade"), ("client", "upgrade"), ("admin", "upgrade")),
    ),
    back=(("server", "start"), ("admin", "system_start"), ("agent", "start"), ("client", "start")),
)
DOWN = Sequence(
    then=(
        *(("client", "down"), ("agent", "down"), ("admin", "system_stop"), ("server", "down")),
        ("admin", "down"),
    ),
    whole=False,
)
STOP = Sequence(
    then=(("client", "stop"), ("agent", "stop"), ("admin", "system_stop"), ("server", "stop")),
    whole=False,
)

system = System(
    name="daos",
    root=True,
    about="DAOS: object storage in containers, from certificates to a mounted file system",
    section=Daos,
    components=("base", "server", "agent", "client", "admin"),
    tools=("pool",),
    sequences={"upgrade": UPGRADE, "down": DOWN, "stop": STOP},
)
