"""Slurm: a node of it is drained before its host is changed, and takes jobs again after."""

from fairlead.api import System

system = System(
    name="slurm",
    about="Slurm: nodes are drained around changes",
    section="site.Slurm",
    components=("node",),
)
wrappers = ("drain",)
