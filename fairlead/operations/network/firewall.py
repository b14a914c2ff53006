"""Rules of a firewall that name an interface: which of them do not mean the same once a bridge has
its address.

A packet that came by eth0 comes by br0 then. A rule that no longer meets it, or now does, is told;
where that could open what was closed it is dangerous. Sources: iptables(8), iptables-extensions(8),
nft(8).
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from fairlead.model.plan import Noun

CLOSES = frozenset({"DROP", "REJECT", "TARPIT", "drop", "reject"})
OPENS = frozenset({"ACCEPT", "accept"})
# Tables that iptables keeps in nft, where iptables-save has told of them already
_OF_IPTABLES = re.compile(r"table ip6? (filter|nat|mangle|raw|security) ")
_OF_FIREWALLD = re.compile(r"table \w+ firewalld ")
_NFT_NAME = re.compile(
    r'\b[io]if(?:name)? (?P<how>!= |vmap )?(?P<value>"[^"]*"|\{[^}]*\}|@[\w.-]+)'
)
_NFT_VERDICT = re.compile(r"\b(?:accept|drop|reject|return|jump [\w.-]+|goto [\w.-]+)")


class Rule(Noun):
    """A rule that does not mean the same for the bridge; `opens`: it could open what was closed."""

    text: str
    opens: bool


def of_iptables(
    lines: Iterable[str],
    port: str,
    bridge: str,
) -> Iterator[Rule]:
    """Lines "FAMILY TABLE LINE" with all chains and rules, as iptables-save prints them."""
    rows = [tuple(line.split(" ", 2)) for line in lines]
    tables: dict[tuple[str, str], list[list[str]]] = {}
    for family, table, text in (row for row in rows if len(row) == 3):
        if text.startswith("-A "):
            tables.setdefault((family, table), []).append(_words(text))
    for (family, table), rules in tables.items():
        verdicts = _verdicts((words[1], target) for words in rules for target in _targets(words))
        for words in rules:
            before, after = _is_met(words, port), _is_met(words, bridge)
            is_told = before != after and _names(words, port)
            if is_told and not (before and _for_bridge(words, bridge) in rules):
                table_flag = f" -t {table}" if table != "filter" else ""
                text = f"{family}{table_flag} {shlex.join(words)}"
                yield Rule(text, _is_dangerous(set(_targets(words)), verdicts, lost=before))


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a comment with a lonely quote
        return text.split()


def _targets(words: list[str]) -> Iterator[str]:
    for flag, target in pairwise(words):
        if flag in ("-j", "-g"):
            yield target


def _is_met(
    words: list[str],
    name: str,
) -> bool:
    """Does a packet of this interface meet what the rule says of interfaces?"""
    for number, flag in enumerate(words[:-1]):
        if flag in ("-i", "-o"):
            pattern = words[number + 1]
            is_not = number > 0 and words[number - 1] == "!"
            if _is_like(name, pattern, "+") == is_not:
                return False
    return True


def _names(
    words: list[str],
    name: str,
) -> bool:
    """Does the rule speak of this interface? One of the bridge alone means what it says."""
    pairs = pairwise(words)
    return any(flag in ("-i", "-o") and _is_like(name, word, "+") for flag, word in pairs)


def _for_bridge(
    words: list[str],
    bridge: str,
) -> list[str]:
    """The same rule for the bridge: where it is there too, nothing is lost."""
    pairs = zip(("", *words), words, strict=False)
    return [bridge if flag in ("-i", "-o") else word for flag, word in pairs]


def _is_like(
    name: str,
    pattern: str,
    star: str,
) -> bool:
    """A pattern may end in a star: what begins so."""
    if pattern.endswith(star):
        return name.startswith(pattern[: -len(star)])
    return name == pattern


def _verdicts(
    targets: Iterable[tuple[str, str]],
) -> Mapping[str, set[str]]:
    """chain -> whatever its rules, and the chains that they go on to, may end in."""
    verdicts: dict[str, set[str]] = {}
    for chain, target in targets:
        verdicts.setdefault(chain, set()).add(target)
    is_new = True
    while is_new:
        is_new = False
        for chain, ends in verdicts.items():
            more = ends.union(*(verdicts.get(end, set()) for end in ends))
            is_new = is_new or more != ends
            verdicts[chain] = more
    return verdicts


def _is_dangerous(
    targets: set[str],
    verdicts: Mapping[str, set[str]],
    *,
    lost: bool,
) -> bool:
    """Could it open what was closed: a rule that closes and is met no more, or one that opens and
    is met now? One that goes back to the chain before is taken for both.
    """
    ends = targets.union(*(verdicts.get(target, set()) for target in targets))
    return bool(ends & (CLOSES if lost else OPENS) or targets & {"RETURN", "return"})


# nft


def of_nft(
    lines: Iterable[str],
    port: str,
    bridge: str,
    skips_iptables: bool,
) -> Iterator[Rule]:
    """The lines of `nft list ruleset`; tables that firewalld makes anew by itself are passed over,
    and those of iptables where it was asked itself.
    """
    rules, sets = _read(lines, skips_iptables)
    verdicts = _verdicts((chain, end) for chain, text in rules for end in _ends(text))
    for chain, text in rules:
        before, after = _meets(text, port, sets), _meets(text, bridge, sets)
        twin = (chain, re.sub(f'"{re.escape(port)}"', f'"{bridge}"', text))
        is_told = before != after and _speaks_of(text, port, sets)
        if is_told and not (before and twin != (chain, text) and twin in rules):
            ends = set(_ends(before or after))
            yield Rule(f"nft {chain}: {text}", _is_dangerous(ends, verdicts, lost=bool(before)))


def _read(
    lines: Iterable[str],
    skips_iptables: bool,
) -> tuple[list[tuple[str, str]], dict[str, set[str]]]:
    """(chain, rule) of all chains, and the sets of names."""
    rules: list[tuple[str, str]] = []
    sets: dict[str, set[str]] = {}
    is_skipped, block = False, ("", "")
    for line in (line.strip() for line in _joined(lines)):
        if line.startswith("table "):
            is_iptables = skips_iptables and bool(_OF_IPTABLES.match(line))
            is_skipped = is_iptables or bool(_OF_FIREWALLD.match(line))
        elif re.match(r"(chain|set|map) \S+ \{$", line):
            kind, name = line.split()[:2]
            block = (kind, name)
        elif is_skipped or line == "}":
            continue
        elif block[0] == "chain":
            if not line.startswith("type "):  # hook and policy: a device there stays what it is
                rules.append((block[1], line))
        elif line.startswith("elements = "):
            sets[f"@{block[1]}"] = set(re.findall(r'"([^"]*)"', line))
    return rules, sets


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """A list of elements may go over several lines; what people wrote behind a rule is left out."""
    text = re.sub(r' comment "[^"]*"', "", "\n".join(lines))
    return iter(re.sub(r"elements = \{[^}]*\}", _in_one_line, text).split("\n"))


def _in_one_line(match: re.Match[str]) -> str:
    return " ".join(match[0].split())


def _ends(text: str) -> Iterator[str]:
    """How a rule may end: a verdict, or the chain that it goes on to."""
    yield from (verdict.split()[-1] for verdict in _NFT_VERDICT.findall(text))


def _meets(
    text: str,
    name: str,
    sets: Mapping[str, set[str]],
) -> str:
    """What of the rule a packet of this interface meets; "": nothing."""
    matches = [*_NFT_NAME.finditer(text)]
    if not matches:  # a concatenation, say: whoever is named in it
        return text if f'"{name}"' in text else ""
    for match in matches:
        how, value = match["how"] or "", match["value"]
        if how == "vmap ":
            return _of_map(value, name)
        names = sets.get(value, set()) if value[0] == "@" else set(re.findall(r'"([^"]*)"', value))
        if any(_is_like(name, pattern, "*") for pattern in names) == (how == "!= "):
            return ""
    return text


def _speaks_of(
    text: str,
    name: str,
    sets: Mapping[str, set[str]],
) -> bool:
    """Is the interface named in the rule, or in a set that the rule names?"""
    used = (names for key, names in sets.items() if re.search(rf"{re.escape(key)}\b", text))
    names = set(re.findall(r'"([^"]*)"', text)).union(*used)
    return any(_is_like(name, pattern, "*") for pattern in names)


def _of_map(
    value: str,
    name: str,
) -> str:
    """The verdict of a verdict map for this interface."""
    for element in value.strip("{} ").split(","):
        pattern, _, verdict = element.partition(":")
        if _is_like(name, pattern.strip(' "'), "*"):
            return verdict
    return ""
