"""Services that an agent has already, as a section of a site: `inv adopt`.

A service is proposed only where the section says all of its file: else `up` would take from it what
the section has no word for.
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fairlead.api import Fact, HostReport, Noun, Proposal, SiteError, hookimpl, script

from .common import agents
from .common.sections import Service
from .common.service_file import GRAMMARS, KEYS, TITLES, WORDS, changed, read, render

sh = script.beside(agents.__file__)

SWITCHES = ("tty", "interactive")


class ServiceFile(Noun):
    """A file of the agent's."""

    generation: str
    name: str
    text: str


def _files(code: int, text: str) -> tuple[ServiceFile, ...]:
    """The lines of shell/service_files.sh. Raises ValueError."""
    if code:
        raise ValueError("it does not tell its services")
    rows = (line.split(" ") for line in text.splitlines())
    return tuple(
        ServiceFile(generation, name, b64decode(content).decode("utf-8", "replace"))
        for generation, name, content in rows
    )


PROBES = (Fact("opensvc services", sh("service_files"), _files),)


@hookimpl
def recognise(report: HostReport) -> Proposal | None:
    """The services that can run on a host, by the files of its agent."""
    files = report.evidence[PROBES[0].name]
    services: dict[str, Mapping[str, Any]] = {}
    remarks: list[str] = []
    for file in files:
        keys = _keys(file)
        problem = _problem(file, keys, report.host)
        if problem:
            remarks.append(f"the service {file.name} is left out: {problem}")
        else:
            services[file.name] = keys
    if not services and not remarks:
        return None
    names = tuple(c.name for c in report.containers if _is_of(c.name, services))
    section = {"services": services} if services else {}
    return Proposal(section=section, remarks=tuple(remarks), containers=names)


def _is_of(container: str, services: Mapping[str, Any]) -> bool:
    """Is it a container of a service's, by the names that the agents give?"""
    return any(container.startswith(f"{name}.container.") for name in services)


def _problem(file: ServiceFile, keys: Mapping[str, Any], host: str) -> str:
    """Why the section cannot have a service; "" where it says all of its file."""
    try:
        service = msgspec.convert(keys, Service)
        titles = changed(file.text, render(file.name, service, file.generation))
    except SiteError as error:
        return f"{error.what}; {error.remedy}"
    except msgspec.ValidationError as error:
        return str(error)
    if titles:
        return f"no key says all of [{'], ['.join(titles)}] in its file"
    if host not in service.nodes:
        nodes = " ".join(service.nodes)
        return f"its nodes are {nodes}, and the site calls this one {host}: they need one name"
    return ""


def _keys(file: ServiceFile) -> dict[str, Any]:
    """The service as a site has it, as far as there are words for it."""
    values, grammar = read(file.text), GRAMMARS[file.generation]
    keys = _head(values.get("DEFAULT", {}), grammar)
    for kind, key in KEYS.items():
        title = TITLES[grammar][kind]
        numbers = (f"{title}#{number}" for number in range(1, len(values) + 1))
        parts = [_resource(kind, values[rid], grammar) for rid in numbers if rid in values]
        if parts:
            keys[key] = parts
    return keys


def _head(words: Mapping[str, str], grammar: str) -> dict[str, Any]:
    """What [DEFAULT] says. Today's agents start it on the first of its nodes."""
    keys: dict[str, Any] = _fields("DEFAULT", words, grammar)
    nodes: Sequence[str] = keys.pop("nodes", "").split()
    if keys.pop("orchestrate", "") == "start":
        keys["autostart_node"] = nodes[0] if nodes else ""
    return {"nodes": nodes, **keys}


def _resource(kind: str, words: Mapping[str, str], grammar: str) -> dict[str, Any]:
    keys: dict[str, Any] = _fields(kind, words, grammar)
    keys.pop("kind", "")
    if kind == "container" and grammar == "conf":
        keys |= {name: False for name in SWITCHES if keys.pop(name, "false") != "true"}
    return keys


def _fields(kind: str, words: Mapping[str, str], grammar: str) -> dict[str, str]:
    """Field of the site -> value, of those that have one."""
    known = WORDS[grammar][kind]
    return {field: words[word] for field, word in known.items() if words.get(word)}
