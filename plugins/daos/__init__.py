"""DAOS in containers: base, server, agent, client and admin. Source: "DAOS in Docker" of the DAOS project, utils/docker/examples."""

from fairlead.plan import System

from .site import Daos

system = System(
    name="daos",
    about="DAOS: object storage in containers, from certificates to a mounted file system",
    section=Daos,
    components=("base", "server", "agent", "client", "admin"),
    tools=("pool",),
)
