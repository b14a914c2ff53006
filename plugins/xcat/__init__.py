"""xCAT's management node in a container. Source: "Run xCAT in Docker Container" of the xCAT
project."""

from fairlead.api import System

system = System(
    name="xcat",
    root=True,
    about="xCAT in a container: cluster management on a bridge of the host's own",
    section="site.XCat",
    components=("manager",),
    adopts="adopts",
)
