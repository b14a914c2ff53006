"""A lab: several real hosts on this one Linux machine, to try the other systems on."""

from fairlead.api import System

system = System(
    name="lab",
    about="Real hosts on this machine, with sshd and an engine each, to try everything on",
    section="site.Lab",
    components=("host",),
    runs_on="local",
    apart="root",
)
