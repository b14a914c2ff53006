"""xCAT: what lsdef and nodels print. A group of the nodes is a group."""

import re
from collections.abc import Iterator, Mapping

from fairlead.api import Inventory, SiteError, SourceAccess, SourceHost, hookimpl

from .common import Groups, RemoteSettings, command, expanded

LSDEF = ("lsdef", "-t", "node", "-i", "groups,ip")
_STANZA = re.compile(r"(?:Object name: *)?([A-Za-z0-9][A-Za-z0-9_.-]*):?(?: +\(node\))?")
_ATTRIBUTE = re.compile(r"\s+([A-Za-z][\w.]*)=(.*)")
_TABLE = re.compile(r"([A-Za-z0-9][\w.-]*): (?:(groups|ip):\s*)?([\w.,:-]*)")


class Settings(RemoteSettings, kw_only=True, forbid_unknown_fields=True):
    """Where lsdef is run."""


@hookimpl
def read_inventory(access: SourceAccess) -> Inventory:
    argv = command(LSDEF, access.settings.through)
    text = access.read(access.file) if access.file else access.run(argv)
    groups, hosts = Groups(), dict[str, SourceHost]()
    for name, attributes in _nodes(text, access.file or "lsdef").items():
        if attributes.get("objtype", "node") != "node":
            continue
        expanded(name, name)
        address = attributes.get("ip", "")
        hosts[name] = SourceHost(name=name, address=address)
        for group in filter(None, re.split(r"[, ]+", attributes.get("groups", ""))):
            groups.add(group, name)
    if not hosts:
        remedy = "give what `lsdef -t node -l` prints"
        raise SiteError(access.file or "lsdef", "names no node", remedy)
    return Inventory(hosts=tuple(hosts.values()), groups=groups.node_sets, remarks=groups.remarks)


def _nodes(text: str, where: str) -> Mapping[str, Mapping[str, str]]:
    """Node -> attribute -> value, of any of the forms."""
    nodes: dict[str, dict[str, str]] = {}
    for name, key, value in _attributes(text, where):
        node = nodes.setdefault(name, {})
        if key:
            node[key] = value
    return nodes


def _attributes(text: str, where: str) -> Iterator[tuple[str, str, str]]:
    """(node, attribute, value); a node alone has the attribute "".

    `lsdef -l` and `lsdef -z` print a head and indented attributes, `lsdef` names with their type,
    `nodels` names, `nodels all groups` and `nodels all groups ip` a node and a value in a line.
    """
    node = ""
    for number, line in enumerate(text.splitlines(), 1):
        attribute, table, stanza = (p.fullmatch(line.rstrip()) for p in _PATTERNS)
        if not line.strip() or line.startswith("#"):
            continue
        if attribute and node:
            yield node, attribute[1], attribute[2].strip().strip('"')
        elif table and not line.startswith("Object name"):
            yield table[1], table[2] or "groups", table[3].strip()
        elif stanza:
            node = stanza[1]
            yield node, "", ""
        else:
            what = f"{line.strip()[:40]!r} is no line of lsdef or nodels"
            raise SiteError(f"{where}:{number}", what, "give what `lsdef -t node -l` prints")


_PATTERNS = (_ATTRIBUTE, _TABLE, _STANZA)
