"""A service as the agent's file: one typed service, two grammars.

`env`: the 2014 agent's NAME.env. `conf`: what the agents 2.1 and 3 both read. The agents only warn
of a word that they do not know and start without it; hence the tables: a field of the site that
has no entry here is refused. What a grammar has no word for is an error, never left out.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fairlead.api import Noun, SiteError

from .sections import Service

Path = tuple[str | int, ...]  # the keys of a value below the section
Words = tuple[tuple[str, str], ...]  # words of a file with their values

GRAMMARS: Mapping[str, str] = {"legacy": "env", "2.1": "conf", "3": "conf"}
AGENTS: Mapping[str, str] = {"legacy": "the 2014 agent", "2.1": "agent 2.1", "3": "agent 3"}
OURS = frozenset(  # what the agent need not know
    {"pull", "load", "healthy", "patience", "stop_patience", "run_image"}
)

# kind of a resource -> its title in the file; field of the site -> word of the file, in the order
# of the document
TITLES: Mapping[str, Mapping[str, str]] = {
    "env": {"container": "container", "ip": "ip", "disk": "vg", "fs": "fs"},
    "conf": {"container": "container", "ip": "ip", "disk": "disk", "fs": "fs"},
}
KEYS = {"container": "containers", "ip": "ip", "disk": "disks", "fs": "fs"}  # of the site
_NET = {"dev": "ipdev", "name": "ipname", "netmask": "netmask"}
_FS = {"options": "mnt_opt", "mnt": "mnt", "dev": "dev", "type": "type"}
WORDS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "env": {
        "DEFAULT": {
            "autostart_node": "autostart_node",
            "app": "app",
            "service_type": "service_type",
            "nodes": "nodes",
            "docker_data_dir": "docker_data_dir",
        },
        "container": {
            "kind": "type",
            "image": "run_image",
            "command": "run_command",
            "run_args": "run_args",
        },
        "ip": _NET,
        "disk": {"vg": "vgname"},
        "fs": _FS,
    },
    "conf": {
        "DEFAULT": {
            "orchestrate": "orchestrate",
            "app": "app",
            "service_type": "env",
            "nodes": "nodes",
            "docker_data_dir": "container_data_dir",
        },
        "container": {
            "kind": "type",
            "image": "image",
            "command": "command",
            "run_args": "run_args",
            "netns": "netns",
            "tty": "tty",
            "interactive": "interactive",
        },
        "ip": _NET,
        "disk": {"kind": "type", "vg": "name"},
        "fs": _FS,
    },
}
_ALL = "take it away: there every container has a terminal and an open stdin"
UNSAYABLE: Mapping[str, str] = {"tty": _ALL, "interactive": _ALL}  # field -> remedy
COMMENTS: Mapping[str, tuple[str, ...]] = {"legacy": (" ;",), "2.1": (" ;",), "3": (" ;", " #")}
NETWORK = re.compile(r"(?:(?<=\s)|^)--net(?:work)?[= ]\s*(?=\S)")  # an option of docker run


class Unsayable(SiteError):
    """A value of the site that this generation's file cannot hold.

    `path`: its keys below the section.
    """

    def __init__(self, path: Path, what: str, remedy: str):
        self.path = path
        where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
        super().__init__(f"opensvc{where}", what, remedy)


class Section(Noun):
    """A section of the file."""

    title: str
    words: Words


def rid(generation: str, kind: str, number: int) -> str:
    """The agent's name of a resource: disk 1 is vg#1 in 2014, disk#1 today."""
    return f"{TITLES[GRAMMARS[generation]][kind]}#{number}"


def resources(service: Service, generation: str) -> dict[str, tuple[str, ...]]:
    """Kind -> the agent's names of what the service has of it, in the order of a start."""
    counts = {
        "disk": len(service.disks),
        "fs": len(service.fs),
        "ip": len(service.ip),
        "container": len(service.containers),
    }
    return {
        kind: tuple(rid(generation, kind, number) for number in range(1, count + 1))
        for kind, count in counts.items()
    }


def render(name: str, service: Service, generation: str) -> str:
    """The file, sections and words in the document's order.

    The same service gives the same text. Raises Unsayable.
    """
    return "\n".join(map(_text, sections(name, service, generation)))


def _text(section: Section) -> str:
    lines = [f"{word} = {value}\n" for word, value in section.words]
    return f"[{section.title}]\n{''.join(lines)}"


def sections(name: str, service: Service, generation: str) -> Iterator[Section]:
    """The sections of the file. Raises Unsayable."""
    _require_engine(name, service, generation)
    path: Path = ("services", name)
    yield Section("DEFAULT", _words("DEFAULT", _head(service, generation), generation, path))
    for kind, key in KEYS.items():
        for number, part in enumerate(getattr(service, key), 1):
            words = _words(
                kind, _fields(kind, part, generation), generation, (*path, key, number - 1)
            )
            yield Section(rid(generation, kind, number), words)


def _require_engine(name: str, service: Service, generation: str) -> None:
    """Raises Unsayable where the agent cannot run containers in the engine that the site says."""
    if generation == "3" and service.docker_data_dir:
        raise Unsayable(
            ("services", name, "docker_data_dir"),
            "agent 3 gives a service no engine of its own",
            "take it away: its containers run in the node's engine; or keep agent 2.1",
        )
    if generation == "legacy" and service.containers and not service.docker_data_dir:
        raise Unsayable(
            ("services", name),
            "the 2014 agent runs containers in the service's own engine only",
            "add docker_data_dir",
        )


def _head(service: Service, generation: str) -> dict[str, str]:
    """The fields of [DEFAULT].

    Today's agents start it at boot on the first of the nodes that is there, where orchestrate says
    so.
    """
    first = service.autostart_node
    keys = ("app", "service_type", "docker_data_dir")
    fields = {key: getattr(service, key) for key in keys if getattr(service, key)}
    if GRAMMARS[generation] == "env":
        return {"autostart_node": first, "nodes": " ".join(service.nodes), **fields}
    nodes = dict.fromkeys(node for node in (first, *service.nodes) if node)
    return {"orchestrate": "start" if first else "no", "nodes": " ".join(nodes), **fields}


def _fields(kind: str, part: msgspec.Struct, generation: str) -> dict[str, Any]:
    """The fields of a resource.

    A container of 2014 has the engine's own network; today's agents give it none unless they are
    told: 2.1 by --net, 3 by that as a word of its own.
    """
    values = msgspec.structs.asdict(part)
    fields = {key: value for key, value in values.items() if key not in OURS}
    is_conf = GRAMMARS[generation] == "conf"
    if kind == "disk" and is_conf:
        fields["kind"] = "vg"
    if kind == "container":
        fields["kind"] = "docker"
        fields |= _terminal(fields, is_conf)
        if is_conf:
            fields["run_args"] = _with_network(fields["run_args"], fields["netns"])
    return fields


def _with_network(run_args: str, netns: str) -> str:
    if not netns and not NETWORK.search(run_args):
        return f"{run_args} --net bridge".strip()
    return NETWORK.sub("--net ", run_args)


def _terminal(fields: Mapping[str, Any], is_conf: bool) -> dict[str, str]:
    """Terminal and stdin of a container: what differs from the agent's own default.

    The agent of 2014 gives both to all; today's give none unless they are told, and there a shell
    ends at once.
    """
    keys = ("tty", "interactive")
    return {key: str(fields[key]).lower() if fields[key] == is_conf else "" for key in keys}


def _words(kind: str, fields: Mapping[str, str], generation: str, path: Path) -> Words:
    """The words of a section, in the document's order. Raises Unsayable."""
    known = WORDS[GRAMMARS[generation]][kind]
    for field, value in fields.items():
        if value and field not in known:
            remedy = UNSAYABLE.get(field, "write it as an option in run_args, or take it away")
            raise Unsayable((*path, field), f"{AGENTS[generation]} has no word for it", remedy)
        _require_sayable(value, generation, (*path, field))
    if GRAMMARS[generation] == "env" and " " in fields.get("command", ""):
        raise Unsayable(
            (*path, "command"),
            "the 2014 agent hands it to the container as one word, blanks and all",
            "write one word: the image's own program or script",
        )
    return tuple((word, fields[field]) for field, word in known.items() if fields.get(field))


def _require_sayable(value: str, generation: str, path: Path) -> None:
    """Raises Unsayable where the agent would read a value as something else."""
    for mark in COMMENTS[generation]:
        if mark in value:
            raise Unsayable(
                path,
                f"{AGENTS[generation]} reads what follows {mark.strip()!r} as a comment",
                "write it without a blank before it",
            )
    if GRAMMARS[generation] == "conf" and re.search(r"\{|\$\(", value):
        raise Unsayable(
            path,
            f"{AGENTS[generation]} reads {{...}} and $(...) as references of its own",
            "put it into a script or a file of the image",
        )


# Comparing


def read(content: str) -> dict[str, dict[str, str]]:
    """A file of the agent as section -> word -> value, without the `id` that agents add.

    Comments, blanks and order do not count.
    """
    values: dict[str, dict[str, str]] = {}
    section = ""
    for line in map(str.strip, content.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif "=" in line and not line.startswith(("#", ";")):
            word, _, value = line.partition("=")
            if (section, word.strip()) != ("DEFAULT", "id"):
                values.setdefault(section, {})[word.strip()] = value.strip()
    return values


def changed(before: str, after: str) -> list[str]:
    """The titles of the sections that differ."""
    old, new = read(before), read(after)
    return sorted(title for title in {*old, *new} if old.get(title) != new.get(title))
