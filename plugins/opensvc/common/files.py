"""A service as the agent's file: one typed service, two grammars. What a grammar has no word for is an error, never left out.

`env`: the 2014 agent's NAME.env. `conf`: what the agents 2.1 and 3 both read. The agents only warn of a word that they do not know and start
without it; hence the tables: a field of the site that has no entry here is refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from fairlead.api import SiteError

from ..site import Service

GRAMMARS: Mapping[str, str] = {"legacy": "env", "2.1": "conf", "3": "conf"}
AGENTS: Mapping[str, str] = {"legacy": "the 2014 agent", "2.1": "agent 2.1", "3": "agent 3"}
OURS = frozenset(
    {"pull", "load", "healthy", "patience", "stop_patience", "run_image"}
)  # what the agent need not know

# kind of a resource -> its title in the file; field of the site -> word of the file, in the order of the document
TITLES: Mapping[str, Mapping[str, str]] = {
    "env": {"container": "container", "ip": "ip", "disk": "vg", "fs": "fs"},
    "conf": {"container": "container", "ip": "ip", "disk": "disk", "fs": "fs"},
}
_NET = {"dev": "ipdev", "name": "ipname", "netmask": "netmask"}
_FS = {"options": "mnt_opt", "mnt": "mnt", "dev": "dev", "type": "type"}
WORDS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "env": {
        "DEFAULT": {
            word: word
            for word in ("autostart_node", "app", "service_type", "nodes", "docker_data_dir")
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
        },
        "ip": _NET,
        "disk": {"kind": "type", "vg": "name"},
        "fs": _FS,
    },
}
COMMENTS = {"legacy": (" ;",), "2.1": (" ;",), "3": (" ;", " #")}


class Unsayable(SiteError):
    """A value of the site that this generation's file cannot hold. `path`: its keys below the section."""

    def __init__(self, path: tuple[str | int, ...], what: str, remedy: str):
        self.path = path
        where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
        super().__init__(f"opensvc{where}", what, remedy)


def rid(generation: str, kind: str, number: int) -> str:
    """The agent's name of a resource: disk 1 is vg#1 in 2014, disk#1 today."""
    return f"{TITLES[GRAMMARS[generation]][kind]}#{number}"


def resources(service: Service, generation: str) -> dict[str, tuple[str, ...]]:
    """Kind -> the agent's names of what the service has of it, in the order of a start."""
    parts = {
        "disk": service.disks,
        "fs": service.fs,
        "ip": service.ip,
        "container": service.containers,
    }
    return {
        kind: tuple(rid(generation, kind, number) for number, _ in enumerate(items, 1))
        for kind, items in parts.items()
    }


def render(name: str, service: Service, generation: str) -> str:
    """The file, sections and words in the document's order; the same service gives the same text. Raises Unsayable."""
    return "\n".join(
        f"[{title}]\n" + "".join(f"{word} = {value}\n" for word, value in words)
        for title, words in sections(name, service, generation)
    )


def sections(
    name: str, service: Service, generation: str
) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """(title, words with their values) of each section. Raises Unsayable."""
    _engine(name, service, generation)
    yield (
        "DEFAULT",
        tuple(_words("DEFAULT", _head(service, generation), generation, ("services", name))),
    )
    for kind, key in (("container", "containers"), ("ip", "ip"), ("disk", "disks"), ("fs", "fs")):
        for number, part in enumerate(getattr(service, key), 1):
            found = _words(
                kind, _said(kind, part, generation), generation, ("services", name, key, number - 1)
            )
            yield rid(generation, kind, number), tuple(found)


def _engine(name: str, service: Service, generation: str) -> None:
    if generation == "3" and service.docker_data_dir:
        at = ("services", name, "docker_data_dir")
        raise Unsayable(
            at,
            "agent 3 gives a service no engine of its own",
            "take it away: its containers run in the node's engine; or keep agent 2.1",
        )
    if generation == "legacy" and service.containers and not service.docker_data_dir:
        at = ("services", name)
        raise Unsayable(
            at,
            "the 2014 agent runs containers in the service's own engine only",
            "add docker_data_dir",
        )


def _head(service: Service, generation: str) -> dict[str, str]:
    """The fields of [DEFAULT]. Today's agents start it at boot on the first of the nodes that is there, where orchestrate says so."""
    first = service.autostart_node
    fields = {
        key: value
        for key in ("app", "service_type", "docker_data_dir")
        if (value := getattr(service, key))
    }
    if GRAMMARS[generation] == "env":
        return {"autostart_node": first, "nodes": " ".join(service.nodes), **fields}
    ordered = [node for node in (first, *service.nodes) if node]
    return {
        "orchestrate": "start" if first else "no",
        "nodes": " ".join(dict.fromkeys(ordered)),
        **fields,
    }


def _said(kind: str, part: Any, generation: str) -> dict[str, str]:
    """The fields of a resource. A container of 2014 has the engine's own network; today's agents give it none unless they are told."""
    fields = {key: value for key, value in msgspec.structs.asdict(part).items() if key not in OURS}
    is_conf = GRAMMARS[generation] == "conf"
    if kind == "container":
        fields["kind"] = "docker"
        if (
            is_conf
            and not part.netns
            and not re.search(r"(?:^|\s)--net(?:work)?(?:[= ]|$)", part.run_args)
        ):
            fields["run_args"] = f"{part.run_args} --net=bridge".strip()
    return fields | ({"kind": "vg"} if is_conf and kind == "disk" else {})


def _words(
    kind: str, fields: Mapping[str, str], generation: str, path: tuple[str | int, ...]
) -> Iterator[tuple[str, str]]:
    known = WORDS[GRAMMARS[generation]][kind]
    for field, value in fields.items():
        if value and field not in known:
            raise Unsayable(
                (*path, field),
                f"{AGENTS[generation]} has no word for it",
                "write it as an option in run_args, or take it away",
            )
        _check(value, generation, (*path, field))
    yield from ((word, fields[field]) for field, word in known.items() if fields.get(field))


def _check(value: str, generation: str, path: tuple[str | int, ...]) -> None:
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
    """A file of the agent as section -> word -> value, without the `id` that agents add; comments, blanks and order do not count."""
    found: dict[str, dict[str, str]] = {}
    section = ""
    for line in map(str.strip, content.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif "=" in line and not line.startswith(("#", ";")):
            word, _, value = line.partition("=")
            if (section, word.strip()) != ("DEFAULT", "id"):
                found.setdefault(section, {})[word.strip()] = value.strip()
    return found


def changed(before: str, after: str) -> Iterable[str]:
    """The titles of the sections that differ."""
    old, new = read(before), read(after)
    return sorted(title for title in {*old, *new} if old.get(title) != new.get(title))
