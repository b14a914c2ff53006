"""perfSONAR test points in containers. Source: "Using perfSONAR with Docker" of the perfSONAR
project."""

from fairlead.api import System

system = System(
    name="perfsonar",
    root=True,
    about="perfSONAR test points: network measurement between sites",
    section="site.PerfSonar",
    components=("testpoint",),
    adopts="adopts",
    tools=("psconfig",),
)
