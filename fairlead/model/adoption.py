"""What runs on a host already, and the section of a site that a system proposes for it."""

from collections.abc import Mapping
from typing import Any

from fairlead.model.plan import Noun


class RunningContainer(Noun, kw_only=True):
    """A container as its engine tells of it, whether it runs or is stopped.

    `image`: the name that it was started by. `options`: flags of `docker run`, --FLAG=VALUE each,
    without what an engine gives by itself. `variables`: the names of those that its image does not
    give it; their values stay on the host. `lost`: what it was started with that no flag of its
    successor can be. `units`: files of systemd that start it. `autoremove`: was it started with
    --rm?
    """

    name: str
    engine: str
    image: str
    running: bool = True
    ours: bool = False
    hostname: str = ""
    network: str = ""
    policy: str = ""
    command: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
    lost: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    autoremove: bool = False

    @property
    def repository(self) -> str:
        """Its image without tag and digest; Docker Hub's by its short name."""
        path, slash, name = self.image.partition("@")[0].rpartition("/")
        bare = f"{path}{slash}{name.partition(':')[0]}"
        return bare.removeprefix("docker.io/").removeprefix("library/")

    @property
    def tag(self) -> str:
        """The tag of its image; "" where the name has none."""
        return self.image.partition("@")[0].rpartition("/")[2].partition(":")[2]

    @property
    def compose(self) -> str:
        """The compose files that it was started from; "" where it was not."""
        files = self.labels.get("com.docker.compose.project.config_files", "")
        return files or self.labels.get("com.docker.compose.project", "")

    def values(self, flag: str) -> tuple[str, ...]:
        """Those of a flag, such as --volume."""
        start = f"{flag}="
        return tuple(word.removeprefix(start) for word in self.options if word.startswith(start))


class HostReport(Noun, kw_only=True):
    """What runs on a host. `evidence`: what a system's own probes brought, by their names."""

    host: str
    containers: tuple[RunningContainer, ...] = ()
    evidence: Mapping[str, Any] = {}


class Proposal(Noun, kw_only=True):
    """The section of a system for one host.

    `section`: as a site file has it; each of its maps that is of this host has its name under
    `hosts`. `remarks`: sentences on what it could not express, or what becomes otherwise.
    `containers`: the names of those that it is of. `components`: those that are there, where the
    plan shall be of them alone; (): of the whole system.
    """

    section: Mapping[str, Any]
    remarks: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
