"""DAOS in containers: base, server, agent, client and admin.

Source: "DAOS in Docker" of the DAOS project, utils/docker/examples.
"""

from fairlead.api import Sequence, System

from .site import Daos

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
        *(("client", "stop"), ("agent", "stop"), ("server", "stop")),
        *(("server", "upgrade"), ("agent", "upgrade"), ("client", "upgrade"), ("admin", "upgrade")),
    ),
    back=(("server", "start"), ("agent", "start"), ("client", "start")),
)

system = System(
    name="daos",
    root=True,
    about="DAOS: object storage in containers, from certificates to a mounted file system",
    section=Daos,
    components=("base", "server", "agent", "client", "admin"),
    tools=("pool",),
    sequences={"upgrade": UPGRADE},
)
