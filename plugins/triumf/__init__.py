"""A Tier-1's workers in containers.

Source: "Docker Implementation Version 2", TRIUMF ATLAS Tier-1, Denice Deatrich, 2017-03-27.
"""

from fairlead.api import System

ABOUT = "a Tier-1's worker nodes in containers: engines, a registry, images from nothing, workers"

system = System(
    name="triumf",
    root=True,
    about=ABOUT,
    section="site.Triumf",
    components=("engine", "registry", "trust", "image", "worker"),
    tools=("users",),
    adopts="adopts",
)
