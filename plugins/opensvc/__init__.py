"""Docker services under the OpenSVC agent.

Source: "Docker" of the OpenSVC documentation; agents of 2014, 2.1 and 3.
"""

from fairlead.api import System

system = System(
    name="opensvc",
    root=True,
    about="OpenSVC: services of containers, disks and addresses, run by the cluster agent",
    section="site.OpenSvc",
    components=("agent", "service"),
    adopts="adopts",
)
