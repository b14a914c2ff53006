"""A section that is to be filled in: what must be said is there, the rest is true once it is."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from fairlead.contract.loader import Plugins
from fairlead.inventory import draft, site
from fairlead.inventory.types import NodeSet, OneHost
from fairlead.model.plan import Noun, System

TOGETHER = "hosts: {n1: {}, n2: {}, n3: {}}\n"


class Inner(Noun):
    hosts: Annotated[NodeSet, Meta(description="where\n  it runs")] = ""
    level: Annotated[Literal["low", "high"], Meta(description="how much")] = "low"


class Section(Noun):
    server: Annotated[Inner, Meta(description="the servers")] = Inner()
    other: Annotated[Inner | None, Meta(description="what no component is")] = None
    leader: Annotated[OneHost, Meta(description="who leads")] = ""
    words: Annotated[tuple[str, ...], Meta(description="words")] = ("a", "22:30")
    texts: Annotated[dict[str, str], Meta(description="more")] = {}


def test_a_draft_has_what_must_be_said_and_the_rest_as_remarks():
    system = System(name="toy", about="a toy", section=Section, components=("server",))
    assert draft.of("n[2-3]").of_system(system).splitlines() == [
        "toy:                            # a toy",
        "  server:                       # the servers",
        '    hosts: "n[2-3]"             # where it runs',
        "    # level: low                # low | high: how much",
        "  # other:                      # what no component is",
        "  #   hosts:                    # where it runs",
        "  #   level: low                # low | high: how much",
        "  # leader:                     # who leads",
        '  # words: [a, "22:30"]         # words',
        "  # texts:                      # more",
    ]


def test_where_one_host_is_wanted_it_has_the_first():
    class Single(Noun):
        hosts: Annotated[OneHost, Meta(description="which")]

    system = System(name="toy", about="a toy", section=Single, components=("server",))
    assert draft.of("n[2-3]").of_system(system).splitlines()[1].split("#")[0].strip() == "hosts: n2"


def loaded(text: str, plugins: Plugins, folder: Path) -> site.Site:
    path = folder / "s.yml"
    path.write_text(text)
    return site.load(path, plugins.systems, plugins.settings())


def test_the_hosts_of_a_draft_are_hosts_with_their_defaults(tmp_path, plugins):
    text = draft.of("n[1-3],ps1").of_hosts()
    assert loaded(text, plugins, tmp_path).hosts == (
        loaded("hosts: {'n[1-3],ps1': {}}", plugins, tmp_path).hosts
    )


@pytest.mark.parametrize(
    "name", ["confluent", "daos", "lab", "opensvc", "perfsonar", "triumf", "xcat"]
)
def test_a_remark_that_becomes_a_key_says_what_was_so_anyhow(name, tmp_path, plugins):
    text = TOGETHER + draft.of("n[1-3]").of_system(plugins.systems[name])
    section = loaded(text, plugins, tmp_path).sections[name]
    lines = text.splitlines(keepends=True)
    remarks = [n for n, line in enumerate(lines) if re.match(r" +# \w+: \S", line)]
    told = {n for n in remarks if not lines[n].split(":", 1)[1].lstrip().startswith("#")}
    assert told or name in ("opensvc", "triumf")  # whose keys are maps
    for number in told:
        line = lines[number].replace("# ", "", 1)
        changed = "".join([*lines[:number], line, *lines[number + 1 :]])
        assert loaded(changed, plugins, tmp_path).sections[name] == section, line


def test_every_system_there_is_can_be_drafted_into_one_site(tmp_path, plugins):
    drafts = map(draft.of("n[1-3]").of_system, plugins.systems.values())
    sections = loaded(TOGETHER + "".join(drafts), plugins, tmp_path).sections
    assert list(sections) == list(plugins.systems)


def test_every_key_of_a_section_stands_in_its_draft(plugins):
    for system in plugins.systems.values():
        text = draft.of("n1").of_system(system)
        assert keys(system.section_type) - set(re.findall(r"(\w+):", text)) == set()


def keys(section: Any) -> set[str]:
    from fairlead.inventory import kinds

    return set(kinds.fields(section))
