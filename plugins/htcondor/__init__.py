"""HTCondor: a startd is drained before its host is changed, and takes jobs again after."""

from fairlead.api import System

system = System(
    name="htcondor",
    about="HTCondor: execute nodes are drained around changes",
    section="site.HTCondor",
    components=("node",),
)
wrappers = ("drain",)
