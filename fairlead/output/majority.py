"""What most hosts have, and which have something else."""

from collections import Counter
from collections.abc import Iterable, Mapping

from fairlead.model.plan import Noun
from fairlead.model.results import HostResult
from fairlead.output.fields import component_of, field_texts
from fairlead.output.folding import grouped, impersonal, nodes
from fairlead.output.states import is_bad

VERSIONS = ("image", "version", "release", "digest")  # a field with such a word tells a version


class Comparison(Noun):
    """A field of a component over its hosts. `common` "": no value is on more than half of them.

    `others`: node set and value of the hosts that have something else.
    """

    component: str
    field: str
    common: str
    number: int
    hosts: str
    others: tuple[tuple[str, str], ...]


def is_version(field: str) -> bool:
    return any(word in field.lower() for word in VERSIONS)


def version_of(row: HostResult) -> str:
    """What a status says of the version, of several fields the first; an image without its path."""
    texts = dict(field_texts(row.fields.items(), width=1))
    version = next((text for name, text in texts.items() if is_version(name)), "")
    return version.rpartition("/")[2]


def comparisons(rows: Iterable[HostResult]) -> list[Comparison]:
    """Of each component the fields that tell versions, and those in which some hosts stand alone
    against the majority.
    """
    compared: list[Comparison] = []
    for group in grouped(rows, component_of):
        texts = {row.host: _texts(row) for row in group}
        names: dict[str, None] = {}
        for of_host in texts.values():
            names |= dict.fromkeys(of_host)
        for name in names:
            values = {host: own[name] for host, own in texts.items() if name in own}
            comparison = _comparison(component_of(group[0]), name, values)
            if is_version(name) or (comparison.common and comparison.others):
                compared.append(comparison)
    return compared


def _texts(row: HostResult) -> Mapping[str, str]:
    """The fields of one line; what is the host's own name or address is the same everywhere."""
    texts = dict(field_texts(row.fields.items(), width=1))
    return {name: impersonal(text, row.host) for name, text in texts.items() if "\n" not in text}


def _comparison(
    component: str,
    field: str,
    values: Mapping[str, str],
) -> Comparison:
    counts = Counter(values.values())
    value, number = counts.most_common(1)[0]
    if number * 2 <= len(values):
        value = ""
    hosts = [host for host, own in values.items() if own == value]
    differing = [pair for pair in values.items() if pair[1] != value]
    groups = grouped(differing, lambda pair: pair[1])
    others = [(nodes(host for host, _ in group), group[0][1]) for group in groups]
    return Comparison(
        component,
        field,
        value,
        len(hosts),
        nodes(hosts),
        tuple(others),
    )


def counts_of_states(rows: Iterable[HostResult]) -> Mapping[str, int]:
    """How many rows there are of each state, what is bad first."""
    counts = Counter(row.state for row in rows)
    return dict(sorted(counts.items(), key=lambda pair: (not is_bad(pair[0]), pair[0])))
